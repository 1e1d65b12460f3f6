import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { instant } from '../base/clock.ts';
import { lifetimeSMax, parseCacheControl } from '../http/cache-control.ts';
import { formatHttpDate } from '../http/dates.ts';
import {
  ageAtArrivalMs,
  ageMs,
  freshness,
  isCachingDisabled,
  lifetime,
  type Lifetime,
  type Ttl,
} from './freshness.ts';

const now = instant(Date.UTC(2026, 0, 1));

/** What an origin may say of lifetimes; undefined: it does not. */
type Said = {
  readonly maxAge: number | undefined;
  readonly sMaxage: number | undefined;
  readonly expiresInS: number | undefined;
  readonly forbids: '' | 'no-cache' | 'no-store' | 'private';
};

function headersOf({ expiresInS, forbids, maxAge, sMaxage }: Said): readonly string[] {
  const directives = [
    ...(maxAge === undefined ? [] : [`max-age=${maxAge}`]),
    ...(sMaxage === undefined ? [] : [`s-maxage=${sMaxage}`]),
    ...(forbids === '' ? [] : [forbids]),
  ];
  return [
    'Date',
    formatHttpDate(now),
    ...(directives.length === 0 ? [] : ['Cache-Control', directives.join(', ')]),
    ...(expiresInS === undefined
      ? []
      : ['Expires', formatHttpDate(instant(now + expiresInS * 1_000))]),
  ];
}

/** The table of edge contract 5.2, rule 6, row by row. */
function byTheTable({ expiresInS, forbids, maxAge, sMaxage }: Said, ttl: Ttl): Lifetime {
  const clamped = (seconds: number): Lifetime => {
    const atMost = Math.min(Math.max(0, seconds), lifetimeSMax, ttl.maxS);
    return {
      kind: 'kept',
      seconds: ttl.minS === 0 ? atMost : Math.min(Math.max(atMost, ttl.minS), ttl.maxS),
    };
  };
  if (forbids !== '') {
    if (ttl.minS > 0) return { kind: 'kept', seconds: ttl.minS };
    return forbids === 'no-cache'
      ? { kind: 'kept', seconds: 0 }
      : { kind: 'forbidden', why: forbids };
  }
  if (sMaxage !== undefined) return clamped(sMaxage);
  if (maxAge !== undefined) return clamped(maxAge);
  if (expiresInS !== undefined) return clamped(expiresInS);
  return { kind: 'kept', seconds: ttl.minS > ttl.defaultS ? ttl.minS : ttl.defaultS };
}

test('the lifetime is the one of the table', () => {
  const seconds = fc.option(fc.oneof(fc.nat(100), fc.nat(10_000_000_000)), { nil: undefined });
  const said = fc.record<Said>({
    maxAge: seconds,
    sMaxage: seconds,
    expiresInS: fc.option(fc.integer({ min: -1_000, max: 100_000 }), { nil: undefined }),
    forbids: fc.constantFrom('', '', 'no-cache', 'no-store', 'private'),
  });
  const ttl = fc
    .record({ a: fc.nat(100_000), b: fc.nat(100_000), c: fc.nat(100_000), noMin: fc.boolean() })
    .map(({ a, b, c, noMin }) => {
      const [minS = 0, defaultS = 0, maxS = 0] = [noMin ? 0 : a, b, c].toSorted((x, y) => x - y);
      return { minS, defaultS, maxS };
    });
  fc.assert(
    fc.property(said, ttl, (given, limits) => {
      const headers = headersOf(given);
      assert.deepEqual(
        lifetime(parseCacheControl(headers), headers, limits, now),
        byTheTable(given, limits),
      );
    }),
    { numRuns: 3_000 },
  );
});

/** So many seconds from now. */
function at(seconds: number): string {
  return formatHttpDate(instant(now + seconds * 1_000));
}

const open: Ttl = { minS: 0, defaultS: 100, maxS: 31_536_000 };

function secondsOf(headers: readonly string[], ttl: Ttl = open): number | undefined {
  const kept = lifetime(parseCacheControl(headers), headers, ttl, now);
  return kept.kind === 'kept' ? kept.seconds : undefined;
}

test('Expires counts from Date, or from arrival; what is no date is past', () => {
  assert.equal(secondsOf(['Expires', at(60)]), 60);
  assert.equal(secondsOf(['Date', at(-30), 'Expires', at(60)]), 90);
  assert.equal(secondsOf(['Date', at(90), 'Expires', at(60)]), 0);
  assert.equal(secondsOf(['Date', 'no date', 'Expires', at(60)]), 60);
  assert.equal(secondsOf(['Expires', '0']), 0);
  assert.equal(secondsOf(['Expires', '']), 0);
});

test('Pragma and Last-Modified give no lifetime', () => {
  assert.equal(secondsOf(['Pragma', 'no-cache']), 100);
  assert.equal(secondsOf(['Last-Modified', formatHttpDate(instant(0))]), 100);
  assert.equal(
    secondsOf(['Surrogate-Control', 'max-age=5', 'CDN-Cache-Control', 'max-age=6']),
    100,
  );
});

test('age at arrival follows RFC 9111 §4.2.3', () => {
  const asked = instant(now - 2_000);
  assert.equal(ageAtArrivalMs([], asked, now), 2_000);
  assert.equal(ageAtArrivalMs(['Age', '50'], asked, now), 52_000);
  assert.equal(ageAtArrivalMs(['Date', at(-60)], asked, now), 60_000);
  assert.equal(ageAtArrivalMs(['Date', at(-60), 'Age', '50'], asked, now), 60_000);
  assert.equal(ageAtArrivalMs(['Date', at(60)], asked, now), 2_000);
  for (const invalid of ['x', '-5', '7200.0', '0, 0', '5;a=b', '']) {
    assert.equal(ageAtArrivalMs(['Age', invalid], asked, now) / 1_000, 3_155_760_002, invalid);
  }
});

test('an object is fresh while it is younger than its lifetime, also when clocks jump', () => {
  const aging = { receivedAt: now, ageAtArrivalMs: 5_000, lifetimeS: 60 };
  assert.equal(ageMs(aging, instant(now + 10_000)), 15_000);
  assert.equal(ageMs(aging, instant(now - 10_000)), 5_000);
  assert.equal(freshness(aging, instant(now + 54_999)), 'fresh');
  assert.equal(freshness(aging, instant(now + 55_000)), 'stale');
  assert.equal(freshness({ ...aging, lifetimeS: 0 }, now), 'stale');
});

test('caching is off where every lifetime is zero', () => {
  assert(isCachingDisabled({ minS: 0, defaultS: 0, maxS: 0 }));
  assert(!isCachingDisabled({ minS: 0, defaultS: 0, maxS: 1 }));
});
