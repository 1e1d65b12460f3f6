/**
 * Freshness: how long a response may be served without asking the origin, and how old it is (edge
 * contract 5.2 and 5.3; RFC 9111 §4.2). The lifetime is fixed when an object is stored: changed
 * lifetimes of a behavior hold for what is stored or revalidated later.
 */
import type { Instant } from '../base/clock.ts';
import { type CacheControl, lifetimeSMax } from '../http/cache-control.ts';
import { parseHttpDate } from '../http/dates.ts';
import { type HeaderList, headerValue, joinedValue } from '../http/header-list.ts';

/** Of the behavior that was matched; seconds. */
export type Ttl = { readonly minS: number; readonly defaultS: number; readonly maxS: number };

export type Lifetime =
  /** Fresh for so many seconds; 0 is kept too, and revalidated for every request. */
  | { readonly kind: 'kept'; readonly seconds: number }
  /** Not kept at all. */
  | { readonly kind: 'forbidden'; readonly why: 'no-store' | 'private' };

/** A behavior whose lifetimes are all 0 neither looks up nor stores (edge contract 5.1, rule 2). */
export function isCachingDisabled({ minS, defaultS, maxS }: Ttl): boolean {
  return minS === 0 && defaultS === 0 && maxS === 0;
}

export function lifetime(
  said: CacheControl,
  headers: HeaderList,
  ttl: Ttl,
  receivedAt: Instant,
): Lifetime {
  if (said.noStore || said.private || said.noCache) {
    if (ttl.minS > 0) return { kind: 'kept', seconds: ttl.minS };
    if (said.noStore) return { kind: 'forbidden', why: 'no-store' };
    if (said.private) return { kind: 'forbidden', why: 'private' };
    return { kind: 'kept', seconds: 0 };
  }
  const seconds = said.sMaxage ?? said.maxAge ?? expiresAfter(headers, receivedAt);
  if (seconds === undefined) return { kind: 'kept', seconds: Math.max(ttl.minS, ttl.defaultS) };
  return { kind: 'kept', seconds: Math.min(Math.max(seconds, ttl.minS), ttl.maxS) };
}

/** Seconds from Date to Expires; 0 when that is past or no date; undefined without Expires. */
export function expiresAfter(headers: HeaderList, receivedAt: Instant): number | undefined {
  const expires = headerValue(headers, 'expires');
  if (expires === undefined) return undefined;
  const until = parseHttpDate(expires, receivedAt);
  if (until === undefined) return 0;
  const from = parseHttpDate(headerValue(headers, 'date') ?? '', receivedAt) ?? receivedAt;
  return Math.max(0, Math.floor((until - from) / 1_000));
}

/**
 * How old a response was when it arrived, in milliseconds (RFC 9111 §4.2.3). An `Age` that is not one
 * number says that it went through a cache and not for how long, so it is taken to be stale.
 */
export function ageAtArrivalMs(headers: HeaderList, askedAt: Instant, receivedAt: Instant): number {
  const date = parseHttpDate(headerValue(headers, 'date') ?? '', receivedAt);
  const apparentMs = date === undefined ? 0 : Math.max(0, receivedAt - date);
  const age = joinedValue(headers, 'age') ?? '0';
  const ageS = /^\d+$/.test(age) ? Math.min(Number(age), lifetimeSMax) : lifetimeSMax;
  const givenMs = ageS * 1_000;
  return Math.max(apparentMs, givenMs + Math.max(0, receivedAt - askedAt));
}

/** What freshness is judged by; part of every stored object. */
export type Aging = {
  readonly receivedAt: Instant;
  readonly ageAtArrivalMs: number;
  readonly lifetimeS: number;
};

export function ageMs(aging: Aging, now: Instant): number {
  return aging.ageAtArrivalMs + Math.max(0, now - aging.receivedAt);
}

/** Fresh while its age is below its lifetime (RFC 9111 §4.2). */
export function freshness(aging: Aging, now: Instant): 'fresh' | 'stale' {
  return ageMs(aging, now) < aging.lifetimeS * 1_000 ? 'fresh' : 'stale';
}
