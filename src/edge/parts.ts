/**
 * Parts of objects (edge contract 6.1): what an origin gave of an object is kept, and answers what lies
 * within; what is missing is fetched. Freshness belongs to the object: the newest part speaks for all.
 */
import { partKey, splitPartKey } from '../cache/cache-key.ts';
import { freshness } from '../cache/freshness.ts';
import type { StoredBody, StoredObject } from '../cache/stored-object.ts';
import { rangeStillApplies, validatorsOf } from '../http/conditionals.ts';
import { type HeaderList, headerValue, selectHeaders } from '../http/header-list.ts';
import { parseContentRange, type Part, resolveRanges } from '../http/ranges.ts';
import type { Exchange } from './exchange.ts';
import { isInvalidated } from './invalidated.ts';
import { hasConditions } from './origin-request.ts';
import {
  covering,
  longestAt,
  type Ordered,
  ordered,
  type PartIndex,
  type PartsOf,
} from './part-index.ts';
import { keyOf } from './routed.ts';
import { isWrittenSince } from './written.ts';

/** So many bytes are held at once for several ranges; one range takes part after part. */
const heldBytesMax = 16_777_216;

/** What a 206 tells of, where it can be joined with others: under a strong etag, or else a date. */
export function describePart(headers: HeaderList) {
  const range = parseContentRange(headerValue(headers, 'content-range') ?? '');
  const validator = joiningValidator(headers);
  if (range?.total === undefined || validator === undefined) return undefined;
  return { part: { start: range.start, end: range.end }, of: { validator, total: range.total } };
}

/** What parts of one object have in common; undefined where that cannot be told. */
export function joiningValidator(headers: HeaderList): string | undefined {
  const { etag, lastModified } = validatorsOf(headers);
  if (etag === undefined) return lastModified;
  return etag.startsWith('W/') ? undefined : etag;
}

/** A part that an earlier run has left on disk is found again. */
export function recallPart(
  index: PartIndex,
  { headers, key: keyOfPart }: Pick<StoredObject, 'headers' | 'key'>,
): void {
  const found = splitPartKey(keyOfPart);
  const validator = joiningValidator(headers);
  // One that came with a whole answer has the length of the whole.
  const total =
    parseContentRange(headerValue(headers, 'content-range') ?? '')?.total ??
    Number(headerValue(headers, 'content-length'));
  if (found === undefined || validator === undefined || !(total >= found.end)) return;
  const { end, key, start } = found;
  index.add(key, { start, end }, { validator, total });
}

/** One range of an object, or all of it, of which some parts are stored. */
export type Pieces = {
  readonly wanted: Part;
  /** Whether the viewer asked for a range. */
  readonly isRange: boolean;
  readonly of: Pick<PartsOf, 'validator' | 'total'>;
  /** As viewers get them, but for length and range. */
  readonly head: StoredObject;
  readonly isWhole: boolean;
};

export type FoundParts =
  /** An object that answers the ranges of the request, and may be asked for no other bytes. */
  | { readonly kind: 'held'; readonly object: StoredObject }
  | { readonly kind: 'pieces'; readonly pieces: Pieces };

export async function findParts(x: Exchange): Promise<FoundParts | undefined> {
  const key = keyOf(x);
  const known = x.edge.notes.parts.find(key);
  if (known === undefined || x.request.method !== 'GET') return undefined;
  const asked = resolveRanges(headerValue(x.request.headers, 'range'), known.total);
  if (asked.kind === 'unsatisfiable') return undefined;
  const head = await freshHead(x, key);
  if (head === undefined || !rangeStillApplies(x.request.headers, validatorsOf(head.headers))) {
    return undefined;
  }
  const { total, validator } = known;
  const headers = selectHeaders(
    head.headers,
    (name) => name !== 'content-range' && name !== 'content-length',
  );
  if (asked.kind === 'parts' && asked.parts.length > 1) {
    const object = await joined(x, key, { ...head, headers }, asked.parts);
    return object === undefined ? undefined : { kind: 'held', object };
  }
  const [range] = asked.kind === 'parts' ? asked.parts : [];
  const wanted = range ?? { start: 0, end: total };
  if (hasConditions(x.request.headers)) {
    const object = await joined(x, key, { ...head, headers }, [wanted]);
    return object === undefined ? undefined : { kind: 'held', object };
  }
  const isWhole = covering(known, wanted) !== undefined;
  // Where nothing at the start of it is held, the origin decides what it gives.
  if (!isWhole && longestAt(known, wanted.start) === undefined && range === undefined) {
    return undefined;
  }
  const pieces = {
    wanted,
    isRange: range !== undefined,
    of: { total, validator },
    head: { ...head, headers },
    isWhole,
  };
  return { kind: 'pieces', pieces };
}

/** The newest part that is still stored; undefined where none is, or it is no good any more. */
async function freshHead(x: Exchange, key: string): Promise<StoredObject | undefined> {
  for (;;) {
    const known = x.edge.notes.parts.find(key);
    const newest = known?.parts.includes(known.newest) ? known.newest : known?.parts.at(-1);
    if (newest === undefined) return undefined;
    const head = await x.edge.store.find(partKey(key, newest.start, newest.end));
    if (head === undefined) {
      x.edge.notes.parts.remove(key, newest);
      continue;
    }
    if (isInvalidated(x, head.fetchedAt) || isWrittenSince(x, head.aging.receivedAt)) {
      x.edge.notes.parts.drop(key);
      return undefined;
    }
    return freshness(head.aging, x.clock.now()) === 'fresh' ? head : undefined;
  }
}

async function joined(
  x: Exchange,
  key: string,
  head: StoredObject,
  wanted: readonly Part[],
): Promise<StoredObject | undefined> {
  const known = x.edge.notes.parts.find(key);
  const held = new Map<Part, StoredBody>();
  let bytes = 0;
  for (const one of wanted) {
    const chosen = known === undefined ? undefined : covering(known, one);
    if (chosen === undefined) return undefined;
    for (const part of chosen) {
      const body = await partBody(x, key, part);
      bytes += held.has(part) ? 0 : part.end - part.start;
      if (body === undefined || bytes > heldBytesMax) return undefined;
      held.set(part, body);
    }
  }
  const total = known?.total ?? 0;
  const headers = [...head.headers, 'Content-Length', String(total)];
  return { ...head, key, status: 200, headers, body: new JoinedBody(held, total) };
}

/** Undefined where it is stored no more, or may not be given out; then it is forgotten. */
export async function partBody(
  x: Exchange,
  key: string,
  part: Part,
): Promise<StoredBody | undefined> {
  const object = await x.edge.store.find(partKey(key, part.start, part.end));
  if (object?.body !== undefined && !isInvalidated(x, object.fetchedAt)) return object.body;
  x.edge.notes.parts.remove(key, part);
  return undefined;
}

class JoinedBody implements StoredBody {
  readonly length: number;
  readonly #held: ReadonlyMap<Part, StoredBody>;
  readonly #parts: Ordered;

  constructor(held: ReadonlyMap<Part, StoredBody>, length: number) {
    this.#held = held;
    this.#parts = ordered(held.keys());
    this.length = length;
  }

  async *read(start: number, end: number): AsyncIterable<Uint8Array> {
    let at = start;
    for (const part of covering(this.#parts, { start, end }) ?? []) {
      const body = this.#held.get(part);
      const from = Math.max(at, part.start);
      const to = Math.min(end, part.end);
      if (body === undefined) continue;
      yield* body.read(from - part.start, to - part.start);
      at = to;
    }
  }

  hold(): () => void {
    const letGo = [...this.#held.values()].map((body) => body.hold());
    return () => letGo.forEach((one) => one());
  }
}
