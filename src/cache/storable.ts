/**
 * Storing: which responses are kept, for how long, and with which fields (edge contract 5.1 to 5.4).
 * Every no has its reason, which the exchange records.
 */
import type { Instant } from '../base/clock.ts';
import { parseCacheControl } from '../http/cache-control.ts';
import { type HeaderList, headerValue, selectHeaders } from '../http/header-list.ts';
import { variesOnEverything } from '../http/vary.ts';
import { ageAtArrivalMs, type Aging, isCachingDisabled, lifetime, type Ttl } from './freshness.ts';

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
};

export function decideStoring(response: Storable): StoringDecision {
  const { headers, originHeaders, receivedAt, ttl } = response;
  if (response.method !== 'GET' && response.method !== 'HEAD') return pass('method');
  if (isCachingDisabled(ttl)) return pass('caching is disabled');
  const said = parseCacheControl(originHeaders);
  const hindrance = statusHindrance(response.status, originHeaders);
  if (hindrance !== undefined) return pass(hindrance);
  // Rule 19: kept it would never be served, since each request has to reach the origin.
  if (ttl.minS === 0 && variesOnEverything(originHeaders)) return pass('varies on everything');
  const kept = lifetime(said, originHeaders, ttl, receivedAt);
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

/** The table of rule 3. Errors are not kept: their caching has rules of its own (5.8). */
function statusHindrance(status: number, headers: HeaderList): string | undefined {
  if (status === 206) return 'a part of an object';
  if (status === 304) return 'an answer to a condition';
  if (status === 307 || status === 308) {
    return headerValue(headers, 'cache-control') === undefined
      ? `${status} without Cache-Control`
      : undefined;
  }
  return status >= 200 && status < 400 ? undefined : `status ${status}`;
}

/** `Age` is told anew with each answer; withheld fields are for the first viewer alone (rule 10). */
function storedFields(headers: HeaderList, withheld: readonly string[]): HeaderList {
  return selectHeaders(headers, (name) => name !== 'age' && !withheld.includes(name));
}

function pass(why: string): StoringDecision {
  return { kind: 'pass', why };
}
