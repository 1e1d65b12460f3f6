/**
 * collapse: is the origin being asked for this already (edge contract 5.9)? Then the exchange waits
 * for that answer and reads along. Else it asks, and others may wait for it.
 *
 * A HEAD and a range wait for the whole if that is under way, and take of it what they need; what
 * they ask for themselves is not for those who want the whole. Equal ranges wait for one another.
 */
import { errorKey, rangeKey, variantKey } from '../../cache/cache-key.ts';
import { ageMs } from '../../cache/freshness.ts';
import type { StoredObject } from '../../cache/stored-object.ts';
import { isNotModified, rangeStillApplies, validatorsOf } from '../../http/conditionals.ts';
import { type HeaderList, headerValue, withHeader } from '../../http/header-list.ts';
import { contentRange, resolveRanges, unsatisfiedContentRange } from '../../http/ranges.ts';
import { forwardsCookies } from '../../model/behavior-rules.ts';
import type { Exchange } from '../exchange.ts';
import type { InFlight, Landing } from '../in-flight.ts';
import { isInvalidated } from '../invalidated.ts';
import { hasConditions } from '../origin-request.ts';
import type { Passing } from '../passing.ts';
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
  const leadsUnder = leadingKey(x, key);
  const flight = inFlights.find(key) ?? inFlights.find(leadsUnder ?? key);
  if (flight !== undefined && !isInvalidated(x, flight.fetchedAt)) {
    if (x.lookUps > lookUpsMax) return ask(x, 'waited often enough');
    if (flight.waiting >= x.edge.bounds.waitersMax) return ask(x, 'too many wait already');
    return waitFor(x, flight);
  }
  if (leadsUnder === undefined) return ask(x, 'asked for itself alone');
  x.flight = inFlights.begin(leadsUnder, x.edge.routing.revision, x.answer.gone);
  x.flightKey = leadsUnder;
  return ask(x, 'the first to ask');
}

function hindranceTo(x: Exchange): Reason | undefined {
  const { method } = x.request;
  if (method !== 'GET' && method !== 'HEAD') return 'neither GET nor HEAD';
  // Rule 43: what is sent with cookies may be meant for one viewer.
  if (forwardsCookies(behaviorOf(x).rules)) return 'cookies are forwarded';
  const { notes } = x.edge;
  const until = notes.unshared.get(keyOf(x));
  if (until === undefined) return undefined;
  if (x.clock.monotonicMs() < until) return 'its answers are for one viewer each';
  notes.unshared.delete(keyOf(x));
  return undefined;
}

/** What others find its own fetch by; undefined where that is not for others. */
function leadingKey(x: Exchange, key: string): string | undefined {
  const { headers, method } = x.request;
  if (method !== 'GET') return undefined;
  const range = headerValue(headers, 'range');
  const isPlain = !hasConditions(headers);
  if (range === undefined) return x.stored !== undefined || isPlain ? key : undefined;
  return x.stored === undefined && isPlain ? rangeKey(key, range) : undefined;
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

function readAlong(
  x: Exchange,
  { body, passing }: Extract<Landing, { kind: 'shared' }>,
): Exit | Promise<Exit> {
  const { keeping, status } = passing;
  const object = keeping?.object;
  if (object === undefined || !isSameVariant(x, object.key)) return ask(x, 'another variant');
  const { headers } = object;
  const held = { ...validatorsOf(headers), date: headerValue(headers, 'date') };
  const isHeld = status === 200 && isNotModified(x.request.headers, held, x.clock.now());
  if (isHeld || x.request.method === 'HEAD') {
    return along(
      x,
      { ...passing, status: isHeld ? 304 : status, headers, body: undefined },
      object,
    );
  }
  const asked = status === 200 ? rangesOf(x, headers) : whole;
  if (asked.kind === 'unsatisfiable') {
    const told = ['Content-Range', unsatisfiedContentRange(asked.length)];
    return x.refuse({ name: 'rangeNotSatisfiable', headers: told }, 'no such range');
  }
  if (asked.kind === 'whole') {
    const reading = body.join();
    if (reading !== undefined) return along(x, { ...passing, headers, body: reading }, object);
  } else {
    const [part, ...more] = asked.parts;
    const reading = part === undefined || more.length > 0 ? undefined : body.joinFor(part);
    if (part !== undefined && reading !== undefined) {
      const { end, start } = part;
      const sized = withHeader(headers, 'Content-Length', String(end - start));
      const told = withHeader(sized, 'Content-Range', contentRange(start, end, asked.length));
      return along(x, { ...passing, status: 206, headers: told, body: reading }, object);
    }
  }
  return body.isFound && x.lookUps <= lookUpsMax
    ? x.go('lookUp', 'too late to read along')
    : ask(x, 'too late to read along');
}

const whole = { kind: 'whole' } as const;

/** The whole, too, where its length is not known yet. */
function rangesOf(x: Exchange, headers: HeaderList) {
  const length = Number(headerValue(headers, 'content-length') ?? Number.NaN);
  const range = headerValue(x.request.headers, 'range');
  if (Number.isNaN(length) || !rangeStillApplies(x.request.headers, validatorsOf(headers))) {
    return whole;
  }
  return { ...resolveRanges(range, length), length };
}

function along(
  x: Exchange,
  passing: Passing,
  { aging, fetchedAt }: Pick<StoredObject, 'aging' | 'fetchedAt'>,
): 'deliver' {
  x.result = passing.status >= 400 ? 'Error' : 'Hit';
  x.servedAt = fetchedAt;
  x.ageS = Math.floor(ageMs(aging, x.clock.now()) / 1_000);
  x.passing = { ...passing, keeping: undefined };
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
