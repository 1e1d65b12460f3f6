/** The assertions of the edge contract on its own answers and on fields of answers, by number. */
import assert from 'node:assert/strict';
import { headerValue, headerValues } from '../../src/http/header-list.ts';
import { host, scenario } from '../harness/scenario.ts';
import { Viewer } from '../harness/viewer.ts';

scenario('T7.01 a page of the edge: nine fields, and nothing of what was sent', async (stage) => {
  const { origin, viewer } = stage;
  origin.does((socket) => socket.destroy());
  const answer = await viewer.gets('/evil<script>?q=evil').sees({ status: 502 });
  const names = answer.headers.filter((_, index) => index % 2 === 0);
  assert.deepEqual(names, [
    'Server',
    'Date',
    'Content-Type',
    'Content-Length',
    'Connection',
    'X-Cache',
    'Via',
    'X-Amz-Cf-Pop',
    'X-Amz-Cf-Id',
  ]);
  assert(answer.bytes.length < 1_000);
  for (const text of ['502', headerValue(answer.headers, 'x-amz-cf-id') ?? '?']) {
    assert(answer.body.includes(text), text);
  }
  assert(!answer.body.includes('evil'));
});

scenario('T7.02 an origin that breaks off is 502, remembered for 10 s', async (stage) => {
  const { clock, origin, viewer } = stage;
  origin.does((socket) => socket.destroy());
  await viewer.gets('/a').sees({ status: 502, headers: { age: undefined } });
  origin.answers(200, {}, 'well again');
  await clock.passes(9_000);
  await viewer.gets('/a').sees({ status: 502, xCache: 'Error', headers: { age: '9' } });
  await clock.passes(2_000);
  await viewer.gets('/a').sees({ status: 200, body: 'well again' });
});

scenario(
  'T7.02 an origin that says nothing is 504',
  { settings: { originReadTimeoutMs: 50 } },
  async ({ origin, viewer }) => {
    origin.does(() => undefined);
    await viewer.gets('/a').sees({ status: 504, headers: { connection: 'keep-alive' } });
  },
);

scenario('T7.08 Connection by the status of the page', async ({ origin, port, viewer }) => {
  origin.answers(200, { 'cache-control': 'max-age=60' }, 'hello');
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  const close = { connection: 'close' };
  await viewer.gets('/a', { Range: 'bytes=99-' }).sees({ status: 416, headers: close });
  const bare = new Viewer({ port, host });
  await bare.sends('GET / HTTP/1.1\r\n\r\n').sees({ status: 400, headers: close });
  const longPath = `/${'a'.repeat(8_200)}`;
  await viewer.gets(longPath).sees({ status: 414, headers: close });
  await viewer.gets('/a', { 'X-Long': 'a'.repeat(32_768) }).sees({ status: 494, headers: close });
  const coded = `Host: ${host}\r\nTransfer-Encoding: gzip\r\n`;
  await bare.sends(`GET / HTTP/1.1\r\n${coded}\r\n`).sees({ status: 501, headers: close });
  const stays = { connection: 'keep-alive' };
  await viewer.asks('DELETE', '/a').sees({ status: 403, headers: stays });
  await viewer.for('elsewhere.test').gets('/a').sees({ status: 403, headers: stays });
  origin.sends('no HTTP\r\n\r\n', 'end');
  await viewer.gets('/b').sees({ status: 502, headers: stays });
});

scenario(
  'T7.08 Connection where an origin has more to do than it may',
  { bounds: { requestsPerEndpointMax: 1 } },
  async ({ origin, viewer }) => {
    const { promise: asked, resolve: hear } = Promise.withResolvers<() => void>();
    origin.does((socket) =>
      hear(() => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')),
    );
    const first = viewer.gets('/a');
    const answer = await asked;
    await viewer.gets('/b').sees({ status: 503, headers: { connection: 'keep-alive' } });
    answer();
    await first.sees({ status: 200 });
  },
);

scenario('T8.01 Age and Date', async ({ clock, origin, viewer }) => {
  origin.answers(200, { 'cache-control': 'max-age=60' }, 'hello');
  const first = await viewer.gets('/a').sees({ xCache: 'Miss', headers: { age: undefined } });
  await clock.passes(7_000);
  const date = headerValue(first.headers, 'date') ?? '';
  await viewer.gets('/a').sees({ xCache: 'Hit', headers: { age: '7', date } });
});

scenario('T8.02 Via and X-Cache of the origin never reach the viewer', async (stage) => {
  const { origin, viewer } = stage;
  origin.answers(200, { via: '1.1 origin', 'x-cache': 'HIT' }, 'hello');
  const answer = await viewer.gets('/a').sees({ xCache: 'Miss' });
  assert.deepEqual(headerValues(answer.headers, 'via').length, 1);
  assert.match(headerValue(answer.headers, 'via') ?? '', /^1\.1 [0-9a-f]{32}\..* \(CloudFront\)$/);
  assert.deepEqual(headerValues(answer.headers, 'x-cache'), ['Miss from cloudfront']);
});

scenario('T8.03 X-Amz-Cf-Id has 56 characters and is unique', async ({ origin, viewer }) => {
  origin.answers(200, {}, 'hello');
  const ids = new Set<string>();
  for (let count = 0; count < 20; count += 1) {
    const { headers } = await viewer.gets('/a').answer;
    ids.add(headerValue(headers, 'x-amz-cf-id') ?? '');
  }
  assert.equal(ids.size, 20);
  for (const id of ids) assert.equal(id.length, 56);
});

scenario(
  'a viewer that asks is told how its answer came about, where the setting allows it',
  { settings: { explain: true } },
  async ({ origin, viewer }) => {
    origin.answers(200, { 'cache-control': 'max-age=60' }, 'hello');
    const asking = { 'Warmfront-Explain': '1' };
    await viewer.gets('/a', asking).sees({ headers: { 'warmfront-explain': /nothing stored/ } });
    assert.equal(headerValue(origin.last.headers, 'warmfront-explain'), undefined);
    await viewer.gets('/a', asking).sees({ headers: { 'warmfront-explain': /\(fresh\)/ } });
    await viewer.gets('/a').sees({ headers: { 'warmfront-explain': undefined } });
  },
);

scenario('and is told nothing where it does not', async ({ origin, viewer }) => {
  origin.answers(200, {}, 'hello');
  const answer = await viewer.gets('/a', { 'Warmfront-Explain': '1' }).answer;
  assert.equal(headerValue(answer.headers, 'warmfront-explain'), undefined);
});
