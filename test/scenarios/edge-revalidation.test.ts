/** Revalidation: a stale object with a validator is confirmed with the origin, not fetched again. */
import assert from 'node:assert/strict';
import { headerValue, headerValues } from '../../src/http/header-list.ts';
import { scenario } from '../harness/scenario.ts';

scenario('a 304 makes a stale object fresh again', async ({ viewer, origin, clock }) => {
  origin.answers(200, { 'cache-control': 'max-age=60', etag: '"v1"' }, 'hello');
  await viewer.gets('/a.txt').sees({ xCache: 'Miss', body: 'hello' });
  await viewer.gets('/a.txt').sees({ xCache: 'Hit', body: 'hello' });

  await clock.passes(61_000);
  origin.whenAsked({ 'if-none-match': '"v1"' }).answers(304);
  await viewer.gets('/a.txt').sees({ xCache: 'RefreshHit', body: 'hello', headers: { age: '0' } });
  await viewer.gets('/a.txt').sees({ xCache: 'Hit' }); // sixty seconds more
  origin.wasAsked(2);
});

scenario(
  'the question carries the validators held and no condition of the viewer',
  async (stage) => {
    const { clock, origin, viewer } = stage;
    const lastModified = 'Sat, 01 Nov 2025 00:00:00 GMT';
    const headers = { 'cache-control': 'max-age=60', etag: '"v1"', 'last-modified': lastModified };
    origin.answers(200, headers, 'hello');
    await viewer.gets('/a').sees({ xCache: 'Miss' });
    await clock.passes(61_000);
    origin.answers(304);
    const asked = { 'If-None-Match': '"other"', 'If-Match': '"other"', Range: 'bytes=1-2' };
    await viewer.gets('/a', asked).sees({ status: 206, xCache: 'RefreshHit', body: 'el' });
    assert.deepEqual(headerValues(origin.last.headers, 'if-none-match'), ['"v1"']);
    assert.deepEqual(headerValues(origin.last.headers, 'if-modified-since'), [lastModified]);
    assert.equal(headerValue(origin.last.headers, 'if-match'), undefined);
    assert.equal(headerValue(origin.last.headers, 'range'), undefined);
  },
);

scenario('what a 304 confirms is as old as the 304 says', async ({ clock, origin, viewer }) => {
  origin.answers(200, { 'cache-control': 'max-age=60', etag: '"v1"' }, 'hello');
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  await clock.passes(61_000);
  origin.answers(304, { age: '50' });
  await viewer.gets('/a').sees({ xCache: 'RefreshHit', headers: { age: '50' } });
  await clock.passes(9_000);
  await viewer.gets('/a').sees({ xCache: 'Hit', headers: { age: '59' } });
  await clock.passes(1_000);
  await viewer.gets('/a').sees({ xCache: 'RefreshHit', headers: { age: '50' } });
});

scenario('a 304 renews fields, but not those of the body', async ({ clock, origin, viewer }) => {
  origin.answers(
    200,
    { 'cache-control': 'max-age=60', etag: '"v1"', 'x-kept': 'old', 'x-renewed': 'old' },
    'hello',
  );
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  await clock.passes(61_000);
  origin.answers(304, {
    etag: '"v1"',
    'cache-control': 'max-age=5',
    'x-renewed': 'new',
    'content-length': '999',
    'content-encoding': 'br',
    'set-cookie': 'a=b',
  });
  const renewed = {
    'x-kept': 'old',
    'x-renewed': 'new',
    'content-length': '5',
    'content-encoding': undefined,
    'set-cookie': undefined,
    'cache-control': 'max-age=5',
  };
  await viewer.gets('/a').sees({ xCache: 'RefreshHit', body: 'hello', headers: renewed });
  await clock.passes(4_000);
  await viewer.gets('/a').sees({ xCache: 'Hit', body: 'hello', headers: renewed });
  await clock.passes(2_000);
  await viewer.gets('/a').sees({ xCache: 'RefreshHit' });
});

scenario('a 200 replaces the stale object', async ({ clock, origin, viewer }) => {
  origin.answers(200, { 'cache-control': 'max-age=60', etag: '"v1"' }, 'old');
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  await clock.passes(61_000);
  origin.answers(200, { 'cache-control': 'max-age=60', etag: '"v2"' }, 'new');
  await viewer.gets('/a').sees({ xCache: 'Miss', body: 'new' });
  await viewer.gets('/a').sees({ xCache: 'Hit', body: 'new', headers: { etag: '"v2"' } });
});

scenario('a 304 under another etag is not believed', async ({ clock, origin, viewer }) => {
  origin.answers(200, { 'cache-control': 'max-age=60', etag: '"v1"' }, 'old');
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  await clock.passes(61_000);
  origin.answers(200, { 'cache-control': 'max-age=60', etag: '"v2"' }, 'new');
  origin.whenAsked({ 'if-none-match': '"v1"' }).answers(304, { etag: '"v2"' });
  await viewer.gets('/a').sees({ xCache: 'Miss', body: 'new' });
  origin.wasAsked(3);
});

scenario('a 304 that nobody asked for is no answer', async ({ origin, viewer }) => {
  origin.answers(304);
  await viewer.gets('/a').sees({ status: 502, body: /OriginInvalidResponse/ });
  origin.answers(206, { 'content-range': 'bytes 0-1/9' }, 'ab');
  await viewer.gets('/a').sees({ status: 502, body: /OriginInvalidResponse/ });
});

scenario('an error while asking is given, and only 404 and 410 end the object', async (stage) => {
  const { clock, origin, viewer } = stage;
  for (const [status, after] of [
    [403, 'RefreshHit'],
    [429, 'RefreshHit'],
    [404, 'Miss'],
    [410, 'Miss'],
  ] as const) {
    const path = `/${status}`;
    origin.answers(200, { 'cache-control': 'max-age=60', etag: '"v1"' }, 'hello');
    await viewer.gets(path).sees({ xCache: 'Miss' });
    await clock.passes(61_000);
    origin.answers(status, {}, 'no');
    await viewer.gets(path).sees({ status, xCache: 'Error', body: 'no' });
    await clock.passes(11_000);
    origin.answers(200, { etag: '"v1"' }, 'hello');
    origin.whenAsked({ 'if-none-match': '"v1"' }).answers(304);
    await viewer.gets(path).sees({ xCache: after, body: 'hello' });
  }
});

scenario('what has become private is served once more and dropped', async (stage) => {
  const { clock, origin, viewer } = stage;
  origin.answers(200, { 'cache-control': 'max-age=60', etag: '"v1"' }, 'hello');
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  await clock.passes(61_000);
  origin.whenAsked({ 'if-none-match': '"v1"' }).answers(304, { 'cache-control': 'private' });
  await viewer.gets('/a').sees({ xCache: 'RefreshHit', body: 'hello' });
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  assert.equal(headerValue(origin.last.headers, 'if-none-match'), undefined);
});

scenario('a stale object without a validator is fetched again', async (stage) => {
  const { clock, origin, viewer } = stage;
  origin.answers(200, { 'cache-control': 'max-age=60' }, 'old');
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  await clock.passes(61_000);
  origin.answers(200, {}, 'new');
  await viewer.gets('/a').sees({ xCache: 'Miss', body: 'new' });
  assert.equal(headerValue(origin.last.headers, 'if-modified-since'), undefined);
});

scenario('HEAD confirms what GET stored, or ends it', async ({ clock, origin, viewer }) => {
  const headers = { 'cache-control': 'max-age=60', etag: '"v1"' };
  origin.answers(200, headers, 'hello');
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  await clock.passes(61_000);
  await viewer.heads('/a').sees({ xCache: 'RefreshHit', headers: { 'content-length': '5' } });
  await viewer.gets('/a').sees({ xCache: 'Hit', body: 'hello' });
  await clock.passes(61_000);
  origin.answers(200, { ...headers, etag: '"v2"' }, 'longer than before');
  await viewer.heads('/a').sees({ xCache: 'Miss', headers: { etag: '"v2"' } });
  await viewer.gets('/a').sees({ xCache: 'Miss', body: 'longer than before' });
});
