/**
 * Requests to a bucket in the name of an origin access identity or an origin access control (edge
 * contract 10.7, rules 19 to 21): signed with the keys that the operator gave for the identity. Where there are none the request
 * goes as it is, so that the store says what it thinks of it, and the operator is told once.
 *
 * Whoever asks speaks for himself only: what a viewer sent as `X-Amz-…` is left out of a signed
 * request, since a store takes every such field for the word of whose signature stands below it.
 * Conditions, ranges and all else go along unsigned.
 */
import type { Clock } from '../base/clock.ts';
import type { Recorder } from '../base/recorder.ts';
import { type HeaderList, headerValue, selectHeaders } from '../http/header-list.ts';
import { emptyPayloadHash, signV4 } from '../http/sigv4.ts';
import { regionOf } from './bucket-name.ts';
import type { IdentityCredentials } from './identity-credentials.ts';
import type { AskedOrigin } from './origin-specifics.ts';

export type IdentitySigningParts = {
  readonly credentials: readonly IdentityCredentials[];
  readonly clock: Clock;
  readonly recorder: Recorder;
};

/** What of a request is signed; `path` is what is sent, a base path of the store included. */
export type SignedParts = {
  readonly method: string;
  readonly path: string;
  readonly body?: object | undefined;
};

/** A body streams, so that its hash is not known before it is sent (10.7, rule 20). */
const unsignedPayload = 'UNSIGNED-PAYLOAD';

/** In whose name an origin is asked: of an access identity or an access control, or nobody's. */
export function signerOf({
  accessControl,
  kind,
  signing,
  ...origin
}: AskedOrigin): string | undefined {
  if (kind !== 's3') return undefined;
  if (signing !== undefined) return signing.signs === 'never' ? undefined : accessControl;
  return 'accessIdentity' in origin ? origin.accessIdentity : undefined;
}

/** The access control gives way to what the viewer says, where that goes to the origin (rule 19). */
function leavesToViewer({ signing }: AskedOrigin, headers: HeaderList): boolean {
  return signing?.signs === 'no-override' && headerValue(headers, 'authorization') !== undefined;
}

const usualRegion = 'us-east-1';
/** Past so many nobody is told of another one. */
const toldMax = 1_000;

export class IdentitySigning {
  readonly #clock: Clock;
  readonly #recorder: Recorder;
  readonly #byIdentity: ReadonlyMap<string, IdentityCredentials>;
  readonly #told = new Set<string>();

  constructor({ clock, credentials, recorder }: IdentitySigningParts) {
    this.#clock = clock;
    this.#recorder = recorder;
    this.#byIdentity = new Map(credentials.map((one) => [one.identity, one]));
  }

  /** `headers` begin with `Host`, and are all that is sent but for what is added here. */
  sign(origin: AskedOrigin, { body, method, path }: SignedParts, headers: HeaderList): HeaderList {
    const identity = signerOf(origin);
    if (identity === undefined || leavesToViewer(origin, headers)) return headers;
    const credentials = this.#byIdentity.get(identity);
    if (credentials === undefined) {
      this.#tell(identity, origin);
      return headers;
    }
    const sent = selectHeaders(headers, isOurs);
    const added = signV4({
      method,
      path,
      headers: selectHeaders(sent, (name) => signedFields.has(name)),
      payloadHash: body === undefined ? emptyPayloadHash : unsignedPayload,
      region: regionOf(origin.domainName.toLowerCase()) ?? credentials.region ?? usualRegion,
      service: 's3',
      keys: credentials.keys,
      at: this.#clock.now(),
    });
    return [...sent, ...added];
  }

  #tell(identity: string, { domainName }: AskedOrigin): void {
    if (this.#told.has(identity) || this.#told.size >= toldMax) return;
    this.#told.add(identity);
    this.#recorder.warn(
      { identity, origin: domainName },
      'requests to a bucket are not signed: --identity-credentials has no keys for its origin access identity or control',
    );
  }
}

const signedFields = new Set(['host', 'x-amz-cf-id']);

function isOurs(name: string): boolean {
  return name !== 'authorization' && (!name.startsWith('x-amz-') || name === 'x-amz-cf-id');
}
