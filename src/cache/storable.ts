/**
 * Storing: which responses are kept, for how long, and with which fields (edge contract 5.1 to 5.4,
 * and 5.8 for errors). Every no has its reason, which the exchange records. What the RFC asks beyond
 * CloudFront, under the setting for it, stands in standard-storing.ts.
 */
import type { Instant } from '../base/clock.ts';
import { type CacheControl, parseCacheControl } from '../http/cache-control.ts';
import { type HeaderList, headerValue, selectHeaders } from '../http/header-list.ts';
import { variesOnEverything } from '../http/vary.ts';
import {
  ageAtArrivalMs,
  type Aging,
  expiresAfter,
  isCachingDisabled,
  type Lifetime,
  lifetime,
  type Ttl,
} from './freshness.ts';
import { hindranceByStandards, lifetimeByStandards } from './standard-storing.ts';

export type StoringDecision =
  | { readonly kind: 'store'; readonly aging: Aging; readonly headers: HeaderList }
  | { readonly kind: 'pass'; readonly why: string };

export type Storable = {
  readonly method: string;
  readonly status: number;
  /** End-to-end fields, already as viewers see them. */
  readonly headers: HeaderList;
  /** As the origin sent them: `Vary` may have been edited for viewers. */
  readonly originHeaders: HeaderList;
  readonly askedAt: Instant;
  readonly receivedAt: Instant;
  readonly ttl: Ttl;
  /** The least seconds an error of this status is kept. */
  readonly errorTtlS?: number;
  /** Set where the RFC is followed: the fields of the request. */
  readonly standards?: { readonly request: HeaderList } | undefined;
  /** Of methods beside GET and HEAD, whether this one is cached. */
  readonly cachesMethod?: boolean;
};

export function decideStoring(response: Storable): StoringDecision {
  const { headers, method, originHeaders, receivedAt, standards, ttl } = response;
  if (method !== 'GET' && method !== 'HEAD' && response.cachesMethod !== true) {
    return pass('method');
  }
  if (isCachingDisabled(ttl)) return pass('caching is disabled');
  const said = parseCacheControl(originHeaders);
  const hindrance =
    standards === undefined
      ? statusHindrance(response.status, originHeaders)
      : hindranceByStandards(response.status, originHeaders, standards.request);
  if (hindrance !== undefined) return pass(hindrance);
  // Rule 19: kept it would never be served, since each request has to reach the origin.
  if (ttl.minS === 0 && variesOnEverything(originHeaders)) return pass('varies on everything');
  const kept = lifetimeOf(response, said);
  if (kept.kind === 'forbidden') return pass(kept.why);
  return {
    kind: 'store',
    aging: {
      receivedAt,
      ageAtArrivalMs: ageAtArrivalMs(originHeaders, response.askedAt, receivedAt),
      lifetimeS: kept.seconds,
    },
    headers: storedFields(headers, said.withheldFields),
  };
}

function lifetimeOf(
  response: Storable,
  said: CacheControl,
): Lifetime | { kind: 'forbidden'; why: string } {
  const { originHeaders, receivedAt, standards, status, ttl } = response;
  if (standards !== undefined) {
    return lifetimeByStandards(status, originHeaders, ttl, receivedAt);
  }
  return status >= 400
    ? errorLifetime(response, said)
    : lifetime(said, originHeaders, ttl, receivedAt);
}

const errorsAlwaysKept = new Set([404, 414, 500, 501, 502, 503, 504]);
const errorsKeptWhenTold = new Set([400, 403, 405, 412, 415]);
const errorTtlSDefault = 10;

/** Edge contract 5.8: other directives than the lifetimes do not shorten it. */
function errorLifetime(
  { errorTtlS = errorTtlSDefault, originHeaders, receivedAt, status, ttl }: Storable,
  said: CacheControl,
): Lifetime | { kind: 'forbidden'; why: string } {
  const told = said.sMaxage ?? said.maxAge;
  if (errorsKeptWhenTold.has(status)) {
    return told === undefined
      ? { kind: 'forbidden', why: `status ${status} without a lifetime` }
      : { kind: 'kept', seconds: Math.max(errorTtlS, Math.min(told, ttl.maxS)) };
  }
  const given = told ?? expiresAfter(originHeaders, receivedAt) ?? 0;
  const seconds = Math.max(errorTtlS, Math.min(given, ttl.maxS));
  return seconds === 0
    ? { kind: 'forbidden', why: `status ${status} is not kept` }
    : { kind: 'kept', seconds };
}

/** The table of rule 3. */
function statusHindrance(status: number, headers: HeaderList): string | undefined {
  if (status === 206) return 'a part of an object';
  if (status === 304) return 'an answer to a condition';
  if (status === 307 || status === 308) {
    return headerValue(headers, 'cache-control') === undefined
      ? `${status} without Cache-Control`
      : undefined;
  }
  if (status >= 400) {
    return errorsAlwaysKept.has(status) || errorsKeptWhenTold.has(status)
      ? undefined
      : `status ${status}`;
  }
  return status >= 200 ? undefined : `status ${status}`;
}

/** `Age` is told anew with each answer; withheld fields are for the first viewer alone (rule 10). */
function storedFields(headers: HeaderList, withheld: readonly string[]): HeaderList {
  return selectHeaders(headers, (name) => name !== 'age' && !withheld.includes(name));
}

function pass(why: string): StoringDecision {
  return { kind: 'pass', why };
}
