/**
 * What docs/limits.md says happens beyond a bound does happen: each is made small, reached exactly, and
 * then passed by one. The status comes from the table itself.
 */
import assert from 'node:assert/strict';
import { type EdgeBounds, boundTable } from '../../src/edge/bounds.ts';
import { headerValue } from '../../src/http/header-list.ts';
import { host, scenario, type Stage } from '../harness/scenario.ts';
import type { Viewer } from '../harness/viewer.ts';

type BoundName = keyof EdgeBounds;

type Tried = {
  readonly bound: BoundName;
  readonly value: number;
  /** What it measures is so large, in the bound's own unit. */
  readonly asks: (viewer: Viewer, size: number, stage: Stage) => ReturnType<Viewer['gets']>;
};

const hostLine = `Host: ${host}\r\n`;

/** A request whose head has so many bytes, by one field. */
function headOf(size: number): string {
  const before = `GET /a HTTP/1.1\r\n${hostLine}X: `;
  return `${before}${'x'.repeat(size - before.length - 4)}\r\n\r\n`;
}

const tried: readonly Tried[] = [
  {
    bound: 'urlBytesMax',
    value: 100,
    asks: (viewer, size) => viewer.gets(`/${'a'.repeat(size - `http://${host}/`.length)}`),
  },
  { bound: 'headBytesMax', value: 400, asks: (viewer, size) => viewer.sends(headOf(size)) },
  {
    bound: 'fieldsMax',
    value: 10,
    asks: (viewer, size) =>
      viewer.sends(`GET /a HTTP/1.1\r\n${hostLine}${'X: y\r\n'.repeat(size - 1)}\r\n`),
  },
  {
    bound: 'fieldNameBytesMax',
    value: 20,
    asks: (viewer, size) => viewer.gets('/a', { ['x'.repeat(size)]: 'y' }),
  },
  {
    bound: 'requestBodyBytesMax',
    value: 5,
    asks: (viewer, size) =>
      viewer.sends(
        `POST /a HTTP/1.1\r\n${hostLine}Content-Length: ${size}\r\n\r\n${'x'.repeat(size)}`,
      ),
  },
  {
    bound: 'cacheableBodyBytesMax',
    value: 100,
    asks: (viewer, size, { origin }) => {
      origin.answers(200, {}, 'x'.repeat(size));
      return viewer.gets(`/${size}`);
    },
  },
];

for (const { asks, bound, value } of tried) {
  scenario(
    `${bound}: what is as large is served, what is larger is not`,
    { bounds: { [bound]: value }, behavior: { allowedMethods: 'all' } },
    async (stage) => {
      const { origin, viewer } = stage;
      origin.answers(200, {}, 'hello');
      await asks(viewer, value, stage).sees({ status: 200 });
      const { beyond } = boundTable[bound];
      const [told] = /\b[45]\d\d\b/.exec(beyond) ?? [];
      const { headers } = await asks(viewer, value + 1, stage).sees({ status: Number(told) });
      const ends = headerValue(headers, 'connection') === 'close';
      assert.equal(ends, beyond.includes('the connection ends'), beyond);
      origin.answers(200, {}, 'hello');
      await viewer.gets('/a').sees({ status: 200 });
    },
  );
}

scenario(
  'responseHeadBytesMax: a larger head of an origin is none that is passed on',
  { bounds: { responseHeadBytesMax: 1_000 } },
  async ({ origin, viewer }) => {
    origin.answers(200, { x: 'y'.repeat(800) }, 'hello');
    await viewer.gets('/a').sees({ status: 200 });
    origin.answers(200, { x: 'y'.repeat(1_200) }, 'hello');
    await viewer.gets('/b').sees({ status: Number(boundTable.responseHeadBytesMax.beyond) });
  },
);

scenario(
  'compressionsMax: what is more goes uncompressed',
  { bounds: { compressionsMax: 0 }, behavior: { compress: true } },
  async ({ origin, viewer }) => {
    assert.equal(boundTable.compressionsMax.beyond, 'more go uncompressed');
    origin.answers(200, { 'content-type': 'text/plain' }, 'x'.repeat(2_000));
    await viewer.gets('/a', { 'Accept-Encoding': 'gzip' }).sees({
      status: 200,
      body: 'x'.repeat(2_000),
      headers: { 'content-encoding': undefined },
    });
  },
);

scenario(
  'waitersMax: more ask the origin for themselves',
  { bounds: { waitersMax: 1 } },
  async ({ origin, viewer }) => {
    assert.equal(boundTable.waitersMax.beyond, 'more ask the origin for themselves');
    origin.does(() => undefined);
    const askings = [viewer.gets('/a'), viewer.gets('/a'), viewer.gets('/a')];
    await origin.hears(2);
    origin.answers(200, { 'cache-control': 'max-age=60' }, 'hello');
    origin.dropConnections();
    for (const asking of askings) await asking.sees({ status: 200, body: 'hello' });
  },
);
