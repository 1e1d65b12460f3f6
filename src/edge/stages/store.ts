/**
 * store: is the origin's answer kept, and for how long (edge contract 5.1 to 5.4)? Nothing is in the
 * cache yet: a body is kept as it passes to the viewer, and counts once it is complete (5.10).
 */
import assert from 'node:assert/strict';
import { decideStoring } from '../../cache/storable.ts';
import { headerValue } from '../../http/header-list.ts';
import type { Exchange } from '../exchange.ts';
import { keyOf, routed } from '../routed.ts';

export function store(x: Exchange): 'deliver' {
  const { passing, servedAt } = x;
  assert(passing && servedAt !== undefined, 'fetch or revalidate comes before store');
  const { ttl } = routed(x).behavior;
  const { method } = x.request;
  const key = keyOf(x);
  const decision = decideStoring({ ...passing, method, ttl });
  if (x.stored !== undefined && replaces(passing.status)) x.edge.store.drop(key);
  if (decision.kind === 'pass') return x.go('deliver', `not stored: ${decision.why}`);

  const { aging, headers } = decision;
  const object = { key, status: passing.status, headers, aging, ttl, fetchedAt: servedAt };
  if (method === 'HEAD') {
    x.edge.store.put({ ...object, body: undefined });
    return x.go('deliver', 'stored, the head alone');
  }
  const length = headerValue(passing.headers, 'content-length');
  const filling = x.edge.store.fill(key, length === undefined ? undefined : Number(length));
  if (filling === undefined) return x.go('deliver', 'not stored: too large');
  passing.keeping = { filling, object };
  return x.go('deliver', 'stored when complete');
}

/** A stale object stays beside an error, but not beside a newer answer or the word that it is gone. */
function replaces(status: number): boolean {
  return (status < 400 && status !== 304 && status !== 206) || status === 404 || status === 410;
}
