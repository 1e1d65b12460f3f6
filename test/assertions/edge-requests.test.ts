/** Assertions of the edge contract on keys, methods and bodies, as far as settings reach, by number. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test, type TestContext } from 'node:test';
import { headerValue } from '../../src/http/header-list.ts';
import { host, originHost, scenario, setTheStage } from '../harness/scenario.ts';

const fresh = { 'cache-control': 'max-age=60' };

scenario('T4.01 no query: one object, and the origin sees none', async ({ origin, viewer }) => {
  origin.answers(200, fresh, 'a');
  await viewer.gets('/a?x=1').sees({ xCache: 'Miss' });
  assert.equal(origin.last.target, '/a');
  await viewer.gets('/a?x=2').sees({ xCache: 'Hit' });
});

scenario(
  'T4.02 all of the query: order, case, and a against a=',
  { behavior: { keyedQuery: { kind: 'all' } } },
  async ({ origin, viewer }) => {
    origin.answers(200, fresh, 'a');
    for (const target of ['/a?a=1&b=2', '/a?b=2&a=1', '/a?A=1&b=2', '/a?a', '/a?a=', '/a', '/a?']) {
      await viewer.gets(target).sees({ xCache: 'Miss' });
      assert.equal(origin.last.target, target);
      await viewer.gets(target).sees({ xCache: 'Hit' });
    }
  },
);

scenario(
  'T4.03 a list of the query: only what it names',
  { behavior: { keyedQuery: { kind: 'only', names: ['a'] } } },
  async ({ origin, viewer }) => {
    origin.answers(200, fresh, 'a');
    await viewer.gets('/a?b=1&a=2').sees({ xCache: 'Miss' });
    assert.equal(origin.last.target, '/a?a=2');
    await viewer.gets('/a?a=2&b=3').sees({ xCache: 'Hit' });
    await viewer.gets('/a?a=2;b').sees({ xCache: 'Miss' });
  },
);

scenario(
  'T4.05 a field of the key: its name in any case, its value as it is',
  { behavior: { keyedHeaders: ['x-one', 'x-two'] } },
  async ({ origin, viewer }) => {
    origin.answers(200, fresh, 'a');
    await viewer.gets('/a', { 'X-One': 'a', 'X-Two': 'b' }).sees({ xCache: 'Miss' });
    await viewer.gets('/a', { 'x-two': 'b', 'x-ONE': 'a' }).sees({ xCache: 'Hit' });
    await viewer.gets('/a', { 'X-One': 'A', 'X-Two': 'b' }).sees({ xCache: 'Miss' });
    await viewer.gets('/a', { 'X-One': '', 'X-Two': 'b' }).sees({ xCache: 'Miss' });
    await viewer.gets('/a', { 'X-Two': 'b' }).sees({ xCache: 'Miss' });
  },
);

scenario(
  'T4.07 cookies: the listed ones, by name; what is malformed is dropped',
  { behavior: { keyedCookies: { kind: 'only', names: ['b', 'a', '$Version'] } } },
  async ({ origin, viewer }) => {
    origin.answers(200, fresh, 'a');
    await viewer.gets('/a', { Cookie: '$Version=1; b=2; c=3; a=1' }).sees({ xCache: 'Miss' });
    assert.equal(headerValue(origin.last.headers, 'cookie'), 'a=1; b=2');
    await viewer.gets('/a', { Cookie: 'a=1; b=2' }).sees({ xCache: 'Hit' });
    await viewer.gets('/a', { Cookie: 'a=1; b' }).sees({ xCache: 'Miss' });
    assert.equal(headerValue(origin.last.headers, 'cookie'), undefined);
  },
);

scenario(
  'T4.09 GET then HEAD: hit; GET then OPTIONS: miss',
  { behavior: { allowedMethods: 'read-and-options', cachesOptions: true } },
  async ({ origin, viewer }) => {
    origin.answers(200, fresh, 'a');
    await viewer.gets('/a').sees({ xCache: 'Miss' });
    await viewer.heads('/a').sees({ xCache: 'Hit' });
    await viewer.asks('OPTIONS', '/a').sees({ xCache: 'Miss' });
    await viewer.asks('OPTIONS', '/a').sees({ xCache: 'Hit' });
  },
);

scenario(
  'T4.18 Authorization is removed on GET and kept on POST',
  { behavior: { allowedMethods: 'all' } },
  async ({ origin, viewer }) => {
    origin.answers(200, fresh, 'a');
    const authorization = { Authorization: 'Basic x' };
    await viewer.gets('/a', authorization).sees({ status: 200 });
    assert.equal(headerValue(origin.last.headers, 'authorization'), undefined);
    await viewer.asks('DELETE', '/a', authorization).sees({ status: 200 });
    assert.equal(headerValue(origin.last.headers, 'authorization'), 'Basic x');
  },
);

/** An origin that tells what came to it: method, framing, fields and how many bytes. */
async function startTeller(t: TestContext): Promise<string> {
  const server = createServer((request, response) => {
    let bytes = 0;
    request.on('data', (piece: Buffer) => {
      bytes += piece.length;
    });
    request.on('end', () => {
      const { expect, 'content-length': length, 'transfer-encoding': coding } = request.headers;
      response.end(JSON.stringify({ method: request.method, bytes, length, coding, expect }));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => server.close());
  const at = server.address();
  assert(typeof at === 'object' && at !== null);
  return `http://127.0.0.1:${at.port}`;
}

function inFrontOf(t: TestContext, url: string) {
  return setTheStage(
    {
      behavior: { allowedMethods: 'all' },
      settings: { originUrls: { [originHost]: url } },
    },
    t,
  );
}

test('T4.21 a body arrives whole, with its length or in chunks', async (t) => {
  await using stage = await inFrontOf(t, await startTeller(t));
  const { viewer } = stage;
  const bytes = 10_000_000;
  const head = `POST /a HTTP/1.1\r\nHost: ${host}\r\n`;
  await viewer.sends(`${head}Content-Length: ${bytes}\r\n\r\n${'x'.repeat(bytes)}`).sees({
    status: 200,
    xCache: 'Miss',
    body: JSON.stringify({ method: 'POST', bytes, length: String(bytes) }),
  });
  const chunks = '5;name=value\r\nhello\r\n6\r\n world\r\n0\r\nX-Trailer: 1\r\n\r\n';
  await viewer.sends(`${head}Transfer-Encoding: chunked\r\n\r\n${chunks}`).sees({
    status: 200,
    body: JSON.stringify({ method: 'POST', bytes: 11, coding: 'chunked' }),
  });
});

test('T1.20 a viewer that waits is told once to go on; the origin sees no Expect', async (t) => {
  await using stage = await inFrontOf(t, await startTeller(t));
  await using connection = await stage.viewer.connects();
  const lines = `Host: ${host}\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n`;
  connection.write(`PUT /a HTTP/1.1\r\n${lines}`);
  assert.equal((await connection.answer(true)).status, 100);
  connection.write('hello');
  const { body, status } = await connection.answer();
  assert.equal(status, 200);
  assert.equal(body, JSON.stringify({ method: 'PUT', bytes: 5, length: '5' }));
  // The connection goes on.
  connection.write(`GET /b HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  assert.equal((await connection.answer()).status, 200);
});

scenario(
  'a body that is none is answered with 400, and the connection ends',
  { behavior: { allowedMethods: 'all' } },
  async ({ origin, viewer }) => {
    origin.does(() => undefined);
    const head = `POST /a HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n`;
    await viewer.sends(`${head}5\r\nhello\r\n+1\r\nx\r\n`).sees({
      status: 400,
      headers: { connection: 'close' },
    });
  },
);

scenario(
  'under --standards a POST ends what is stored of its URL, and Vary chooses',
  {
    behavior: {
      allowedMethods: 'all',
      forwardedHeaders: { kind: 'all' },
      encodings: { kind: 'policy', gzip: false, brotli: false },
    },
    settings: { standards: true },
  },
  async ({ clock, origin, viewer }) => {
    origin.answers(200, { ...fresh, vary: 'Accept-Language' }, 'a');
    await viewer.gets('/a', { 'Accept-Language': 'de' }).sees({ xCache: 'Miss' });
    await viewer.gets('/a', { 'Accept-Language': 'fr' }).sees({ xCache: 'Miss' });
    await viewer.gets('/a', { 'Accept-Language': 'DE' }).sees({ xCache: 'Hit' });
    await clock.passes(1_000);
    await viewer.asks('POST', '/a').sees({ status: 200 });
    await clock.passes(1_000);
    await viewer.gets('/a', { 'Accept-Language': 'de' }).sees({ xCache: 'Miss' });
    await viewer.gets('/a', { 'Accept-Language': 'de' }).sees({ xCache: 'Hit' });
    origin.answers(200, { 'cdn-cache-control': 'max-age=10', 'cache-control': 'no-store' }, 'b');
    await viewer.gets('/b').sees({ xCache: 'Miss' });
    await viewer.gets('/b').sees({ xCache: 'Hit' });
  },
);
