/**
 * collapse: is the origin being asked for this already (edge contract 5.9)? Then the exchange waits
 * for that answer and reads along. Else it asks, and others may wait for it.
 */
import { errorKey, variantKey } from '../../cache/cache-key.ts';
import { ageMs } from '../../cache/freshness.ts';
import { isNotModified, validatorsOf } from '../../http/conditionals.ts';
import { headerValue } from '../../http/header-list.ts';
import { forwardsCookies } from '../../model/behavior-rules.ts';
import type { Exchange } from '../exchange.ts';
import type { InFlight, Landing } from '../in-flight.ts';
import { isInvalidated } from '../invalidated.ts';
import { hasConditions } from '../origin-request.ts';
import type { Reason } from '../reasons.ts';
import { behaviorOf, keyOf } from '../routed.ts';

type Exit = 'revalidate' | 'fetch' | 'deliver' | 'lookUp' | 'refuse' | 'done';

/** After so many looks into the cache it asks for itself, whatever others do. */
const lookUpsMax = 3;

export function collapse(x: Exchange): Exit | Promise<Exit> {
  const hindrance = hindranceTo(x);
  if (hindrance !== undefined) return ask(x, hindrance);
  const { inFlights } = x.edge.notes;
  const key = keyOf(x);
  const flight = inFlights.find(key);
  if (flight !== undefined && !isInvalidated(x, flight.fetchedAt)) {
    if (x.lookUps > lookUpsMax) return ask(x, 'waited often enough');
    if (flight.waiting >= x.edge.bounds.waitersMax) return ask(x, 'too many wait already');
    return waitFor(x, flight);
  }
  const leads = x.stored !== undefined || !hasConditions(x.request.headers);
  if (leads) {
    x.flight = inFlights.begin(key, x.edge.routing.revision, x.answer.gone);
    x.flightKey = key;
  }
  return ask(x, leads ? 'the first to ask' : 'asked on a condition');
}

function hindranceTo(x: Exchange): Reason | undefined {
  const { method, headers } = x.request;
  if (method !== 'GET') return 'no GET';
  if (headerValue(headers, 'range') !== undefined) return 'a range';
  // Rule 43: what is sent with cookies may be meant for one viewer.
  if (forwardsCookies(behaviorOf(x).rules)) return 'cookies are forwarded';
  const { notes } = x.edge;
  const until = notes.unshared.get(keyOf(x));
  if (until === undefined) return undefined;
  if (x.clock.monotonicMs() < until) return 'its answers are for one viewer each';
  notes.unshared.delete(keyOf(x));
  return undefined;
}

/** The origin is asked whether the stale object stands, or for the whole of it. */
function ask(x: Exchange, why: Reason): 'revalidate' | 'fetch' {
  const { etag, lastModified } = validatorsOf(x.stored?.headers ?? []);
  if (etag === undefined && lastModified === undefined) return x.go('fetch', why);
  // Edge contract 5.5, rule 23.
  if (forwardsCookies(behaviorOf(x).rules) && !x.edge.standards)
    return x.go('fetch', 'cookies are forwarded');
  return x.go('revalidate', why);
}

async function waitFor(x: Exchange, flight: InFlight): Promise<Exit> {
  const landing = await flight.wait(x.answer.gone);
  if (landing === undefined) return x.go('done', 'the viewer has gone');
  if (landing.kind === 'look-again') return x.go('lookUp', 'the cache knows more by now');
  if (landing.kind === 'refused') return x.refuse(landing.page, 'the origin failed for another');
  if (landing.kind === 'alone') return ask(x, 'the answer was for another alone');
  return readAlong(x, landing);
}

async function readAlong(
  x: Exchange,
  { body, passing }: Extract<Landing, { kind: 'shared' }>,
): Promise<Exit> {
  const { keeping } = passing;
  const object = keeping?.object;
  if (object === undefined || !isSameVariant(x, object.key)) return ask(x, 'another variant');
  const reading = body.join();
  if (reading === undefined) {
    if (!body.isKept) return ask(x, 'too late to read along');
    await body.over;
    return x.go('lookUp', 'too late to read along');
  }
  const { headers } = object;
  x.result = passing.status >= 400 ? 'Error' : 'Hit';
  x.ageS = Math.floor(ageMs(object.aging, x.clock.now()) / 1_000);
  const held = { ...validatorsOf(headers), date: headerValue(headers, 'date') };
  x.passing = { ...passing, headers, body: reading, keeping: undefined };
  if (passing.status === 200 && isNotModified(x.request.headers, held, x.clock.now())) {
    reading.discard();
    x.passing = { ...x.passing, status: 304, body: undefined };
  }
  return x.go('deliver', 'reads along with another');
}

/** It was waited for before it was known what the answer varies by. */
function isSameVariant(x: Exchange, stored: string): boolean {
  if (!x.edge.standards) return true;
  const primary = x.primaryKey ?? keyOf(x);
  const names = x.edge.notes.variants.get(primary) ?? [];
  const own = variantKey(primary, names, x.request.headers);
  return stored === own || stored === errorKey(own);
}
