import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../base/clock.ts';
import type { HeaderList } from '../http/header-list.ts';
import { hindranceByStandards, lifetimeByStandards } from './standard-storing.ts';

const now = instant(Date.UTC(2026, 0, 11));
const anyTtl = { minS: 0, defaultS: 0, maxS: 31_536_000 };

function changed(day: number): HeaderList {
  return ['Last-Modified', `Thu, 0${day} Jan 2026 00:00:00 GMT`];
}

function lifetime(headers: HeaderList, status = 200, ttl = anyTtl): number | string {
  const kept = lifetimeByStandards(status, headers, ttl, now);
  return kept.kind === 'kept' ? kept.seconds : kept.why;
}

test('what is said to caches like this one goes before Cache-Control and Expires', () => {
  const all = ['Cache-Control', 'max-age=1', 'Expires', 'Mon, 12 Jan 2026 00:00:00 GMT'];
  assert.equal(lifetime(all), 1);
  assert.equal(lifetime([...all, 'Surrogate-Control', 'max-age=2']), 2);
  assert.equal(
    lifetime([...all, 'Surrogate-Control', 'max-age=2', 'CDN-Cache-Control', 'max-age=3']),
    3,
  );
  assert.equal(lifetime([...all, 'CDN-Cache-Control', 'max-age=x']), 1, 'it cannot be read');
  assert.equal(lifetime([...all, 'CDN-Cache-Control', 'public']), 0, 'then Expires is nothing');
});

test('what forbids keeping is told, unless the behavior insists', () => {
  const insists = { ...anyTtl, minS: 5 };
  for (const [said, plain] of [
    ['no-store', 'no-store'],
    ['private', 'private'],
    ['no-cache', 0],
  ] as const) {
    assert.equal(lifetime(['Cache-Control', `max-age=60, ${said}`]), plain);
    assert.equal(lifetime(['Cache-Control', `max-age=60, ${said}`], 200, insists), 5);
  }
  assert.equal(lifetime(['Cache-Control', 'max-age=60, no-store, must-understand']), 60);
  assert.equal(
    lifetime(['Cache-Control', 'max-age=60, no-store, must-understand'], 299),
    'no-store',
  );
});

test('a lifetime is guessed as a tenth of the time since the last change, a day at most', () => {
  assert.equal(lifetime(changed(1)), 86_400);
  assert.equal(lifetime(['Last-Modified', 'Sat, 10 Jan 2026 00:00:00 GMT']), 8_640);
  assert.equal(lifetime(['Last-Modified', 'Mon, 12 Jan 2026 00:00:00 GMT']), 0);
  assert.equal(lifetime(['Last-Modified', 'nonsense']), 0);
  assert.equal(lifetime(changed(1), 500), 'status 500 without a lifetime');
  assert.equal(lifetime([...changed(1), 'Cache-Control', 'public'], 500), 86_400);
  assert.equal(lifetime(changed(1), 200, { ...anyTtl, maxS: 10 }), 10);
});

test('answers to credentials are kept where the origin allows it', () => {
  const request = ['Authorization', 'Basic x'];
  assert.equal(hindranceByStandards(200, [], []), undefined);
  assert.equal(hindranceByStandards(200, [], request), 'an answer to credentials');
  for (const said of ['public', 'must-revalidate', 's-maxage=1']) {
    assert.equal(hindranceByStandards(200, ['Cache-Control', said], request), undefined, said);
  }
  assert.equal(
    hindranceByStandards(200, ['Cache-Control', 'max-age=1'], request),
    'an answer to credentials',
  );
});

test('parts, answers to conditions and what is not understood are no objects', () => {
  assert.equal(hindranceByStandards(206, [], []), 'a part of an object');
  assert.equal(hindranceByStandards(304, [], []), 'an answer to a condition');
  assert.equal(hindranceByStandards(103, [], []), 'status 103');
  const must = ['Cache-Control', 'must-understand'];
  assert.equal(hindranceByStandards(299, must, []), 'status 299 is not understood');
  assert.equal(hindranceByStandards(299, [], []), undefined);
  assert.equal(hindranceByStandards(200, must, []), undefined);
});
