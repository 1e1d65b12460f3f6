import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Instant, instant } from '../base/clock.ts';
import type { HeaderList } from '../http/header-list.ts';
import { mayServeOnError, mayServeWhileRevalidating } from './stale.ts';

const day = { minS: 0, defaultS: 86_400, maxS: 31_536_000 };

function object(headers: HeaderList, ttl = day, status = 200) {
  const aging = { receivedAt: instant(0), ageAtArrivalMs: 0, lifetimeS: 60 };
  return { aging, headers, status, ttl };
}

/** So many seconds after it ceased to be fresh. */
function staleFor(seconds: number): Instant {
  return instant((60 + seconds) * 1_000);
}

test('stale-while-revalidate is counted from the end of the lifetime', () => {
  const kept = object(['Cache-Control', 'max-age=60, stale-while-revalidate=30']);
  assert(mayServeWhileRevalidating(kept, staleFor(29), false));
  assert(!mayServeWhileRevalidating(kept, staleFor(30), false));
  assert(!mayServeWhileRevalidating(object([]), staleFor(0), false));
});

test('the longest lifetime of the behavior bounds both windows', () => {
  const short = { minS: 0, defaultS: 5, maxS: 5 };
  const said = ['Cache-Control', 'stale-while-revalidate=30, stale-if-error=30'];
  assert(mayServeWhileRevalidating(object(said, short), staleFor(4), false));
  assert(!mayServeWhileRevalidating(object(said, short), staleFor(5), false));
  assert(mayServeOnError(object(said, short), staleFor(4), false));
  assert(!mayServeOnError(object(said, short), staleFor(5), false));
});

test('must-revalidate closes both windows, no-cache the first', () => {
  const windows = 'stale-while-revalidate=30, stale-if-error=30';
  const strict = object(['Cache-Control', `must-revalidate, ${windows}`]);
  assert(!mayServeWhileRevalidating(strict, staleFor(1), false));
  assert(!mayServeOnError(strict, staleFor(1), false));
  const asked = object(['Cache-Control', `no-cache, ${windows}`]);
  assert(!mayServeWhileRevalidating(asked, staleFor(1), false));
});

test('where nothing is said of errors, what is stale is served for any time', () => {
  assert(mayServeOnError(object(['Cache-Control', 'max-age=60']), staleFor(1_000_000), false));
  const uncached = { minS: 0, defaultS: 0, maxS: 0 };
  assert(!mayServeOnError(object([], uncached), staleFor(1), false));
  assert(!mayServeOnError(object([], day, 404), staleFor(1), false));
});

test('what is said to caches like this one counts under --standards alone', () => {
  const headers = ['Cache-Control', 'stale-if-error=5', 'CDN-Cache-Control'];
  const longer = object([...headers, 'max-age=60, stale-while-revalidate=30, stale-if-error=30']);
  assert(mayServeWhileRevalidating(longer, staleFor(20), true));
  assert(!mayServeWhileRevalidating(longer, staleFor(20), false));
  assert(mayServeOnError(longer, staleFor(20), true));
  assert(!mayServeOnError(longer, staleFor(20), false));
  const strict = object([...headers, 'max-age=60, must-revalidate']);
  assert(!mayServeOnError(strict, staleFor(1), true));
  assert(mayServeOnError(strict, staleFor(1), false));
  const surrogate = object(['Surrogate-Control', 'max-age=60+30']);
  assert(mayServeWhileRevalidating(surrogate, staleFor(29), true));
  assert(!mayServeWhileRevalidating(surrogate, staleFor(30), true));
  assert(!mayServeWhileRevalidating(surrogate, staleFor(29), false));
});
