/** The assertions of the edge contract on freshness, storing and revalidation, by their numbers. */
import assert from 'node:assert/strict';
import { headerValue, headerValues } from '../../src/http/header-list.ts';
import { keptFor } from '../harness/configs.ts';
import { scenario } from '../harness/scenario.ts';

const caching = (text: string) => ({ 'cache-control': text });

scenario('T5.01 max-age=60: hit at 59 s, origin asked at 61 s', async (stage) => {
  const { clock, origin, viewer } = stage;
  origin.answers(200, caching('max-age=60'), 'a');
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  await clock.passes(59_000);
  await viewer.gets('/a').sees({ xCache: 'Hit' });
  await clock.passes(2_000);
  await viewer.gets('/a').sees({ xCache: 'Miss' });
});

scenario('T5.02 s-maxage beats max-age; max-age beats Expires; headers pass', async (stage) => {
  const { clock, origin, viewer } = stage;
  const said = 'max-age=10, s-maxage=60';
  origin.answers(200, caching(said), 'a');
  await viewer.gets('/a').sees({ xCache: 'Miss', headers: { 'cache-control': said } });
  const expires = 'Thu, 01 Jan 2026 01:00:00 GMT';
  origin.answers(200, { ...caching('max-age=10'), expires }, 'b');
  await viewer.gets('/b').sees({ xCache: 'Miss' });
  await clock.passes(11_000);
  await viewer.gets('/a').sees({ xCache: 'Hit', headers: { 'cache-control': said } });
  await viewer.gets('/b').sees({ xCache: 'Miss', headers: { expires } });
});

scenario(
  'T5.03 no headers: the default lifetime, or the least one where that is longer',
  { behavior: { minTtlS: 100, defaultTtlS: 50 } },
  async ({ clock, origin, viewer }) => {
    origin.answers(200, {}, 'a');
    await viewer.gets('/a').sees({ xCache: 'Miss' });
    await clock.passes(99_000);
    await viewer.gets('/a').sees({ xCache: 'Hit' });
    await clock.passes(2_000);
    await viewer.gets('/a').sees({ xCache: 'Miss' });
  },
);

scenario(
  'T5.04 max-age over max: max; under min: min',
  { behavior: { minTtlS: 30, maxTtlS: 60 } },
  async ({ clock, origin, viewer }) => {
    origin.answers(200, caching('max-age=1000'), 'a');
    await viewer.gets('/long').sees({ xCache: 'Miss' });
    origin.answers(200, caching('max-age=1'), 'a');
    await viewer.gets('/short').sees({ xCache: 'Miss' });
    await clock.passes(29_000);
    await viewer.gets('/short').sees({ xCache: 'Hit' });
    await clock.passes(32_000);
    await viewer.gets('/long').sees({ xCache: 'Miss' });
  },
);

scenario('T5.05 Expires in the past, min 0: asked about each time', async ({ origin, viewer }) => {
  origin.answers(200, { expires: 'Wed, 01 Jan 2020 00:00:00 GMT', etag: '"v"' }, 'a');
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  origin.whenAsked({ 'if-none-match': '"v"' }).answers(304);
  await viewer.gets('/a').sees({ xCache: 'RefreshHit' });
  await viewer.gets('/a').sees({ xCache: 'RefreshHit' });
});

scenario('T5.06 no-store, private with min 0: never a hit, never stale', async (stage) => {
  const { origin, viewer } = stage;
  for (const said of ['no-store', 'private', 'max-age=60, private']) {
    origin.answers(200, caching(said), 'a');
    await viewer.gets('/a').sees({ xCache: 'Miss' });
    await viewer.gets('/a').sees({ xCache: 'Miss' });
    origin.answers(503, {}, 'down');
    await viewer.gets('/a').sees({ status: 503 });
    await stage.clock.passes(11_000);
  }
});

scenario(
  'T5.06 no-store, private with min 30: hit at 29 s',
  { behavior: { minTtlS: 30 } },
  async ({ clock, origin, viewer }) => {
    origin.answers(200, caching('no-store, private'), 'a');
    await viewer.gets('/a').sees({ xCache: 'Miss' });
    await clock.passes(29_000);
    await viewer.gets('/a').sees({ xCache: 'Hit' });
  },
);

scenario('T5.07 no-cache with min 0: asked each time', async ({ origin, viewer }) => {
  origin.answers(200, { ...caching('no-cache'), etag: '"v"' }, 'a');
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  origin.whenAsked({ 'if-none-match': '"v"' }).answers(304);
  await viewer.gets('/a').sees({ xCache: 'RefreshHit' });
  await viewer.gets('/a').sees({ xCache: 'RefreshHit' });
});

scenario('T5.08 what a viewer says of caching changes nothing', async ({ origin, viewer }) => {
  origin.answers(200, caching('max-age=60'), 'a');
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  for (const said of [{ 'Cache-Control': 'no-cache' }, { Pragma: 'no-cache' }]) {
    await viewer.gets('/a', said).sees({ xCache: 'Hit' });
  }
});

scenario('T5.09 an Age of the origin counts', async ({ clock, origin, viewer }) => {
  origin.answers(200, { ...caching('max-age=60'), age: '50' }, 'a');
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  await clock.passes(9_000);
  await viewer.gets('/a').sees({ xCache: 'Hit', headers: { age: '59' } });
  await clock.passes(2_000);
  await viewer.gets('/a').sees({ xCache: 'Miss' });
});

scenario('T5.10 stale with ETag: both conditions are sent', async ({ clock, origin, viewer }) => {
  const changed = 'Sat, 01 Nov 2025 00:00:00 GMT';
  origin.answers(200, { ...caching('max-age=60'), etag: '"v"', 'last-modified': changed }, 'a');
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  await clock.passes(61_000);
  origin.answers(304);
  await viewer.gets('/a').sees({ xCache: 'RefreshHit', body: 'a' });
  assert.equal(headerValue(origin.last.headers, 'if-none-match'), '"v"');
  assert.equal(headerValue(origin.last.headers, 'if-modified-since'), changed);
  await clock.passes(59_000);
  await viewer.gets('/a').sees({ xCache: 'Hit' });
});

scenario(
  'T5.11 stale with cookies forwarded: fetched without a condition',
  { behavior: { keyedCookies: { kind: 'all' } } },
  async ({ clock, origin, viewer }) => {
    origin.answers(200, { ...caching('max-age=60'), etag: '"v"' }, 'a');
    await viewer.gets('/a').sees({ xCache: 'Miss' });
    await clock.passes(61_000);
    await viewer.gets('/a').sees({ xCache: 'Miss' });
    assert.equal(headerValue(origin.last.headers, 'if-none-match'), undefined);
  },
);

scenario('T5.12 a hit with a condition that holds is a 304', async ({ origin, viewer }) => {
  const changed = 'Sat, 01 Nov 2025 00:00:00 GMT';
  origin.answers(200, { ...caching('max-age=60'), etag: '"v"', 'last-modified': changed }, 'a');
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  await viewer.gets('/a', { 'If-None-Match': 'W/"v"' }).sees({ status: 304, xCache: 'Hit' });
  const other = { 'If-None-Match': '"other"', 'If-Modified-Since': changed };
  await viewer.gets('/a', other).sees({ status: 200, xCache: 'Hit' });
});

scenario('T5.13 a miss with a condition: forwarded, nothing stored', async (stage) => {
  const { origin, viewer } = stage;
  origin.answers(200, { ...caching('max-age=60'), etag: '"v"' }, 'a');
  origin.whenAsked({ 'if-none-match': '"v"' }).answers(304, { etag: '"v"' });
  await viewer.gets('/a', { 'If-None-Match': '"v"' }).sees({ status: 304, xCache: 'Miss' });
  await viewer.gets('/a').sees({ status: 200, xCache: 'Miss' });
});

scenario('T5.14 Vary: *, min 0: asked each time without conditions', async (stage) => {
  const { origin, viewer } = stage;
  origin.answers(200, { ...caching('max-age=60'), etag: '"v"', vary: '*' }, 'a');
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  assert.equal(headerValue(origin.last.headers, 'if-none-match'), undefined);
});

scenario('T5.15 Vary is for the policy to decide', async ({ origin, viewer }) => {
  origin.answers(200, { ...caching('max-age=60'), vary: 'Accept-Language, Accept-Encoding' }, 'a');
  const seen = { headers: { vary: 'Accept-Encoding' } };
  await viewer.gets('/a', { 'Accept-Language': 'de' }).sees({ xCache: 'Miss', ...seen });
  await viewer.gets('/a', { 'Accept-Language': 'fr' }).sees({ xCache: 'Hit', ...seen });
});

scenario('T5.16 Set-Cookie is removed where cookies are not forwarded', async (stage) => {
  const { origin, viewer } = stage;
  origin.answers(200, { ...caching('max-age=60'), 'set-cookie': 'a=b' }, 'a');
  await viewer.gets('/a').sees({ xCache: 'Miss', headers: { 'set-cookie': undefined } });
  await viewer.gets('/a').sees({ xCache: 'Hit', headers: { 'set-cookie': undefined } });
});

scenario(
  'T5.16 and replayed on hits where they are, unless the origin forbids it',
  { behavior: { keyedCookies: { kind: 'only', names: ['b'] } } },
  async ({ origin, viewer }) => {
    origin.answers(200, { ...caching('max-age=60'), 'set-cookie': 'a=b' }, 'a');
    await viewer.gets('/a').sees({ xCache: 'Miss', headers: { 'set-cookie': 'a=b' } });
    await viewer.gets('/a').sees({ xCache: 'Hit', headers: { 'set-cookie': 'a=b' } });
    const said = 'max-age=60, no-cache="Set-Cookie"';
    origin.answers(200, { ...caching(said), 'set-cookie': 'a=b' }, 'a');
    await viewer.gets('/b').sees({ xCache: 'Miss', headers: { 'set-cookie': 'a=b' } });
    await viewer.gets('/b').sees({ xCache: 'Hit', headers: { 'set-cookie': undefined } });
  },
);

scenario('T5.17 redirects are passed on, and kept by their rules', async ({ origin, viewer }) => {
  const target = { location: 'http://elsewhere.example.com/' };
  origin.answers(301, target);
  await viewer.gets('/301').sees({ status: 301, xCache: 'Miss', headers: target });
  await viewer.gets('/301').sees({ status: 301, xCache: 'Hit', headers: target });
  origin.answers(307, target);
  await viewer.gets('/307').sees({ status: 307, xCache: 'Miss' });
  await viewer.gets('/307').sees({ status: 307, xCache: 'Miss' });
  origin.answers(307, { ...target, ...caching('max-age=60') });
  await viewer.gets('/307').sees({ xCache: 'Miss' });
  await viewer.gets('/307').sees({ status: 307, xCache: 'Hit' });
});

scenario('T5.18 404 without headers is kept for 10 s, with max-age for longer', async (stage) => {
  const { clock, origin, viewer } = stage;
  origin.answers(404, {}, 'no');
  await viewer.gets('/a').sees({ status: 404, xCache: 'Error', headers: { age: undefined } });
  await clock.passes(9_000);
  await viewer.gets('/a').sees({ status: 404, xCache: 'Error', headers: { age: '9' } });
  origin.wasAsked(1);
  await clock.passes(2_000);
  origin.answers(404, caching('max-age=60'), 'no');
  await viewer.gets('/a').sees({ status: 404 });
  await clock.passes(59_000);
  await viewer.gets('/a').sees({ status: 404 });
  origin.wasAsked(1);
});

scenario(
  'T5.18 with a floor of 0 it is not kept; a floor of 300 beats max-age=60',
  { config: { errorResponses: [keptFor(404, 0), keptFor(500, 300)] } },
  async ({ clock, origin, viewer }) => {
    origin.answers(404, {}, 'no');
    await viewer.gets('/a').sees({ status: 404 });
    await viewer.gets('/a').sees({ status: 404 });
    origin.wasAsked(2);
    origin.answers(500, caching('max-age=60'), 'no');
    await viewer.gets('/b').sees({ status: 500 });
    await clock.passes(299_000);
    await viewer.gets('/b').sees({ status: 500 });
    origin.wasAsked(1);
  },
);

scenario('T5.19 403 is kept only with max-age, then for 10 s at least', async (stage) => {
  const { clock, origin, viewer } = stage;
  origin.answers(403, {}, 'no');
  await viewer.gets('/a').sees({ status: 403 });
  await viewer.gets('/a').sees({ status: 403 });
  origin.wasAsked(2);
  origin.answers(403, caching('max-age=5'), 'no');
  await viewer.gets('/a').sees({ status: 403 });
  await clock.passes(9_000);
  await viewer.gets('/a').sees({ status: 403 });
  origin.wasAsked(1);
});

scenario(
  'T5.20 429, 401 and 416 are never kept; the longest lifetime bounds errors too',
  {
    behavior: { maxTtlS: 20, defaultTtlS: 20 },
    config: { errorResponses: [keptFor(416, 100)] },
  },
  async ({ clock, origin, viewer }) => {
    for (const status of [401, 416, 429]) {
      origin.answers(status, caching('max-age=60'), 'no');
      await viewer.gets('/a').sees({ status });
      await viewer.gets('/a').sees({ status });
      origin.wasAsked(2);
    }
    origin.answers(404, caching('max-age=60'), 'no');
    await viewer.gets('/a').sees({ status: 404 });
    await clock.passes(21_000);
    await viewer.gets('/a').sees({ status: 404 });
    origin.wasAsked(2);
  },
);

scenario(
  'T5.21 caching disabled: a 404 is asked for each time',
  { behavior: { minTtlS: 0, defaultTtlS: 0, maxTtlS: 0 } },
  async ({ origin, viewer }) => {
    origin.answers(404, caching('max-age=60'), 'no');
    await viewer.gets('/a').sees({ status: 404 });
    await viewer.gets('/a').sees({ status: 404 });
    origin.wasAsked(2);
  },
);

scenario('T5.22 stale while the origin answers 503, which is asked again after 10 s', async (s) => {
  const { clock, origin, viewer } = s;
  origin.answers(200, caching('max-age=60'), 'a');
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  await clock.passes(61_000);
  origin.answers(503, {}, 'down');
  await viewer.gets('/a').sees({ status: 200, xCache: 'Hit', body: 'a', headers: { age: '61' } });
  origin.wasAsked(2);
  await clock.passes(9_000);
  await viewer.gets('/a').sees({ status: 200, body: 'a' });
  origin.wasAsked(0);
  await clock.passes(2_000);
  await viewer.gets('/a').sees({ status: 200, body: 'a' });
  origin.wasAsked(1);
});

for (const [number, said] of [
  ['T5.23', 'max-age=60, stale-if-error=0'],
  ['T5.25', 'max-age=60, must-revalidate'],
  ['T5.25', 'max-age=60, proxy-revalidate'],
] as const) {
  scenario(`${number} ${said} and an origin out of reach: the error`, async (stage) => {
    const { clock, origin, viewer } = stage;
    origin.answers(200, { ...caching(said), etag: '"v"' }, 'a');
    await viewer.gets('/a').sees({ xCache: 'Miss' });
    await clock.passes(61_000);
    origin.does((socket) => socket.destroy());
    await viewer.gets('/a').sees({ status: 502, xCache: 'Error' });
  });
}

scenario('T5.24 stale-if-error=100: stale at 99 s past expiry, error at 101 s', async (stage) => {
  const { clock, origin, viewer } = stage;
  origin.answers(200, caching('max-age=60, stale-if-error=100'), 'a');
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  origin.does((socket) => socket.destroy());
  await clock.passes(159_000);
  await viewer.gets('/a').sees({ status: 200, body: 'a' });
  await clock.passes(2_000);
  await viewer.gets('/a').sees({ status: 502 });
});

scenario('T5.26 stale and the origin answers 404: the 404', async ({ clock, origin, viewer }) => {
  origin.answers(200, caching('max-age=60'), 'a');
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  await clock.passes(61_000);
  origin.answers(404, {}, 'no');
  await viewer.gets('/a').sees({ status: 404, body: 'no' });
});

scenario('T5.27 stale-while-revalidate: served at once, renewed by one request', async (stage) => {
  const { clock, origin, viewer } = stage;
  origin.answers(200, { ...caching('max-age=60, stale-while-revalidate=30'), etag: '"1"' }, 'old');
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  await clock.passes(70_000);
  const answers: (() => void)[] = [];
  origin.does((socket) => {
    answers.push(() => {
      socket.write(
        'HTTP/1.1 200 OK\r\nCache-Control: max-age=60, stale-while-revalidate=30\r\nContent-Length: 3\r\n\r\nnew',
      );
    });
  });
  await viewer.gets('/a').sees({ xCache: 'Hit', body: 'old', headers: { age: '70' } });
  await origin.hears(2);
  await viewer.gets('/a').sees({ xCache: 'Hit', body: 'old' });
  assert.equal(origin.asked.length, 2);
  for (const answer of answers) answer();
  // The new object is there once its last byte has come.
  for (;;) {
    const { body } = await viewer.gets('/a').answer;
    if (body === 'new') break;
  }
  await clock.passes(91_000);
  origin.answers(200, caching('max-age=60'), 'newest');
  await viewer.gets('/a').sees({ xCache: 'Miss', body: 'newest' });
});

scenario('T5.28 ten equal misses at once: one request, one Miss, nine Hit', async (stage) => {
  const { origin, viewer } = stage;
  const answers: (() => void)[] = [];
  origin.does((socket) => {
    answers.push(() => {
      socket.write('HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 5\r\n\r\nhel');
      socket.write('lo');
    });
  });
  const first = viewer.gets('/a');
  await origin.hears(1);
  const others = Array.from({ length: 9 }, () => viewer.gets('/a'));
  await stage.clock.passes(10);
  for (const answer of answers) answer();
  await first.sees({ xCache: 'Miss', body: 'hello' });
  for (const one of others) await one.sees({ xCache: 'Hit', body: 'hello' });
  origin.wasAsked(1);
});

scenario('T5.29 ten at once answered private: each has its own answer', async (stage) => {
  const { origin, viewer } = stage;
  let count = 0;
  const waiting: (() => void)[] = [];
  origin.does((socket) => {
    count += 1;
    const body = `own-${String(count).padStart(2, '0')}`;
    waiting.push(() => {
      socket.write(
        `HTTP/1.1 200 OK\r\nCache-Control: private\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
    });
    if (count > 1) for (const answer of waiting.splice(0)) answer();
  });
  const first = viewer.gets('/a');
  await origin.hears(1);
  const others = Array.from({ length: 9 }, () => viewer.gets('/a'));
  await stage.clock.passes(10);
  for (const answer of waiting.splice(0)) answer();
  const answers = await Promise.all([first, ...others].map(({ answer }) => answer));
  assert.equal(new Set(answers.map(({ body }) => body)).size, 10);
});

scenario('T5.30 the only viewer leaves: nothing is stored', async ({ origin, viewer }) => {
  origin.sends('HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 10\r\n\r\nhalf');
  const connection = await viewer.connects();
  connection.write('GET /a HTTP/1.1\r\nHost: d111111abcdef8.cloudfront.localhost\r\n\r\n');
  await origin.hears(1);
  connection.socket.resetAndDestroy();
  await origin.isLeft(1);
  origin.answers(200, caching('max-age=60'), 'whole');
  await viewer.gets('/a').sees({ xCache: 'Miss', body: 'whole' });
});

scenario(
  'T5.31 what ends too early is cut and not stored; an end by close is stored',
  async (s) => {
    const { origin, viewer } = s;
    const head = 'HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n';
    origin.sends(`${head}Content-Length: 10\r\n\r\nhalf`, 'end');
    await assert.rejects(viewer.gets('/a').answer);
    origin.sends(`${head}Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n`, 'end');
    await assert.rejects(viewer.gets('/a').answer);
    origin.sends(`${head}\r\nwhole`, 'end');
    await viewer.gets('/a').sees({ xCache: 'Miss', body: 'whole' });
    await viewer.gets('/a').sees({ xCache: 'Hit', body: 'whole' });
  },
);

scenario(
  'T5.32 POST to a cached URL leaves the object as it is',
  { behavior: { allowedMethods: 'all' } },
  async ({ origin, viewer }) => {
    origin.answers(200, caching('max-age=60'), 'a');
    await viewer.gets('/a').sees({ xCache: 'Miss' });
    await viewer.asks('POST', '/a').sees({ status: 200, xCache: 'Miss' });
    await viewer.gets('/a').sees({ xCache: 'Hit' });
    assert.deepEqual(headerValues(origin.last.headers, 'content-length'), ['0']);
  },
);
