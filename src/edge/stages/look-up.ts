/**
 * lookUp: may what is held under this key be served without asking the origin? In this order: the
 * object while it is fresh; an error that is remembered; the object while it may be stale; parts of
 * it that give what is asked for.
 */
import { errorKey, variantKey } from '../../cache/cache-key.ts';
import { freshness, isCachingDisabled } from '../../cache/freshness.ts';
import { mayServeWhileRevalidating } from '../../cache/stale.ts';
import type { StoredObject } from '../../cache/stored-object.ts';
import { isCachedMethod } from '../../model/behavior-rules.ts';
import type { Exchange } from '../exchange.ts';
import { recallFailure } from '../failing-origin.ts';
import { isInvalidated } from '../invalidated.ts';
import { findParts } from '../parts.ts';
import type { Reason } from '../reasons.ts';
import { behaviorOf, keyOf } from '../routed.ts';
import { isWrittenSince } from '../written.ts';

type Exit = 'deliverStored' | 'deliverPieces' | 'collapse' | 'fetch' | 'refuse';

/** `renew` begins to renew the object in the background, unless that is under way. */
export function lookUp(x: Exchange, renew: (x: Exchange) => void): Exit | Promise<Exit> {
  const { rules, ttl } = behaviorOf(x);
  if (!isCachedMethod(rules, x.request.method)) return x.go('fetch', 'an uncached method');
  if (isCachingDisabled(ttl)) return x.go('fetch', 'caching is disabled');
  x.lookUps += 1;
  x.stored = undefined;
  chooseVariant(x);
  const found = x.edge.store.find(keyOf(x));
  return found instanceof Promise
    ? found.then((object) => judge(x, object, renew))
    : judge(x, found, renew);
}

function chooseVariant(x: Exchange): void {
  if (!x.edge.standards) return;
  x.primaryKey ??= keyOf(x);
  const names = x.edge.notes.variants.get(x.primaryKey);
  if (names !== undefined) x.key = variantKey(x.primaryKey, names, x.request.headers);
}

function judge(
  x: Exchange,
  object: StoredObject | undefined,
  renew: (x: Exchange) => void,
): Exit | Promise<Exit> {
  const why = object === undefined ? 'nothing stored' : unusable(x, object);
  if (object !== undefined && why === undefined) {
    x.stored = object;
    if (freshness(object.aging, x.clock.now()) === 'fresh') {
      x.result = 'Hit';
      return x.go('deliverStored', 'fresh');
    }
  }
  return judgeOthers(x, why ?? 'stale', renew);
}

/** Why the object is none for this request. */
function unusable(x: Exchange, object: StoredObject): Reason | undefined {
  if (isInvalidated(x, object.fetchedAt)) {
    x.edge.store.drop(object.key);
    return 'invalidated';
  }
  if (isWrittenSince(x, object.aging.receivedAt)) {
    x.edge.store.drop(object.key);
    return 'written to';
  }
  return object.body === undefined && x.request.method !== 'HEAD'
    ? 'stored without a body'
    : undefined;
}

async function judgeOthers(x: Exchange, why: Reason, renew: (x: Exchange) => void): Promise<Exit> {
  const error = await x.edge.store.find(errorKey(keyOf(x)));
  if (
    error !== undefined &&
    unusable(x, error) === undefined &&
    freshness(error.aging, x.clock.now()) === 'fresh'
  ) {
    x.stored = error;
    x.result = 'Error';
    return x.go('deliverStored', 'an error, remembered');
  }
  const recalled = recallFailure(x);
  if (recalled !== undefined) return recalled;
  if (
    x.stored !== undefined &&
    mayServeWhileRevalidating(x.stored, x.clock.now(), x.edge.standards)
  ) {
    renew(x);
    x.result = 'Hit';
    return x.go('deliverStored', 'stale, renewed in the background');
  }
  if (x.stored === undefined) {
    const found = await findParts(x);
    if (found?.kind === 'held') {
      x.stored = found.object;
      x.result = 'Hit';
      return x.go('deliverStored', 'from stored parts');
    }
    if (found !== undefined) {
      x.pieces = found.pieces;
      return x.go('deliverPieces', 'parts are stored');
    }
  }
  return x.go('collapse', why);
}
