/**
 * Origins that fail while the rest of an object is fetched of which a part is held: before the head
 * is out the request begins anew, after that the answer is cut; no wrong byte is ever given or kept.
 */
import assert from 'node:assert/strict';
import { headerValue } from '../../src/http/header-list.ts';
import type { Answering } from '../harness/origin.ts';
import { givesRanges, numberedBody } from '../harness/ranged-origin.ts';
import { scenario } from '../harness/scenario.ts';

const body = numberedBody(3_000);
const ordinary = givesRanges(body);
const fresh = 'Cache-Control: max-age=60\r\n';

function says(
  status: number,
  lines: readonly string[],
  bytes: Uint8Array = Buffer.alloc(0),
): Answering {
  return (socket) => {
    socket.write(`HTTP/1.1 ${status} Said\r\n${fresh}${lines.join('\r\n')}\r\n\r\n`);
    socket.write(bytes);
  };
}

/** To a range of a thousand bytes from `start` on. */
const faults: Readonly<Record<string, (start: number) => Answering>> = {
  'gives another range': (start) =>
    says(
      206,
      [
        'ETag: "v1"',
        `Content-Range: bytes ${start + 1}-${start + 1_000}/3000`,
        'Content-Length: 1000',
      ],
      body.subarray(start + 1, start + 1_001),
    ),
  'gives a length that is not that of the range': (start) =>
    says(
      206,
      ['ETag: "v1"', `Content-Range: bytes ${start}-${start + 999}/3000`, 'Content-Length: 900'],
      body.subarray(start, start + 900),
    ),
  'says that the object has another length': (start) =>
    says(
      206,
      ['ETag: "v1"', `Content-Range: bytes ${start}-${start + 999}/4000`, 'Content-Length: 1000'],
      body.subarray(start, start + 1_000),
    ),
  'gives a part of another version': (start) =>
    says(
      206,
      ['ETag: "v2"', `Content-Range: bytes ${start}-${start + 999}/3000`, 'Content-Length: 1000'],
      Buffer.alloc(1_000),
    ),
  'names no version': (start) =>
    says(
      206,
      [`Content-Range: bytes ${start}-${start + 999}/3000`, 'Content-Length: 1000'],
      body.subarray(start, start + 1_000),
    ),
  'gives the whole': () => says(200, ['ETag: "v1"', 'Content-Length: 3000'], body),
  'has no such range': () => says(416, ['Content-Range: bytes */900', 'Content-Length: 0']),
  'has the object no more': () => says(404, ['Content-Length: 0']),
  'has an error': () => says(500, ['Content-Length: 0']),
  'closes the connection': () => (socket) => void socket.destroy(),
};

for (const [title, fault] of Object.entries(faults)) {
  scenario(`before the head is out: the origin ${title}`, async ({ origin, viewer }) => {
    origin.does(ordinary);
    await viewer.gets('/a', { Range: 'bytes=1000-1999' }).sees({ status: 206, xCache: 'Miss' });
    origin.does((socket, asked) => {
      const isForTheRest = headerValue(asked.headers, 'range') === 'bytes=0-999';
      (isForTheRest ? fault(0) : ordinary)(socket, asked);
    });
    const joined = await viewer.gets('/a', { Range: 'bytes=0-1999' }).sees({ status: 206 });
    assert.ok(joined.bytes.equals(body.subarray(0, 2_000)));
    assert.equal(headerValue(joined.headers, 'content-range'), 'bytes 0-1999/3000');
    origin.does(ordinary);
    const all = await viewer.gets('/a', { Range: 'bytes=0-2999' }).sees({ status: 206 });
    assert.ok(all.bytes.equals(body));
  });

  scenario(`after the head is out: the origin ${title}`, async ({ origin, viewer }) => {
    origin.does(ordinary);
    await viewer.gets('/a', { Range: 'bytes=0-999' }).sees({ status: 206, xCache: 'Miss' });
    origin.does((socket, asked) => {
      const isForTheRest = headerValue(asked.headers, 'range') === 'bytes=1000-1999';
      (isForTheRest ? fault(1_000) : ordinary)(socket, asked);
    });
    await assert.rejects(viewer.gets('/a', { Range: 'bytes=0-1999' }).answer, /cut/);
    origin.does(ordinary);
    const all = await viewer.gets('/a', { Range: 'bytes=0-2999' }).sees({ status: 206 });
    assert.ok(all.bytes.equals(body));
  });
}
