/** The assertions of the edge contract on ranges and HEAD, by their numbers. */
import assert from 'node:assert/strict';
import { headerValue } from '../../src/http/header-list.ts';
import { scenario } from '../harness/scenario.ts';

const object = { 'cache-control': 'max-age=60', etag: '"v1"', 'content-type': 'text/plain' };
const body = '0123456789';
const range = (text: string) => ({ Range: text });

scenario('T6.01 ranges of a stored object', async ({ origin, viewer }) => {
  origin.answers(200, object, body);
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  for (const [asked, told, part] of [
    ['bytes=0-8', 'bytes 0-8/10', '012345678'],
    ['bytes=-5', 'bytes 5-9/10', '56789'],
    ['bytes=5-', 'bytes 5-9/10', '56789'],
    ['bytes=-50', 'bytes 0-9/10', body],
  ] as const) {
    const headers = { 'content-range': told, 'content-length': String(part.length) };
    await viewer.gets('/a', range(asked)).sees({ status: 206, xCache: 'Hit', body: part, headers });
  }
});

scenario('T6.02 several ranges in order are parts; out of order the whole', async (stage) => {
  const { origin, viewer } = stage;
  origin.answers(200, object, body);
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  const answer = await viewer.gets('/a', range('bytes=0-1,4-5,20-30')).sees({ status: 206 });
  const type = headerValue(answer.headers, 'content-type') ?? '';
  const boundary = /^multipart\/byteranges; boundary=([0-9A-Za-z]+)$/.exec(type)?.[1];
  assert(boundary !== undefined, type);
  const part = (told: string, bytes: string) =>
    `\r\n--${boundary}\r\nContent-Type: text/plain\r\nContent-Range: bytes ${told}/10\r\n\r\n${bytes}`;
  assert.equal(answer.body, `${part('0-1', '01')}${part('4-5', '45')}\r\n--${boundary}--\r\n`);
  for (const asked of ['bytes=4-5,0-1', 'bytes=0-3,2-5', 'bytes=0--1', 'bytes=0-1,,4-5']) {
    await viewer.gets('/a', range(asked)).sees({ status: 200, xCache: 'Hit', body });
  }
  const many = Array.from({ length: 51 }, () => '0-0').join(',');
  await viewer.gets('/a', range(`bytes=${many}`)).sees({ status: 200, body });
});

scenario('T6.03 a range beyond the end', async ({ origin, viewer }) => {
  origin.answers(200, object, body);
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  const told = { 'content-range': 'bytes */10' };
  await viewer.gets('/a', range('bytes=999-')).sees({ status: 416, headers: told });
  await viewer.gets('/a', range('bytes=-0')).sees({ status: 416, headers: told });
});

scenario('T6.04 a part of the origin is kept: the same again Hit, another Miss', async (stage) => {
  const { clock, origin, viewer } = stage;
  origin.answers(206, { ...object, 'content-range': 'bytes 2-5/10' }, '2345');
  await viewer.gets('/a', range('bytes=2-5')).sees({ status: 206, xCache: 'Miss', body: '2345' });
  await viewer.gets('/a', range('bytes=2-5')).sees({ status: 206, xCache: 'Hit', body: '2345' });
  const inside = { 'content-range': 'bytes 3-4/10', 'content-length': '2' };
  await viewer.gets('/a', range('bytes=3-4')).sees({ xCache: 'Hit', body: '34', headers: inside });
  origin.answers(206, { ...object, 'content-range': 'bytes 6-9/10' }, '6789');
  await viewer.gets('/a', range('bytes=6-9')).sees({ status: 206, xCache: 'Miss', body: '6789' });
  // Joined out of both.
  await viewer.gets('/a', range('bytes=4-7')).sees({ status: 206, xCache: 'Hit', body: '4567' });
  await viewer.gets('/a', range('bytes=-3')).sees({ status: 206, xCache: 'Hit', body: '789' });
  await clock.passes(61_000);
  await viewer.gets('/a', range('bytes=6-9')).sees({ xCache: 'Miss' });
});

scenario('T6.05 a whole answer to a range: the whole, and later ranges', async (stage) => {
  const { origin, viewer } = stage;
  origin.answers(200, object, body);
  await viewer.gets('/a', range('bytes=2-4')).sees({ status: 200, xCache: 'Miss', body });
  await viewer.gets('/a', range('bytes=2-4')).sees({ status: 206, xCache: 'Hit', body: '234' });
});

scenario('T6.06 a chunked answer to a range: the whole', async ({ origin, viewer }) => {
  origin.answers(200, { ...object, 'transfer-encoding': 'chunked', 'content-length': '' }, body);
  await viewer.gets('/a', range('bytes=2-4')).sees({ status: 200, xCache: 'Miss', body });
});

scenario('T6.07 If-Range', async ({ origin, viewer }) => {
  origin.answers(200, object, body);
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  for (const [given, status] of [
    ['"old"', 200],
    ['W/"v1"', 200],
    ['"v1"', 206],
  ] as const) {
    await viewer.gets('/a', { ...range('bytes=0-1'), 'If-Range': given }).sees({ status });
  }
});

scenario('T6.08 parts under two ETags are never joined', async ({ origin, viewer }) => {
  const second = { ...object, etag: '"v2"' };
  origin.answers(206, { ...object, 'content-range': 'bytes 0-4/10' }, '01234');
  await viewer.gets('/a', range('bytes=0-4')).sees({ xCache: 'Miss' });
  origin.answers(206, { ...second, 'content-range': 'bytes 5-9/10' }, 'fghij');
  await viewer.gets('/a', range('bytes=5-9')).sees({ xCache: 'Miss' });
  origin.answers(206, { ...second, 'content-range': 'bytes 3-6/10' }, 'defg');
  await viewer.gets('/a', range('bytes=3-6')).sees({ xCache: 'Miss', body: 'defg' });
  origin.answers(206, { ...second, 'content-range': 'bytes 0-4/10' }, 'abcde');
  await viewer.gets('/a', range('bytes=0-4')).sees({ xCache: 'Miss', body: 'abcde' });
  await viewer.gets('/a', range('bytes=0-9')).sees({ xCache: 'Hit', body: 'abcdefghij' });
});

scenario('T6.09 Content-Length against Content-Range', async ({ origin, viewer }) => {
  origin.answers(206, { ...object, 'content-range': 'bytes 0-5/10' }, '01234');
  await viewer.gets('/a', range('bytes=0-5')).sees({ status: 502, xCache: 'Error' });
});

scenario('T6.10 HEAD after GET is a hit; GET after HEAD fetches', async ({ origin, viewer }) => {
  origin.answers(200, object, body);
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  await viewer.heads('/a').sees({ status: 200, xCache: 'Hit', body: '', headers: object });
  await viewer.heads('/b').sees({ status: 200, xCache: 'Miss', body: '' });
  await viewer.heads('/b').sees({ status: 200, xCache: 'Hit' });
  await viewer.gets('/b').sees({ status: 200, xCache: 'Miss', body });
});
