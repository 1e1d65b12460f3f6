/** Caching: what is stored, for how long it is served, and how old it says it is (edge contract 5). */
import assert from 'node:assert/strict';
import { headerValue } from '../../src/http/header-list.ts';
import { formatHttpDate } from '../../src/http/dates.ts';
import { instant } from '../../src/base/clock.ts';
import { distributionOf, host, scenario } from '../harness/scenario.ts';
import { until } from '../harness/until.ts';
import { Asking } from '../harness/viewer.ts';

const hour = 3_600_000;

scenario('max-age is how long an object is served unasked', async ({ clock, origin, viewer }) => {
  origin.answers(200, { 'cache-control': 'max-age=60' }, 'hello');
  const first = await viewer.gets('/a').sees({ xCache: 'Miss', headers: { age: undefined } });
  await clock.passes(7_000);
  const second = await viewer.gets('/a').sees({ xCache: 'Hit', headers: { age: '7' } });
  assert.equal(headerValue(second.headers, 'date'), headerValue(first.headers, 'date'));
  await clock.passes(52_000);
  await viewer.gets('/a').sees({ xCache: 'Hit', headers: { age: '59' } });
  await clock.passes(2_000);
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  origin.wasAsked(2);
});

scenario('s-maxage beats max-age beats Expires, and all reach the viewer', async (stage) => {
  const { clock, origin, viewer } = stage;
  const headers = {
    'cache-control': 'max-age=10, s-maxage=60',
    expires: formatHttpDate(instant(clock.now() + hour)),
  };
  origin.answers(200, headers, 'hello');
  await viewer.gets('/a').sees({ headers });
  await clock.passes(59_000);
  await viewer.gets('/a').sees({ xCache: 'Hit', headers });
  await clock.passes(2_000);
  await viewer.gets('/a').sees({ xCache: 'Miss' });
});

scenario(
  'without lifetime headers the default lifetime counts',
  { behavior: { defaultTtlS: 100 } },
  async ({ clock, origin, viewer }) => {
    origin.answers(200, {}, 'hello');
    await viewer.gets('/a').sees({ xCache: 'Miss' });
    await clock.passes(99_000);
    await viewer.gets('/a').sees({ xCache: 'Hit' });
    await clock.passes(2_000);
    await viewer.gets('/a').sees({ xCache: 'Miss' });
  },
);

scenario(
  'with a minimum even no-store is kept for so long',
  { behavior: { minTtlS: 30 } },
  async ({ clock, origin, viewer }) => {
    for (const said of ['no-store', 'private', 'no-cache', 'max-age=1']) {
      origin.answers(200, { 'cache-control': said }, said);
      await viewer.gets(`/${said}`).sees({ xCache: 'Miss' });
      await clock.passes(29_000);
      await viewer.gets(`/${said}`).sees({ xCache: 'Hit', headers: { 'cache-control': said } });
      await clock.passes(2_000);
      await viewer.gets(`/${said}`).sees({ xCache: 'Miss' });
    }
  },
);

scenario('no-store and private are never kept', async ({ origin, viewer }) => {
  for (const said of ['no-store', 'private', 'max-age=60, no-store', 'private, max-age=60']) {
    origin.answers(200, { 'cache-control': said, etag: '"v"' }, 'secret');
    await viewer.gets('/a').sees({ xCache: 'Miss', body: 'secret' });
    await viewer.gets('/a').sees({ xCache: 'Miss', body: 'secret' });
    assert.equal(headerValue(origin.last.headers, 'if-none-match'), undefined);
    origin.wasAsked(2);
  }
});

scenario('no-cache and a past Expires are kept, and asked about each time', async (stage) => {
  const { clock, origin, viewer } = stage;
  for (const [path, headers] of [
    ['/no-cache', { 'cache-control': 'no-cache' }],
    ['/zero', { 'cache-control': 'max-age=0' }],
    ['/past', { expires: formatHttpDate(instant(clock.now() - hour)) }],
    ['/no-date', { expires: '0' }],
  ] as const) {
    origin.answers(200, { etag: '"v1"', ...headers }, 'hello');
    origin.whenAsked({ 'if-none-match': '"v1"' }).answers(304, { etag: '"v1"', ...headers });
    await viewer.gets(path).sees({ xCache: 'Miss' });
    await viewer.gets(path).sees({ xCache: 'RefreshHit', body: 'hello' });
    await viewer.gets(path).sees({ xCache: 'RefreshHit', body: 'hello' });
    origin.wasAsked(3);
  }
});

scenario('what a viewer says of caching makes no difference', async ({ origin, viewer }) => {
  origin.answers(200, { 'cache-control': 'max-age=60' }, 'hello');
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  for (const said of ['no-cache', 'max-age=0', 'no-store', 'only-if-cached']) {
    await viewer.gets('/a', { 'Cache-Control': said, Pragma: 'no-cache' }).sees({ xCache: 'Hit' });
  }
  origin.wasAsked(1);
});

scenario('an object that arrives with an age is so much sooner stale', async (stage) => {
  const { clock, origin, viewer } = stage;
  origin.answers(200, { 'cache-control': 'max-age=60', age: '50' }, 'hello');
  await viewer.gets('/a').sees({ xCache: 'Miss', headers: { age: '50' } });
  await clock.passes(9_000);
  await viewer.gets('/a').sees({ xCache: 'Hit', headers: { age: '59' } });
  await clock.passes(2_000);
  await viewer.gets('/a').sees({ xCache: 'Miss' });
});

scenario(
  'query, cookies, scheme and host make no other object',
  async ({ origin, serves, viewer }) => {
    serves(distributionOf('custom', { aliases: ['www.example.org'] }));
    origin.answers(200, { 'cache-control': 'max-age=60' }, 'hello');
    await viewer.gets('/a?x=1').sees({ xCache: 'Miss' });
    assert.equal(origin.last.target, '/a');
    await viewer.gets('/a?x=2', { Cookie: 'a=b' }).sees({ xCache: 'Hit' });
    await viewer.for('www.example.org').gets('/a').sees({ xCache: 'Hit' });
    origin.wasAsked(1);
  },
);

scenario('paths are told apart byte by byte', async ({ origin, viewer }) => {
  origin.answers(200, { 'cache-control': 'max-age=60' }, 'hello');
  for (const path of ['/a%2Fb', '/a%2fb', '/a/b', '//a/b', '/a/./b', '/A/b', '/%zz', '/\xe9']) {
    await viewer.gets(path).sees({ xCache: 'Miss' });
    assert.equal(origin.last.target, path);
    await viewer.gets(path).sees({ xCache: 'Hit' });
  }
});

scenario('gzip and identity are two objects of a custom origin', async ({ origin, viewer }) => {
  origin.answers(200, { 'cache-control': 'max-age=60', vary: 'Accept-Encoding' }, 'plain');
  origin
    .whenAsked({ 'accept-encoding': 'gzip' })
    .answers(200, { 'cache-control': 'max-age=60', 'content-encoding': 'gzip' }, 'zipped');
  const zipped = { body: 'zipped', headers: { 'content-encoding': 'gzip' } };
  await viewer.gets('/a', { 'Accept-Encoding': 'br, gzip' }).sees({ xCache: 'Miss', ...zipped });
  await viewer.gets('/a', { 'Accept-Encoding': 'gzip;q=0.5' }).sees({ xCache: 'Hit', ...zipped });
  await viewer.gets('/a').sees({ xCache: 'Miss', body: 'plain' });
  await viewer
    .gets('/a', { 'Accept-Encoding': 'deflate, *' })
    .sees({ xCache: 'Hit', body: 'plain' });
  await viewer.gets('/a', { 'Accept-Encoding': 'gzip;q=0' }).sees({ xCache: 'Hit', body: 'plain' });
  origin.wasAsked(2);
});

scenario('redirects are kept by their lifetimes and not followed', async ({ origin, viewer }) => {
  origin.answers(301, { location: 'http://elsewhere.test/' });
  await viewer.gets('/301').sees({ status: 301, xCache: 'Miss' });
  await viewer.gets('/301').sees({
    status: 301,
    xCache: 'Hit',
    headers: { location: 'http://elsewhere.test/' },
  });
  origin.answers(307, { location: '/x' });
  await viewer.gets('/307').sees({ xCache: 'Miss' });
  await viewer.gets('/307').sees({ xCache: 'Miss' });
  origin.answers(307, { location: '/x', 'cache-control': 'max-age=60' });
  await viewer.gets('/307').sees({ xCache: 'Miss' });
  await viewer.gets('/307').sees({ xCache: 'Hit' });
});

scenario('errors without a place in the table are never kept', async ({ origin, viewer }) => {
  for (const status of [401, 410, 416, 429, 505]) {
    origin.answers(status, { 'cache-control': 'max-age=60' }, `body of ${status}`);
    await viewer.gets('/a').sees({ status, xCache: 'Error', body: `body of ${status}` });
    await viewer.gets('/a').sees({ status, xCache: 'Error' });
    origin.wasAsked(2);
  }
});

scenario('Vary: * goes to the origin each time, without conditions', async ({ origin, viewer }) => {
  origin.answers(200, { 'cache-control': 'max-age=60', vary: '*', etag: '"v"' }, 'hello');
  await viewer.gets('/a').sees({ xCache: 'Miss', headers: { vary: '*' } });
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  assert.equal(headerValue(origin.last.headers, 'if-none-match'), undefined);
});

scenario('Vary is cut down to what may matter to the viewer', async ({ origin, viewer }) => {
  origin.answers(200, { vary: 'Accept-Language, Accept-Encoding' }, 'hello');
  await viewer.gets('/a').sees({ headers: { vary: 'Accept-Encoding' } });
  await viewer
    .gets('/a', { 'Accept-Language': 'de' })
    .sees({ xCache: 'Hit', headers: { vary: 'Accept-Encoding' } });
  origin.answers(200, { vary: 'Accept-Language' }, 'hello');
  await viewer.gets('/b').sees({ headers: { vary: undefined } });
});

scenario('cookies are not set, and fields that no-cache names are not repeated', async (stage) => {
  const { origin, viewer } = stage;
  const headers = { 'set-cookie': 'a=b', 'cache-control': 'max-age=60, no-cache="X-Once"' };
  origin.answers(200, { ...headers, 'x-once': '1', 'x-always': '2' }, 'hello');
  const always = { 'set-cookie': undefined, 'x-always': '2' };
  await viewer.gets('/a').sees({ xCache: 'Miss', headers: { ...always, 'x-once': '1' } });
  await viewer.gets('/a').sees({ xCache: 'Hit', headers: { ...always, 'x-once': undefined } });
});

scenario('HEAD is a hit on what GET stored, and not the other way round', async (stage) => {
  const { origin, viewer } = stage;
  origin.answers(200, { 'cache-control': 'max-age=60', etag: '"v"' }, 'hello');
  await viewer.heads('/a').sees({ xCache: 'Miss', headers: { 'content-length': '5' } });
  assert.equal(origin.last.method, 'HEAD');
  await viewer.heads('/a').sees({ xCache: 'Hit', headers: { 'content-length': '5' } });
  await viewer.gets('/a').sees({ xCache: 'Miss', body: 'hello' });
  await viewer.heads('/a').sees({ xCache: 'Hit', headers: { 'content-length': '5', age: '0' } });
  await viewer.gets('/a').sees({ xCache: 'Hit', body: 'hello' });
  origin.wasAsked(2);
});

scenario('a chunked object is chunked again on a hit', async ({ origin, viewer }) => {
  const headers = { 'transfer-encoding': 'chunked', 'content-length': '' };
  origin.answers(200, headers, 'hello');
  const told = { 'content-length': undefined, 'transfer-encoding': 'chunked' };
  await viewer.gets('/a').sees({ xCache: 'Miss', body: 'hello', headers: told });
  await viewer.gets('/a').sees({ xCache: 'Hit', body: 'hello', headers: told });
  await viewer.heads('/a').sees({ headers: { 'content-length': undefined } });
});

scenario('an empty object is an object', async ({ origin, viewer }) => {
  origin.answers(200, { 'cache-control': 'max-age=60' }, '');
  await viewer.gets('/a').sees({ xCache: 'Miss', body: '', headers: { 'content-length': '0' } });
  await viewer.gets('/a').sees({ xCache: 'Hit', body: '', headers: { 'content-length': '0' } });
  origin.answers(204);
  await viewer.gets('/b').sees({ status: 204, xCache: 'Miss' });
  await viewer.gets('/b').sees({ status: 204, xCache: 'Hit' });
});

scenario(
  'with all lifetimes at zero nothing is kept',
  { behavior: { minTtlS: 0, defaultTtlS: 0, maxTtlS: 0 } },
  async ({ origin, viewer }) => {
    origin.answers(200, { 'cache-control': 'max-age=60', etag: '"v"' }, 'hello');
    await viewer.gets('/a').sees({ xCache: 'Miss' });
    await viewer.gets('/a').sees({ xCache: 'Miss' });
    origin.wasAsked(2);
  },
);

scenario(
  'a body above the bound streams through and is not kept',
  { settings: { cachedBodyBytesMax: 1_000 } },
  async ({ origin, viewer }) => {
    const whole = 'x'.repeat(1_001);
    for (const framing of [{}, { 'transfer-encoding': 'chunked', 'content-length': '' }]) {
      origin.answers(200, framing, whole);
      await viewer.gets('/a').sees({ xCache: 'Miss', body: whole });
      await viewer.gets('/a').sees({ xCache: 'Miss', body: whole });
    }
    origin.answers(200, {}, whole.slice(1));
    await viewer.gets('/a').sees({ xCache: 'Miss' });
    await viewer.gets('/a').sees({ xCache: 'Hit' });
  },
);

scenario('what was asked for before all was forgotten is asked for again', async (stage) => {
  const { edge, origin, viewer } = stage;
  let answer: (() => void) | undefined;
  origin.does((socket) => {
    answer = () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nold');
  });
  const asking = viewer.gets('/a');
  await origin.hears(1);
  edge.forget();
  origin.answers(200, {}, 'new');
  await viewer.gets('/a').sees({ xCache: 'Miss', body: 'new' });
  answer?.();
  await asking.sees({ body: 'new' });
  await viewer.gets('/a').sees({ xCache: 'Hit', body: 'new' });
});

scenario('what is forgotten is fetched again, also when it was on its way', async (stage) => {
  const { edge, origin, viewer } = stage;
  origin.answers(200, {}, 'old');
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  edge.forget();
  let finish: (() => void) | undefined;
  origin.does((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha');
    finish = () => socket.write('lf');
  });
  await using reader = await viewer.connects();
  reader.write(`GET /a HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  await until('a part has come', () => reader.unread.includes('\r\n\r\nha') || undefined);
  edge.forget();
  finish?.();
  await new Asking(reader.answer()).sees({ xCache: 'Miss', body: 'half' });
  origin.answers(200, {}, 'new');
  await viewer.gets('/a').sees({ xCache: 'Miss', body: 'new' });
});
