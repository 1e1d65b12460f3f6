/**
 * Invalidations as the pipeline meets them (edge contract, section 12): what was fetched before a
 * batch was accepted is not given out once the edge has taken the batch, stored or just arriving.
 */
import assert from 'node:assert/strict';
import type { Revision } from '../base/log-record.ts';
import type { Exchange } from './exchange.ts';
import { routed } from './routed.ts';

/** So often is an answer thrown away that was out of date before it came. */
const fetchesMax = 10;

/** May what was fetched from position `fetchedAt` on not be given out any more? */
export function isInvalidated(x: Exchange, fetchedAt: Revision): boolean {
  const { defaultRootObject, invalidatedBy } = routed(x);
  const key = { path: x.path, query: x.keyedQuery };
  return x.edge.routing.invalidations.cover(invalidatedBy, key, defaultRootObject, fetchedAt);
}

/** A fetch begins: what it brings is as old as the position that is served now. */
export function beginFetch(x: Exchange): void {
  x.servedAt = x.edge.routing.revision;
  x.era = x.edge.notes.era;
  x.fetches += 1;
  x.shieldResult = undefined;
}

/** May what the last fetch has brought not be given out any more, since it began too early? */
export function isOvertaken(x: Exchange): boolean {
  assert(x.servedAt !== undefined, 'beginFetch comes before isOvertaken');
  return x.era !== x.edge.notes.era || isInvalidated(x, x.servedAt);
}

/**
 * To be asked when an answer of the origin has come: undefined where it may be given out. A batch that
 * came meanwhile makes it an answer from before, so the origin is asked once more.
 */
export function refetch(x: Exchange): 'fetch' | 'refuse' | undefined {
  if (!isOvertaken(x)) return undefined;
  return x.fetches < fetchesMax
    ? x.go('fetch', 'invalidated while it was fetched')
    : x.refuse({ name: 'capacity' }, 'invalidated as often as it was fetched');
}
