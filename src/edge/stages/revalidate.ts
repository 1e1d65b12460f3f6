/**
 * revalidate: does a stale object still stand (edge contract 5.5)? The question carries the object's
 * own validators and none of the viewer's conditions.
 */
import assert from 'node:assert/strict';
import { type Refreshed, refresh } from '../../cache/refresh.ts';
import type { StoredObject } from '../../cache/stored-object.ts';
import { validatorsOf } from '../../http/conditionals.ts';
import { weaklyEqual } from '../../http/etag.ts';
import { headerValue } from '../../http/header-list.ts';
import { askForObject } from '../ask-for-object.ts';
import type { Asked } from '../ask-origin.ts';
import type { Exchange } from '../exchange.ts';
import { keepUnshared, land } from '../landing.ts';
import { headersForOrigin } from '../origin-request.ts';
import { arrive, headersForViewers } from '../passing.ts';
import { behaviorOf } from '../routed.ts';

type Exit = 'deliverStored' | 'fetch' | 'compress' | 'refuse' | 'done';

export async function revalidate(x: Exchange): Promise<Exit> {
  const { stored } = x;
  assert(stored, 'lookUp comes before revalidate');
  const headers = headersForOrigin(x, validatorsOf(stored.headers));
  const asked = await askForObject(x, headers);
  if ('exit' in asked) return asked.exit;
  const { status } = asked.answer;
  if (status === 304) return confirmed(x, stored, asked);
  if (x.request.method === 'HEAD' && status === 200 && describes(asked, stored)) {
    return takeRefreshed(x, stored, asked);
  }
  return arrive(x, headers, asked);
}

function confirmed(x: Exchange, stored: StoredObject, outcome: Asked): Exit {
  const given = headerValue(outcome.answer.headers, 'etag');
  const own = headerValue(stored.headers, 'etag');
  if (given !== undefined && own !== undefined && !weaklyEqual(given, own)) {
    x.edge.store.drop(stored.key);
    x.stored = undefined;
    return x.go('fetch', 'confirmed under another etag');
  }
  return takeRefreshed(x, stored, outcome);
}

function takeRefreshed(x: Exchange, stored: StoredObject, outcome: Asked): Exit {
  const { askedAt, receivedAt } = outcome;
  const behavior = behaviorOf(x);
  assert(x.servedAt !== undefined, 'route comes before revalidate');
  const { notKept, object }: Refreshed = refresh(stored, {
    headers: headersForViewers(x, outcome.answer.headers, receivedAt),
    askedAt,
    receivedAt,
    ttl: behavior.ttl,
    fetchedAt: x.servedAt,
    standards: x.edge.standards ? { request: x.request.headers } : undefined,
  });
  outcome.answer.body?.discard();
  if (notKept === undefined) x.edge.store.put(object);
  else x.edge.store.drop(object.key);
  // What was confirmed to be asked for each time anew is not for others.
  const isShared = notKept === undefined && object.aging.lifetimeS > 0;
  if (!isShared) keepUnshared(x);
  land(x, { kind: isShared ? 'look-again' : 'alone' });
  x.stored = object;
  x.result = 'RefreshHit';
  return notKept === undefined
    ? x.go('deliverStored', 'confirmed')
    : x.go('deliverStored', 'confirmed, but not kept', notKept);
}

/** A HEAD answered with 200 confirms as a 304 does, where it tells of the same body (RFC 9111 §4.3.5). */
function describes({ answer }: Asked, stored: StoredObject): boolean {
  const sameField = (name: string): boolean =>
    headerValue(answer.headers, name) === headerValue(stored.headers, name);
  return (
    stored.body !== undefined &&
    headerValue(answer.headers, 'etag') !== undefined &&
    ['etag', 'last-modified', 'content-length', 'content-encoding'].every(sameField)
  );
}
