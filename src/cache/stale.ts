/**
 * Serving what is no longer fresh: while it is renewed in the background, and while its origin fails
 * (edge contract 5.6, rule 29, and 5.7; RFC 5861). Both windows are counted from the end of the
 * lifetime and bounded by the behavior's longest one; `must-revalidate` closes both. Under
 * `--standards` what was said to caches like this one counts in the place of Cache-Control.
 */
import type { Instant } from '../base/clock.ts';
import { type CacheControl, parseCacheControl } from '../http/cache-control.ts';
import { targetedControl } from '../http/targeted-control.ts';
import { ageMs } from './freshness.ts';
import type { StoredObject } from './stored-object.ts';

type Stale = Pick<StoredObject, 'aging' | 'headers' | 'status' | 'ttl'>;

/** Milliseconds since it ceased to be fresh. */
function staleMs({ aging }: Stale, now: Instant): number {
  return ageMs(aging, now) - aging.lifetimeS * 1_000;
}

function saidOf({ headers }: Stale, standards: boolean): CacheControl {
  return standards ? targetedControl(headers).said : parseCacheControl(headers);
}

export function mayServeWhileRevalidating(
  object: Stale,
  now: Instant,
  standards: boolean,
): boolean {
  const said = saidOf(object, standards);
  if (said.mustRevalidate || said.noCache || said.staleWhileRevalidate === undefined) return false;
  return staleMs(object, now) < Math.min(said.staleWhileRevalidate, object.ttl.maxS) * 1_000;
}

/** The table of rule 31. What was invalidated is never asked about: it is not looked up any more. */
export function mayServeOnError(object: Stale, now: Instant, standards: boolean): boolean {
  if (object.status >= 400) return false;
  const said = saidOf(object, standards);
  if (said.mustRevalidate) return false;
  if (said.staleIfError === undefined) return object.ttl.minS > 0 || object.ttl.maxS > 0;
  return staleMs(object, now) < Math.min(said.staleIfError, object.ttl.maxS) * 1_000;
}
