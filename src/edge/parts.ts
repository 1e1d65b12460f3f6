/**
 * Parts of objects (edge contract 6.1): what an origin gave of an object is kept, and answers ranges
 * that lie within what is held. Freshness belongs to the object: the newest part speaks for all.
 */
import { partKey } from '../cache/cache-key.ts';
import { freshness } from '../cache/freshness.ts';
import type { StoredBody, StoredObject } from '../cache/stored-object.ts';
import { rangeStillApplies, validatorsOf } from '../http/conditionals.ts';
import { type HeaderList, headerValue, selectHeaders } from '../http/header-list.ts';
import { parseContentRange, type Part, resolveRanges } from '../http/ranges.ts';
import type { Exchange } from './exchange.ts';
import { isInvalidated } from './invalidated.ts';
import { covering } from './part-index.ts';
import { keyOf } from './routed.ts';
import { isWrittenSince } from './written.ts';

/** What a 206 tells of, where it can be joined with others: under a strong etag, or else a date. */
export function describePart(headers: HeaderList) {
  const range = parseContentRange(headerValue(headers, 'content-range') ?? '');
  const { etag, lastModified } = validatorsOf(headers);
  const validator = etag === undefined ? lastModified : etag.startsWith('W/') ? undefined : etag;
  if (range?.total === undefined || validator === undefined) return undefined;
  return { part: { start: range.start, end: range.end }, of: { validator, total: range.total } };
}

/** An object that answers the ranges of the request, and may be asked for no other bytes. */
export async function findParts(x: Exchange): Promise<StoredObject | undefined> {
  const key = keyOf(x);
  const known = x.edge.notes.parts.find(key);
  if (known === undefined || x.request.method !== 'GET') return undefined;
  const asked = resolveRanges(headerValue(x.request.headers, 'range'), known.total);
  if (asked.kind !== 'parts') return undefined;
  const newest = known.parts.at(-1);
  const head = newest && (await x.edge.store.find(partKey(key, newest.start, newest.end)));
  if (
    head === undefined ||
    isInvalidated(x, head.fetchedAt) ||
    isWrittenSince(x, head.aging.receivedAt)
  ) {
    x.edge.notes.parts.drop(key);
    return undefined;
  }
  if (freshness(head.aging, x.clock.now()) !== 'fresh') return undefined;
  if (!rangeStillApplies(x.request.headers, validatorsOf(head.headers))) return undefined;

  const held = new Map<Part, StoredBody>();
  for (const wanted of asked.parts) {
    const chosen = covering(known.parts, wanted);
    if (chosen === undefined) return undefined;
    for (const part of chosen) {
      const object = await x.edge.store.find(partKey(key, part.start, part.end));
      if (object?.body === undefined || isInvalidated(x, object.fetchedAt)) return undefined;
      held.set(part, object.body);
    }
  }
  const headers = [
    ...selectHeaders(head.headers, (name) => name !== 'content-range' && name !== 'content-length'),
    'Content-Length',
    String(known.total),
  ];
  return { ...head, key, status: 200, headers, body: new JoinedBody(held, known.total) };
}

class JoinedBody implements StoredBody {
  readonly length: number;
  readonly #held: ReadonlyMap<Part, StoredBody>;

  constructor(held: ReadonlyMap<Part, StoredBody>, length: number) {
    this.#held = held;
    this.length = length;
  }

  async *read(start: number, end: number): AsyncIterable<Uint8Array> {
    let at = start;
    for (const part of covering([...this.#held.keys()], { start, end }) ?? []) {
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
