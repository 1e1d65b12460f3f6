/**
 * What viewers get while an origin fails (edge contract 5.7 and 5.8): what is stale, where it may be
 * served; else the error, remembered for a while so that the origin is left alone.
 */
import { isCachingDisabled } from '../cache/freshness.ts';
import { mayServeOnError } from '../cache/stale.ts';
import { defaultErrorTtlS, isCachedMethod } from '../model/behavior-rules.ts';
import type { Exchange } from './exchange.ts';
import { isInvalidated } from './invalidated.ts';
import { type RefusalPage, statusOf } from './pages.ts';
import { behaviorOf, keyOf } from './routed.ts';

/** The least seconds that an error of this status is kept for the exchange. */
export function errorTtlS(x: Exchange, status: number): number {
  return behaviorOf(x).rules.errorTtlS[String(status)] ?? defaultErrorTtlS;
}

/** Nothing came from the origin, and all attempts are used up. */
export function originFailed(
  x: Exchange,
  page: RefusalPage,
  why: string,
): 'deliverStored' | 'refuse' {
  const status = statusOf(page);
  if (status < 502 || page.name === 'capacity') return x.refuse(page, 'the origin failed', why);
  return serveStale(x, status, why) ?? refuseFor(x, page, status, why);
}

/** Undefined: there is nothing stale that may be served. */
export function serveStale(x: Exchange, status: number, why: string): 'deliverStored' | undefined {
  const { stored } = x;
  if (stored === undefined || !mayServeOnError(stored, x.clock.now(), x.edge.standards))
    return undefined;
  note(x, undefined, errorTtlS(x, status));
  x.result = 'Hit';
  return x.go('deliverStored', 'stale, as the origin fails', why);
}

/** An earlier failure that is still remembered; its answer, where there is one to give now. */
export function recallFailure(x: Exchange): 'deliverStored' | 'refuse' | undefined {
  const { notes } = x.edge;
  const key = keyOf(x);
  const known = notes.failures.get(key);
  if (known === undefined) return undefined;
  const nowMs = x.clock.monotonicMs();
  if (nowMs >= known.untilMs || isInvalidated(x, known.fetchedAt)) {
    notes.failures.delete(key);
    return undefined;
  }
  if (x.stored !== undefined && mayServeOnError(x.stored, x.clock.now(), x.edge.standards)) {
    x.result = 'Hit';
    return x.go('deliverStored', 'stale, and the origin failed a moment ago');
  }
  if (known.page === undefined) return undefined;
  const age = ['Age', String(Math.floor((nowMs - known.sinceMs) / 1_000))];
  return x.refuse(
    { ...known.page, headers: age, detail: 'Error' },
    'the origin failed a moment ago',
  );
}

function refuseFor(x: Exchange, page: RefusalPage, status: number, why: string): 'refuse' {
  const { rules, ttl } = behaviorOf(x);
  if (isCachedMethod(rules, x.request.method) && !isCachingDisabled(ttl)) {
    note(x, page, errorTtlS(x, status));
  }
  return x.refuse(page, 'the origin failed', why);
}

function note(x: Exchange, page: RefusalPage | undefined, seconds: number): void {
  if (seconds === 0 || x.servedAt === undefined) return;
  const sinceMs = x.clock.monotonicMs();
  const untilMs = sinceMs + seconds * 1_000;
  x.edge.notes.failures.set(keyOf(x), { page, sinceMs, untilMs, fetchedAt: x.servedAt });
}
