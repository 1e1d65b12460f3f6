import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../base/clock.ts';
import { revision } from '../base/log-record.ts';
import { cacheKey } from './cache-key.ts';
import { refresh } from './refresh.ts';
import { decideStoring, type Storable } from './storable.ts';
import type { StoredObject } from './stored-object.ts';

const now = instant(Date.UTC(2026, 0, 1));
const ttl = { minS: 0, defaultS: 86_400, maxS: 31_536_000 };

function decide(status: number, headers: readonly string[], more: Partial<Storable> = {}) {
  return decideStoring({
    method: 'GET',
    status,
    headers,
    originHeaders: headers,
    askedAt: now,
    receivedAt: now,
    ttl,
    ...more,
  });
}

test('statuses are kept by the table of edge contract 5.1', () => {
  for (const status of [200, 203, 204, 300, 301, 302, 303]) {
    assert.equal(decide(status, []).kind, 'store', String(status));
  }
  for (const status of [206, 304, 307, 308, 400, 403, 410, 416, 429, 505]) {
    assert.equal(decide(status, []).kind, 'pass', String(status));
  }
  for (const status of [404, 414, 500, 501, 502, 503, 504]) {
    assert.equal(decide(status, []).kind, 'store', String(status));
  }
  for (const status of [307, 308]) {
    assert.equal(decide(status, ['Cache-Control', 'public']).kind, 'store', String(status));
  }
});

test('every no has its reason', () => {
  for (const [decision, why] of [
    [decide(200, ['Cache-Control', 'no-store']), 'no-store'],
    [decide(200, ['Cache-Control', 'private']), 'private'],
    [decide(200, ['Vary', 'Accept, *']), 'varies on everything'],
    [decide(200, [], { method: 'OPTIONS' }), 'method'],
    [decide(200, [], { ttl: { minS: 0, defaultS: 0, maxS: 0 } }), 'caching is disabled'],
    [decide(505, []), 'status 505'],
    [decide(403, []), 'status 403 without a lifetime'],
  ] as const) {
    assert.deepEqual(decision, { kind: 'pass', why });
  }
  assert.equal(decide(200, ['Vary', '*'], { ttl: { ...ttl, minS: 1 } }).kind, 'store');
});

test('what is for one viewer alone is not kept', () => {
  const headers = [
    ['Age', '5'],
    ['Cache-Control', 'private="X-Own"'],
    ['X-Own', '1'],
    ['X-All', '2'],
  ].flat();
  const decision = decide(200, headers);
  assert(decision.kind === 'store');
  assert.deepEqual(decision.headers, ['Cache-Control', 'private="X-Own"', 'X-All', '2']);
  assert.equal(decision.aging.ageAtArrivalMs, 5_000);
});

const stored: StoredObject = {
  key: 'k',
  status: 200,
  headers: [
    'ETag',
    '"v1"',
    'Content-Length',
    '5',
    'X',
    'old',
    'Y',
    'old',
    'Cache-Control',
    'max-age=1',
  ],
  body: undefined,
  aging: { receivedAt: instant(0), ageAtArrivalMs: 0, lifetimeS: 1 },
  ttl,
  fetchedAt: revision(1),
};

test('a confirmation renews fields, lifetime and position', () => {
  const confirmation = { askedAt: now, receivedAt: now, ttl, fetchedAt: revision(7) };
  const headers = ['x', 'new', 'Content-Length', '9', 'Age', '3', 'Cache-Control', 'max-age=60'];
  const { notKept, object } = refresh(stored, { ...confirmation, headers });
  assert.equal(notKept, undefined);
  assert.equal(object.fetchedAt, 7);
  assert.equal(object.aging.lifetimeS, 60);
  assert.deepEqual(object.headers, [
    'ETag',
    '"v1"',
    'Content-Length',
    '5',
    'Y',
    'old',
    'x',
    'new',
    'Cache-Control',
    'max-age=60',
  ]);
  const forbidden = refresh(stored, { ...confirmation, headers: ['Cache-Control', 'no-store'] });
  assert.equal(forbidden.notKept, 'no-store');
});

test('keys differ where any part does', () => {
  const parts = { owner: 'E1', encoding: 'gzip', path: '/a' } as const;
  const keys = [
    cacheKey(parts),
    cacheKey({ ...parts, owner: 'E2' }),
    cacheKey({ ...parts, encoding: 'identity' }),
    cacheKey({ ...parts, path: '/A' }),
    cacheKey({ ...parts, path: '/a ' }),
  ];
  assert.equal(new Set(keys).size, keys.length);
});
