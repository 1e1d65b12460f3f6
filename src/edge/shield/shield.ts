/**
 * Origin Shield (edge contract 10.6): one edge location that asks an origin for all others, so that
 * the origin is asked once for what many of them want. An edge asks the shield in HTTP, as a viewer
 * would, with a sealed note of who its viewer is; only the edges have the key, so nobody else is
 * taken for one of them. What comes back says how old it is, as a position of the log: an edge that
 * has taken an invalidation does not take from a shield what that had fetched before.
 *
 *   viewer ─► edge: all checks, cache ─┬─► shield: cache, collapsing, failover ─► origin
 *                                      └─► origin, where the shield is not to be had
 */
import { BoundedMap } from '../../base/bounded-map.ts';
import type { Clock } from '../../base/clock.ts';
import type { Randomness } from '../../base/randomness.ts';
import type { Recorder } from '../../base/recorder.ts';
import { seal, sealingKeyId, unseal } from '../../base/sealing.ts';
import { headerValue } from '../../http/header-list.ts';
import type { AskedOrigin } from '../../origin/origin-specifics.ts';
import type { ViewerRequest } from '../viewer.ts';

/** Of requests and of answers between edges. */
export const shieldField = 'warmfront-shield';

export type ShieldPlace = {
  /** The name of the edge location. */
  readonly edge: string;
  /** Where it answers viewers, without a slash at the end. */
  readonly url: string;
};

export type ShieldSettings = {
  /** 32 bytes that all edges share. */
  readonly key: Uint8Array;
  /** By the region that origins name. */
  readonly places: Readonly<Record<string, ShieldPlace>>;
};

export type ShieldParts = {
  readonly settings: ShieldSettings;
  /** The location that this is. */
  readonly edge: string;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly recorder: Recorder;
};

/** What a shield is told of the viewer, beside what stands in the request. */
export type ShieldNote = Pick<ViewerRequest, 'address' | 'httpVersion' | 'port' | 'scheme'> & {
  readonly requestId: string;
  /** What the behavior is to be told of the viewer, by the name of its field. */
  readonly facts: Readonly<Record<string, string>>;
};

/** A note is good for so long, before and after the moment it speaks of. */
const noteMsMax = 60_000;
const noteCharactersMax = 16_384;
/** A shield that could not be had is not asked for so long. */
const downMs = 10_000;

type Line = { readonly method: string; readonly host: string; readonly target: string };

export class Shield {
  readonly #parts: ShieldParts;
  readonly #downUntil = new BoundedMap<string, number>(100);

  constructor(parts: ShieldParts) {
    this.#parts = parts;
  }

  /** Undefined: the origin is asked from here. */
  placeFor({ shieldRegion }: AskedOrigin): ShieldPlace | undefined {
    const { clock, edge, settings } = this.#parts;
    if (shieldRegion === '' || !Object.hasOwn(settings.places, shieldRegion)) return undefined;
    const place = settings.places[shieldRegion];
    if (place === undefined || place.edge === edge) return undefined;
    const until = this.#downUntil.get(place.url);
    return until === undefined || clock.monotonicMs() >= until ? place : undefined;
  }

  /** For a while the origin is asked from here instead. */
  skip({ edge, url }: ShieldPlace, why: unknown): void {
    const { clock, recorder } = this.#parts;
    this.#downUntil.set(url, clock.monotonicMs() + downMs);
    recorder.warn({ shield: edge, url, why }, 'an origin shield is not to be had; it is skipped');
  }

  note(line: Line, note: ShieldNote): string {
    const { clock, randomness, settings } = this.#parts;
    const text = JSON.stringify({ ...note, at: clock.now() });
    return seal(settings.key, { text, context: contextOf(line) }, randomness).box;
  }

  /** Undefined: it is no request of an edge. */
  open({ headers, hostText, method, path, query }: ViewerRequest): ShieldNote | undefined {
    const { clock, settings } = this.#parts;
    const box = headerValue(headers, shieldField);
    if (box === undefined || box.length > noteCharactersMax) return undefined;
    const target = query === undefined ? path : `${path}?${query}`;
    const context = contextOf({ method, host: hostText, target });
    const opened = unseal(settings.key, { keyId: sealingKeyId(settings.key), box }, context);
    if (opened.kind !== 'open') return undefined;
    const { at, ...note }: ShieldNote & { readonly at: number } = JSON.parse(opened.text);
    return Math.abs(clock.now() - at) <= noteMsMax ? note : undefined;
  }
}

function contextOf({ host, method, target }: Line): string {
  return `origin shield\n${method}\n${host}\n${target}`;
}
