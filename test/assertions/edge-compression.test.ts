/** The assertions of the edge contract on Accept-Encoding and compression, by their numbers. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { headerValue } from '../../src/http/header-list.ts';
import { invalidates } from '../harness/invalidating.ts';
import { distributionOf, host, scenario } from '../harness/scenario.ts';
import type { Answer } from '../harness/viewer.ts';

const accepting = (codings: string) => ({ 'Accept-Encoding': codings });
const policy = (gzip: boolean, brotli: boolean) => ({ kind: 'policy', gzip, brotli }) as const;
const lastModified = 'Thu, 01 Jan 2026 00:00:00 GMT';
const fresh = { 'cache-control': 'max-age=60' };

for (const [name, encodings, told] of [
  ['both', policy(true, true), 'br,gzip'],
  ['gzip', policy(true, false), 'gzip'],
  ['br', policy(false, true), 'br'],
] as const) {
  const behavior = { encodings };
  scenario(`T4.12 what counts of gzip, deflate, br: ${name}`, { behavior }, async (stage) => {
    const { origin, viewer } = stage;
    origin.answers(200, fresh, 'a');
    await viewer.gets('/a', accepting('gzip, deflate, br')).sees({ xCache: 'Miss' });
    assert.equal(headerValue(origin.last.headers, 'accept-encoding'), told);
    await viewer.gets('/a', accepting(`x, ${told}`)).sees({ xCache: 'Hit' });
    await viewer.gets('/a', accepting('deflate')).sees({ xCache: 'Miss' });
  });
}

scenario(
  'T4.13 deflate alone asks the origin for identity; nothing asks for nothing',
  { behavior: { encodings: policy(true, true) } },
  async ({ origin, viewer }) => {
    origin.answers(200, fresh, 'a');
    await viewer.gets('/a', accepting('deflate')).sees({ xCache: 'Miss' });
    assert.equal(headerValue(origin.last.headers, 'accept-encoding'), 'identity');
    await viewer.gets('/a').sees({ xCache: 'Hit' });
    await viewer.gets('/b').sees({ xCache: 'Miss' });
    assert.equal(headerValue(origin.last.headers, 'accept-encoding'), undefined);
    await viewer.gets('/b', accepting('br;q=0, *')).sees({ xCache: 'Hit' });
    const old = 'GET /c HTTP/1.0\r\nHost: d111111abcdef8.cloudfront.localhost\r\n';
    await viewer.sends(`${old}Accept-Encoding: gzip, br\r\n\r\n`).sees({ xCache: 'Miss' });
    assert.equal(headerValue(origin.last.headers, 'accept-encoding'), undefined);
  },
);

for (const [title, behavior] of [
  ['no coding counts', { encodings: policy(false, false), keyedHeaders: ['accept-encoding'] }],
  ['it is keyed by name', { encodings: policy(true, true), keyedHeaders: ['accept-encoding'] }],
] as const) {
  scenario(`4.3 an ordinary field where ${title}`, { behavior }, async ({ origin, viewer }) => {
    origin.answers(200, fresh, 'a');
    await viewer.gets('/a', accepting('gzip, x')).sees({ xCache: 'Miss' });
    assert.equal(headerValue(origin.last.headers, 'accept-encoding'), 'gzip, x');
    await viewer.gets('/a', accepting('gzip')).sees({ xCache: 'Miss' });
    await viewer.gets('/a', accepting('gzip, x')).sees({ xCache: 'Hit' });
  });
}

scenario(
  '4.3 no coding counts and it is not listed: it is not sent',
  { behavior: { encodings: policy(false, false) } },
  async ({ origin, viewer }) => {
    origin.answers(200, fresh, 'a');
    await viewer.gets('/a', accepting('gzip')).sees({ xCache: 'Miss' });
    assert.equal(headerValue(origin.last.headers, 'accept-encoding'), undefined);
    await viewer.gets('/a').sees({ xCache: 'Hit' });
  },
);

const page = 'a line of some text that is worth it\n'.repeat(60);
const html = { ...fresh, 'content-type': 'text/html; charset=utf-8', etag: '"v1"' };
const rules = { compress: true, encodings: policy(true, true) };
const on = { behavior: rules };
const inflate = (bytes: Buffer, coding: 'br' | 'gzip') =>
  (coding === 'br' ? brotliDecompressSync(bytes) : gunzipSync(bytes)).toString('latin1');

function isPlain(answer: Answer): void {
  assert.equal(headerValue(answer.headers, 'content-encoding'), undefined);
}

scenario('T6.11 of 1,000 to 10,000,000 bytes', on, async ({ origin, viewer }) => {
  for (const [size, coding] of [
    [999, undefined],
    [1_000, 'br'],
    [10_000_000, 'br'],
    [10_000_001, undefined],
  ] as const) {
    const body = 'a'.repeat(size);
    origin.answers(200, html, body);
    const expected = { status: 200, headers: { 'content-encoding': coding } };
    for (const xCache of ['Miss', 'Hit']) {
      const answer = await viewer.gets(`/${size}`, accepting('gzip, br')).sees({
        ...expected,
        xCache,
      });
      if (coding === undefined) assert.equal(answer.bytes.length, size);
      else assert.equal(inflate(answer.bytes, coding), body);
      const isStreamed = coding !== undefined && xCache === 'Miss';
      assert.equal(answer.framing, isStreamed ? 'chunked' : 'length');
    }
  }
});

scenario('T6.12 no Content-Length, or any Content-Encoding: as it is', on, async (stage) => {
  const { origin, viewer } = stage;
  origin.answers(200, { ...html, 'transfer-encoding': 'chunked', 'content-length': '' }, page);
  isPlain(await viewer.gets('/a', accepting('gzip')).sees({ body: page }));
  for (const coding of ['identity', 'gzip', '']) {
    // A field that is empty is there all the same.
    const named = { ...html, 'Content-Encoding': coding === '' ? ' ' : coding };
    origin.answers(200, named, page);
    await viewer.gets(`/${coding}`, accepting('gzip')).sees({
      body: page,
      headers: { 'content-encoding': coding, etag: '"v1"' },
    });
  }
});

scenario('T6.13 br before gzip; each its own object', on, async ({ origin, viewer }) => {
  origin.answers(200, html, page);
  for (const xCache of ['Miss', 'Hit']) {
    const both = await viewer.gets('/a', accepting('gzip, br')).sees({ xCache });
    assert.equal(inflate(both.bytes, 'br'), page);
    const one = await viewer.gets('/a', accepting('gzip')).sees({ xCache });
    assert.equal(inflate(one.bytes, 'gzip'), page);
    await viewer
      .gets('/a')
      .sees({ xCache, body: page, headers: { 'content-encoding': undefined } });
  }
  origin.wasAsked(3);
});

scenario(
  'T6.13 legacy mode: gzip, never br',
  { behavior: { compress: true } },
  async ({ origin, viewer }) => {
    origin.answers(200, html, page);
    const answer = await viewer.gets('/a', accepting('gzip, br')).sees({ xCache: 'Miss' });
    assert.equal(inflate(answer.bytes, 'gzip'), page);
    assert.equal(headerValue(origin.last.headers, 'accept-encoding'), 'gzip');
    isPlain(await viewer.gets('/a', accepting('br')).sees({ xCache: 'Miss', body: page }));
    assert.equal(headerValue(origin.last.headers, 'accept-encoding'), undefined);
  },
);

scenario('T6.14 types and statuses', on, async ({ origin, viewer }) => {
  for (const [status, type, coding] of [
    [200, 'image/png', undefined],
    [200, 'text/html; charset=utf-8', 'br'],
    [404, 'text/html', 'br'],
    [403, 'TEXT/HTML', 'br'],
    [500, 'text/html', undefined],
    [201, 'text/html', undefined],
    [200, '', undefined],
  ] as const) {
    origin.answers(status, { ...html, 'content-type': type }, page);
    const answer = await viewer.gets(`/${status}/${type.slice(0, 4)}`, accepting('br')).sees({
      status,
      headers: { 'content-encoding': coding },
    });
    if (coding !== undefined) assert.equal(inflate(answer.bytes, coding), page);
  }
  // An error is kept compressed too.
  await viewer.gets('/404/text', accepting('br')).sees({
    status: 404,
    xCache: 'Error',
    headers: { age: '0', 'content-encoding': 'br' },
  });
});

scenario('T6.15 a strong tag becomes weak, what is none is left out', on, async (stage) => {
  const { origin, viewer } = stage;
  for (const [path, given, shown] of [
    ['/strong', '"a"', 'W/"a"'],
    ['/weak', 'W/"a"', 'W/"a"'],
    ['/none', 'a', undefined],
  ] as const) {
    origin.answers(200, { ...html, etag: given, 'last-modified': lastModified }, page);
    for (const xCache of ['Miss', 'Hit']) {
      await viewer.gets(path, accepting('gzip')).sees({
        xCache,
        headers: { etag: shown, 'last-modified': lastModified, vary: 'Accept-Encoding' },
      });
    }
  }
});

scenario('T6.16 turning it on leaves what is stored, until it is invalidated', async (stage) => {
  const { clock, origin, serves, viewer } = stage;
  origin.answers(200, html, page);
  isPlain(await viewer.gets('/a', accepting('gzip')).sees({ xCache: 'Miss' }));
  serves(distributionOf('custom', {}, { compress: true }));
  isPlain(await viewer.gets('/a', accepting('gzip')).sees({ xCache: 'Hit', body: page }));
  await clock.passes(61_000);
  origin.whenAsked({ 'if-none-match': '"v1"' }).answers(304, fresh);
  // Nor does a confirmation compress it (5.5, rule 26).
  isPlain(await viewer.gets('/a', accepting('gzip')).sees({ xCache: 'RefreshHit', body: page }));
  invalidates(stage, '/a');
  const answer = await viewer.gets('/a', accepting('gzip')).sees({ xCache: 'Miss' });
  assert.equal(inflate(answer.bytes, 'gzip'), page);
});

scenario('T6.17 a range is cut from the compressed bytes', on, async ({ origin, viewer }) => {
  origin.answers(200, html, page);
  await viewer.gets('/a', accepting('gzip')).sees({ xCache: 'Miss' });
  const whole = await viewer.gets('/a', accepting('gzip')).sees({ xCache: 'Hit' });
  const range = { ...accepting('gzip'), Range: 'bytes=10-29' };
  const part = await viewer.gets('/a', range).sees({
    status: 206,
    xCache: 'Hit',
    headers: {
      'content-range': `bytes 10-29/${whole.bytes.length}`,
      'content-length': '20',
      'content-encoding': 'gzip',
    },
  });
  assert.deepEqual(part.bytes, whole.bytes.subarray(10, 30));
  // A weak tag proves nothing of bytes, so the whole is given.
  await viewer.gets('/a', { ...range, 'If-Range': 'W/"v1"' }).sees({ status: 200, xCache: 'Hit' });
  // What is fetched for a range is not compressed on the way (6.1, rule 11).
  const plain = await viewer.gets('/b', range).sees({ status: 200, xCache: 'Miss', body: page });
  isPlain(plain);
});

scenario('6.4 a confirmation asks with the weak tag, and it stays weak', on, async (stage) => {
  const { clock, origin, viewer } = stage;
  origin.answers(200, { ...html, vary: 'Cookie', 'content-md5': 'x' }, page);
  await viewer.gets('/a', accepting('gzip')).sees({ xCache: 'Miss' });
  await clock.passes(61_000);
  origin
    .whenAsked({ 'if-none-match': 'W/"v1"' })
    .answers(304, { ...fresh, etag: '"v1"', vary: '' });
  for (const xCache of ['RefreshHit', 'Hit']) {
    const answer = await viewer.gets('/a', accepting('gzip')).sees({
      xCache,
      headers: {
        etag: 'W/"v1"',
        vary: 'Cookie, Accept-Encoding',
        'content-encoding': 'gzip',
        'content-md5': undefined,
      },
    });
    assert.equal(inflate(answer.bytes, 'gzip'), page);
  }
  await clock.passes(61_000);
  origin.whenAsked({ 'if-none-match': 'W/"v1"' }).answers(304, { ...html, vary: 'Cookie' });
  await viewer.gets('/a', accepting('gzip')).sees({
    xCache: 'RefreshHit',
    headers: { vary: 'Cookie, Accept-Encoding', etag: 'W/"v1"' },
  });
  for (const tag of ['W/"v1"', '"v1"']) {
    await viewer.gets('/a', { ...accepting('gzip'), 'If-None-Match': tag }).sees({
      status: 304,
      xCache: 'Hit',
      headers: { etag: 'W/"v1"', vary: 'Cookie, Accept-Encoding' },
    });
  }
  await viewer.heads('/a', accepting('gzip')).sees({
    xCache: 'Hit',
    headers: { 'content-encoding': 'gzip', 'content-length': /^\d\d+$/ },
  });
});

scenario('6.4 HEAD and HTTP/1.0 get it uncompressed', on, async ({ origin, viewer }) => {
  origin.answers(200, html, page);
  await viewer.heads('/a', accepting('gzip')).sees({
    xCache: 'Miss',
    headers: { 'content-encoding': undefined, 'content-length': String(page.length) },
  });
  const old = 'GET /b HTTP/1.0\r\nHost: d111111abcdef8.cloudfront.localhost\r\n';
  isPlain(await viewer.sends(`${old}Accept-Encoding: gzip, br\r\n\r\n`).sees({ body: page }));
});

scenario('6.4 what the origin forbids to transform is left alone', on, async (stage) => {
  const { origin, viewer } = stage;
  origin.answers(200, { ...html, 'cache-control': 'max-age=60, no-transform' }, page);
  isPlain(await viewer.gets('/a', accepting('gzip')).sees({ body: page }));
  // What is not stored is compressed all the same.
  origin.answers(200, { ...html, 'cache-control': 'private' }, page);
  for (let time = 0; time < 2; time += 1) {
    const answer = await viewer.gets('/b', accepting('gzip')).sees({ xCache: 'Miss' });
    assert.equal(inflate(answer.bytes, 'gzip'), page);
  }
});

const uncached = { minTtlS: 0, defaultTtlS: 0, maxTtlS: 0 };
scenario(
  '6.4 not where caching is disabled',
  { behavior: { ...rules, ...uncached } },
  async (s) => {
    s.origin.answers(200, html, page);
    isPlain(await s.viewer.gets('/a', accepting('gzip')).sees({ xCache: 'Miss', body: page }));
  },
);

scenario('6.4 what the origin cuts short is cut, and not stored', on, async (stage) => {
  const { origin, viewer } = stage;
  const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nCache-Control: max-age=60\r\n';
  origin.sends(`${head}Content-Length: 5000\r\n\r\n${'b'.repeat(4_000)}`, 'end');
  await assert.rejects(viewer.gets('/a', accepting('gzip')).answer, /cut/);
  origin.answers(200, html, page);
  const answer = await viewer.gets('/a', accepting('gzip')).sees({ xCache: 'Miss' });
  assert.equal(inflate(answer.bytes, 'gzip'), page);
});

scenario('6.4 who reads along gets the compressed bytes', on, async ({ origin, viewer }) => {
  const parts = { begin: (): void => undefined };
  const held = new Promise<void>((resolve) => (parts.begin = resolve));
  origin.does((socket) => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nCache-Control: max-age=60\r\n';
    socket.write(`${head}Content-Length: ${page.length}\r\n\r\n${page.slice(0, 1_000)}`);
    void held.then(() => socket.write(page.slice(1_000)));
  });
  const asked = Array.from({ length: 4 }, () => viewer.gets('/a', accepting('gzip')));
  await origin.hears(1);
  parts.begin();
  const answers = await Promise.all(asked.map((one) => one.answer));
  for (const answer of answers) assert.equal(inflate(answer.bytes, 'gzip'), page);
  origin.wasAsked(1);
});

scenario(
  '6.4 beyond so many at one time it goes uncompressed, and says so',
  { ...on, bounds: { compressionsMax: 1 }, settings: { explain: true } },
  async ({ origin, viewer }) => {
    const big = 'c'.repeat(100_000);
    const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nCache-Control: max-age=60\r\n';
    const waiting: Socket[] = [];
    origin.does((socket) => {
      waiting.push(socket);
      socket.write(`${head}Content-Length: ${big.length}\r\n\r\n${big.slice(0, 50_000)}`);
    });
    const first = viewer.gets('/a', accepting('gzip'));
    await origin.hears(1);
    await using gone = await viewer.connects();
    origin.answers(200, html, page);
    const asking = { ...accepting('gzip'), 'Warmfront-Explain': '1' };
    const plain = await viewer.gets('/b', asking).sees({
      body: page,
      headers: { 'warmfront-explain': /not compressed: too many are under way/ },
    });
    isPlain(plain);
    waiting[0]?.write(big.slice(50_000));
    assert.equal(inflate((await first.answer).bytes, 'gzip'), big);
    // The place is free again, also after a viewer that has gone.
    origin.sends(`${head}Content-Length: ${big.length}\r\n\r\n${big.slice(0, 50_000)}`);
    gone.write(`GET /c HTTP/1.1\r\nHost: ${host}\r\nAccept-Encoding: gzip\r\n\r\n`);
    await origin.hears(3);
    gone.socket.resetAndDestroy();
    await origin.isLeft(origin.last.connection);
    origin.answers(200, html, page);
    await viewer.gets('/d', asking).sees({ headers: { 'content-encoding': 'gzip' } });
  },
);

scenario('a distribution of API 2010-11-01 compresses nothing', async ({ origin, viewer }) => {
  origin.answers(200, html, page);
  isPlain(await viewer.gets('/a', accepting('gzip, br')).sees({ body: page }));
  assert.equal(headerValue(origin.last.headers, 'accept-encoding'), 'gzip');
});
