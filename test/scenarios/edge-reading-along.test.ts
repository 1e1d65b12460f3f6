/**
 * Reading along: who wants less than the whole while the whole is on its way takes it from there,
 * unless it lies too far ahead; and nobody waits for the end of what is only beginning.
 */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { headerValue } from '../../src/http/header-list.ts';
import type { Answering } from '../harness/origin.ts';
import { givesRanges, numberedBody } from '../harness/ranged-origin.ts';
import { scenario, type Stage } from '../harness/scenario.ts';

const mebibyte = 1_048_576;

/** The origin gives the first bytes of the whole and holds the rest back; ranges it gives at once. */
function holdsBack({ origin }: Stage, body: Buffer, first: number) {
  const { promise: begun, resolve } = Promise.withResolvers<Socket>();
  const ordinary = givesRanges(body);
  const answering: Answering = (socket, asked) => {
    if (asked.method === 'HEAD' || headerValue(asked.headers, 'range') !== undefined) {
      ordinary(socket, asked);
      return;
    }
    const head = `HTTP/1.1 200 OK\r\nETag: "v1"\r\nCache-Control: max-age=60\r\nAccept-Ranges: bytes\r\n`;
    socket.write(`${head}Content-Length: ${body.length}\r\n\r\n`);
    socket.write(body.subarray(0, first));
    resolve(socket);
  };
  origin.does(answering);
  return { gives: async () => void (await begun).write(body.subarray(first)) };
}

/** A viewer asks for the whole and has taken what has come of it. */
async function begins({ viewer }: Stage, first: number) {
  const connection = await viewer.connects();
  connection.write('GET /a HTTP/1.1\r\nHost: d111111abcdef8.cloudfront.localhost\r\n\r\n');
  await connection.has(first);
  return connection;
}

scenario('HEAD is answered from the head of the whole under way', async (stage) => {
  const body = numberedBody(20_000);
  const rest = holdsBack(stage, body, 8_000);
  const whole = await begins(stage, 8_000);
  await stage.viewer.heads('/a').sees({
    status: 200,
    xCache: 'Hit',
    body: '',
    headers: { 'content-length': '20000', etag: '"v1"' },
  });
  await rest.gives();
  assert.ok((await whole.answer()).bytes.equals(body));
  stage.origin.wasAsked(1);
  await stage.viewer.gets('/a').sees({ xCache: 'Hit' });
});

scenario('a range is cut from the whole under way', async (stage) => {
  const body = numberedBody(20_000);
  const rest = holdsBack(stage, body, 8_000);
  const whole = await begins(stage, 8_000);
  // What has come already is given though the rest stays out.
  const told = { 'content-range': 'bytes 1000-1999/20000', 'content-length': '1000', age: '0' };
  const range = { Range: 'bytes=1000-1999' };
  const early = await stage.viewer
    .gets('/a', range)
    .sees({ status: 206, xCache: 'Hit', headers: told });
  assert.ok(early.bytes.equals(body.subarray(1_000, 2_000)));
  const later = stage.viewer.gets('/a', { Range: 'bytes=-5000' });
  await stage.viewer.gets('/a', { Range: 'bytes=20000-' }).sees({ status: 416 });
  await stage.viewer.gets('/a', { 'If-None-Match': '"v1"', ...range }).sees({ status: 304 });
  const other = stage.viewer.gets('/a', { ...range, 'If-Range': '"v0"' });
  await rest.gives();
  assert.ok((await later.sees({ status: 206, xCache: 'Hit' })).bytes.equals(body.subarray(15_000)));
  assert.ok((await other.sees({ status: 200, xCache: 'Hit' })).bytes.equals(body));
  assert.ok((await whole.answer()).bytes.equals(body));
  stage.origin.wasAsked(1);
});

scenario('what lies far ahead is asked for at once', async (stage) => {
  const body = numberedBody(3 * mebibyte);
  const rest = holdsBack(stage, body, 8_000);
  const whole = await begins(stage, 8_000);
  const last = await stage.viewer
    .gets('/a', { Range: 'bytes=-1000' })
    .sees({ status: 206, xCache: 'Miss' });
  assert.ok(last.bytes.equals(body.subarray(-1_000)));
  assert.equal(headerValue(stage.origin.last.headers, 'range'), 'bytes=-1000');
  await rest.gives();
  assert.ok((await whole.answer()).bytes.equals(body));
});

scenario('a range deep in what has come is read back', async (stage) => {
  const body = numberedBody(3 * mebibyte);
  const rest = holdsBack(stage, body, 2 * mebibyte);
  const whole = await begins(stage, 2 * mebibyte);
  const range = { Range: `bytes=${mebibyte}-${mebibyte + 99_999}` };
  const part = await stage.viewer.gets('/a', range).sees({ status: 206, xCache: 'Hit' });
  assert.ok(part.bytes.equals(body.subarray(mebibyte, mebibyte + 100_000)));
  await rest.gives();
  assert.ok((await whole.answer()).bytes.equals(body));
  stage.origin.wasAsked(1);
});

scenario(
  'who comes late to an object in pieces is given what has come, and fetches the rest',
  { settings: { cacheBytesMax: 8 * mebibyte, cachedBodyBytesMax: mebibyte } },
  async (stage) => {
    const body = numberedBody(3 * mebibyte);
    holdsBack(stage, body, 2 * mebibyte + 1_000);
    await using _ = await begins(stage, 2 * mebibyte);
    const late = await stage.viewer.gets('/a').sees({ status: 200, xCache: 'Miss' });
    assert.ok(late.bytes.equals(body));
    const range = `bytes=${2 * mebibyte}-${3 * mebibyte - 1}`;
    assert.equal(headerValue(stage.origin.last.headers, 'range'), range);
  },
);

scenario('who comes late to a chunked body asks for itself', async (stage) => {
  const { origin, viewer } = stage;
  const piece = 'x'.repeat(300_000);
  const head = 'HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: chunked\r\n\r\n';
  const chunk = `${piece.length.toString(16)}\r\n${piece}\r\n`;
  origin.does((socket) => void socket.write(head + chunk));
  await using _ = await begins(stage, piece.length);
  origin.answers(200, { 'cache-control': 'max-age=60' }, 'again');
  await viewer.gets('/a').sees({ status: 200, xCache: 'Miss', body: 'again' });
});

scenario('equal ranges wait for one another', async (stage) => {
  const { origin, viewer } = stage;
  const body = numberedBody(20_000);
  const { promise: asked, resolve } = Promise.withResolvers<() => void>();
  origin.does((socket, request) => resolve(() => givesRanges(body)(socket, request)));
  const range = { Range: 'bytes=100-299' };
  const first = viewer.gets('/a', range);
  const answer = await asked;
  const others = [viewer.gets('/a', range), viewer.gets('/a', range)];
  viewer.gets('/a', { Range: 'bytes=0-9' });
  await origin.hears(2);
  origin.wasAsked(2);
  answer();
  for (const [index, one] of [first, ...others].entries()) {
    const seen = await one.sees({ status: 206, xCache: index === 0 ? 'Miss' : 'Hit' });
    assert.ok(seen.bytes.equals(body.subarray(100, 300)));
    assert.equal(headerValue(seen.headers, 'content-range'), 'bytes 100-299/20000');
  }
  origin.wasAsked(0);
});
