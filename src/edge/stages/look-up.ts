/** lookUp: may what is held under this key be served without asking the origin? */
import { freshness, isCachingDisabled } from '../../cache/freshness.ts';
import type { StoredObject } from '../../cache/stored-object.ts';
import { validatorsOf } from '../../http/conditionals.ts';
import type { Exchange } from '../exchange.ts';
import { isInvalidated } from '../invalidated.ts';
import { keyOf, routed } from '../routed.ts';

type Exit = 'deliverStored' | 'revalidate' | 'fetch';

export function lookUp(x: Exchange): Exit | Promise<Exit> {
  if (isCachingDisabled(routed(x).behavior.ttl)) return x.go('fetch', 'caching is disabled');
  const found = x.edge.store.find(keyOf(x));
  return found instanceof Promise ? found.then((object) => judge(x, object)) : judge(x, found);
}

function judge(x: Exchange, object: StoredObject | undefined): Exit {
  if (object === undefined) return x.go('fetch', 'nothing stored');
  if (isInvalidated(x, object.fetchedAt)) {
    x.edge.store.drop(object.key);
    return x.go('fetch', 'invalidated');
  }
  if (object.body === undefined && x.request.method !== 'HEAD') {
    return x.go('fetch', 'stored without a body');
  }
  x.stored = object;
  if (freshness(object.aging, x.clock.now()) === 'fresh') {
    x.result = 'Hit';
    return x.go('deliverStored', 'fresh');
  }
  const { etag, lastModified } = validatorsOf(object.headers);
  return etag === undefined && lastModified === undefined
    ? x.go('fetch', 'stale, without validators')
    : x.go('revalidate', 'stale');
}
