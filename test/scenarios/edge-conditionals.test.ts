/**
 * Conditions and ranges of a viewer: answered from a whole object that is held, and passed to the
 * origin where none is (edge contract 5.6, 6.1; API 2010-11-01, 4.8).
 */
import assert from 'node:assert/strict';
import { headerValue } from '../../src/http/header-list.ts';
import { scenario } from '../harness/scenario.ts';

const changed = 'Sat, 01 Nov 2025 00:00:00 GMT';
const object = { 'cache-control': 'max-age=60', etag: '"v1"', 'last-modified': changed };
const body = '0123456789';

scenario('a hit answers 304 to a viewer that holds the object', async ({ origin, viewer }) => {
  origin.answers(200, { ...object, 'x-other': '1' }, body);
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  const held = { status: 304, xCache: 'Hit', headers: { etag: '"v1"', 'x-other': undefined } };
  for (const conditions of [
    { 'If-None-Match': '"v1"' },
    { 'If-None-Match': 'W/"v1"' },
    { 'If-None-Match': '"x", "v1"' },
    { 'If-None-Match': '*' },
    { 'If-None-Match': '"v1"', 'If-Modified-Since': 'Sat, 01 Nov 2008 00:00:00 GMT' },
    { 'If-Modified-Since': changed },
    { 'If-Modified-Since': 'Sun, 02 Nov 2025 00:00:00 GMT' },
    { 'If-None-Match': '"v1"', Range: 'bytes=0-1' },
  ]) {
    await viewer.gets('/a', conditions).sees(held);
    await viewer.heads('/a', conditions).sees(held);
  }
  origin.wasAsked(1);
});

scenario('a hit is whole for a viewer that holds another object', async ({ origin, viewer }) => {
  origin.answers(200, object, body);
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  for (const conditions of [
    { 'If-None-Match': '"v2"' },
    { 'If-None-Match': 'v1' },
    { 'If-None-Match': '"v2"', 'If-Modified-Since': changed },
    { 'If-Modified-Since': 'Fri, 31 Oct 2025 23:59:59 GMT' },
    { 'If-Modified-Since': 'no date' },
    { 'If-Match': '"v2"' },
    { 'If-Unmodified-Since': 'Sat, 01 Nov 2008 00:00:00 GMT' },
  ]) {
    await viewer.gets('/a', conditions).sees({ status: 200, xCache: 'Hit', body });
  }
});

scenario('on a miss the conditions go to the origin and its 304 to the viewer', async (stage) => {
  const { origin, viewer } = stage;
  origin.answers(200, object, body);
  origin.whenAsked({ 'if-none-match': '"v1"' }).answers(304, { etag: '"v1"' });
  await viewer.gets('/a', { 'If-None-Match': '"v1"' }).sees({ status: 304, xCache: 'Miss' });
  await viewer.gets('/a').sees({ status: 200, xCache: 'Miss', body });
});

scenario(
  "on a miss a 412 of the origin is the viewer's, and nothing is kept of it",
  async (stage) => {
    const { origin, viewer } = stage;
    origin.answers(200, object, body);
    origin.whenAsked({ 'if-match': '"v2"' }).answers(412, {}, 'no');
    const conditions = { 'If-Match': '"v2"', 'If-None-Match': '"v1"', Range: 'bytes=0-1' };
    await viewer.gets('/a', conditions).sees({ status: 412, xCache: 'Error', body: 'no' });
    for (const [name, value] of Object.entries(conditions)) {
      assert.equal(headerValue(origin.last.headers, name.toLowerCase()), value);
    }
    await viewer.gets('/a').sees({ status: 200, xCache: 'Miss', body });
    await viewer.gets('/a', conditions).sees({ status: 304, xCache: 'Hit' });
  },
);

scenario('a viewer that holds the object is told so by a part of it', async (stage) => {
  const { origin, viewer } = stage;
  origin.answers(206, { ...object, 'content-range': 'bytes 2-5/10' }, '2345');
  await viewer.gets('/a', { Range: 'bytes=2-5' }).sees({ status: 206, xCache: 'Miss' });
  const held = { Range: 'bytes=2-5', 'If-None-Match': '"v1"' };
  await viewer.gets('/a', held).sees({ status: 304, xCache: 'Hit' });
  const other = { Range: 'bytes=3-4', 'If-None-Match': '"v0"', 'If-Range': '"v1"' };
  await viewer.gets('/a', other).sees({ status: 206, xCache: 'Hit', body: '34' });
  origin.wasAsked(1);
});

scenario('one range of a held object is cut out of it', async ({ origin, viewer }) => {
  origin.answers(200, object, body);
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  for (const [range, part, contentRange] of [
    ['bytes=0-3', '0123', 'bytes 0-3/10'],
    ['bytes=5-', '56789', 'bytes 5-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=-30', body, 'bytes 0-9/10'],
    ['bytes=8-30', '89', 'bytes 8-9/10'],
    ['Bytes=9-9', '9', 'bytes 9-9/10'],
  ] as const) {
    await viewer.gets('/a', { Range: range }).sees({
      status: 206,
      xCache: 'Hit',
      body: part,
      headers: { 'content-range': contentRange, 'content-length': String(part.length) },
    });
  }
  origin.wasAsked(1);
});

scenario('what is no list of ranges in order is answered with the whole', async (stage) => {
  const { origin, viewer } = stage;
  origin.answers(200, object, body);
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  for (const range of [
    'bytes=4-5,0-1',
    'bytes=0-3,2-5',
    'bytes=5-2',
    'bytes=--1',
    'bytes=',
    'bytes=a-b',
    'lines=0-1',
    'bytes 0-1',
    'bytes=0x0-1',
  ]) {
    await viewer.gets('/a', { Range: range }).sees({ status: 200, xCache: 'Hit', body });
  }
  await viewer.heads('/a', { Range: 'bytes=0-1' }).sees({ status: 200, xCache: 'Hit' });
});

scenario('a range outside of the object is refused with its length', async ({ origin, viewer }) => {
  origin.answers(200, object, body);
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  for (const range of ['bytes=10-', 'bytes=999-1000', 'bytes=-0']) {
    await viewer.gets('/a', { Range: range }).sees({
      status: 416,
      xCache: 'Error',
      headers: { 'content-range': 'bytes */10', connection: 'close' },
    });
  }
});

scenario('If-Range keeps a range to the object it was meant for', async ({ origin, viewer }) => {
  origin.answers(200, object, body);
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  for (const [ifRange, status] of [
    ['"v1"', 206],
    [changed, 206],
    ['"v0"', 200],
    ['W/"v1"', 200],
    ['Fri, 31 Oct 2025 00:00:00 GMT', 200],
  ] as const) {
    await viewer.gets('/a', { Range: 'bytes=0-1', 'If-Range': ifRange }).sees({ status });
  }
});

scenario('on a miss the range goes to the origin, and its part is kept', async (stage) => {
  const { origin, viewer } = stage;
  origin.answers(200, object, body);
  origin
    .whenAsked({ range: 'bytes=2-4' })
    .answers(206, { ...object, 'content-range': 'bytes 2-4/10' }, '234');
  const part = { status: 206, xCache: 'Miss', body: '234' };
  await viewer.gets('/a', { Range: 'bytes=2-4' }).sees(part);
  await viewer.gets('/a', { Range: 'bytes=2-4' }).sees({ ...part, xCache: 'Hit' });
  await viewer.gets('/a').sees({ status: 200, xCache: 'Miss', body });
  await viewer.gets('/a', { Range: 'bytes=2-4' }).sees({ ...part, xCache: 'Hit' });
});

scenario('a whole answer to a range is given and kept whole', async ({ origin, viewer }) => {
  origin.answers(200, object, body);
  await viewer.gets('/a', { Range: 'bytes=2-4' }).sees({ status: 200, xCache: 'Miss', body });
  assert.equal(headerValue(origin.last.headers, 'range'), 'bytes=2-4');
  await viewer.gets('/a', { Range: 'bytes=2-4' }).sees({ status: 206, xCache: 'Hit', body: '234' });
});

scenario('the range of a chunked object is cut out by its real length', async (stage) => {
  const { origin, viewer } = stage;
  origin.answers(200, { ...object, 'transfer-encoding': 'chunked', 'content-length': '' }, body);
  await viewer.gets('/a').sees({ xCache: 'Miss', body });
  await viewer.gets('/a', { Range: 'bytes=2-4' }).sees({
    status: 206,
    body: '234',
    headers: { 'content-range': 'bytes 2-4/10', 'content-length': '3' },
  });
});

scenario('a range of HEAD means nothing, here or at the origin', async ({ origin, viewer }) => {
  origin.answers(200, object, body);
  await viewer.heads('/a', { Range: 'bytes=2-4', 'If-Range': '"v1"' }).sees({ status: 200 });
  assert.equal(headerValue(origin.last.headers, 'range'), undefined);
  assert.equal(headerValue(origin.last.headers, 'if-range'), undefined);
});
