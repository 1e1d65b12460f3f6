import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BodyFault, extensionBytesMax, framingOf, trailerBytesMax } from './body-framing.ts';
import type { RequestBody } from './request-head.ts';

type Framed = Exclude<RequestBody, { kind: 'none' }>;

type Read = { readonly body: string; readonly rest: string; readonly done: boolean };

/** By pieces of so many bytes; what was not taken is given again. */
function read(kind: Framed, text: string, pieceBytes = text.length): Read {
  const framing = framingOf(kind);
  const bytes = Buffer.from(text, 'latin1');
  let body = '';
  let at = 0;
  for (let come = 0; ; ) {
    come = Math.min(bytes.length, come + pieceBytes);
    const { consumed, done, pieces } = framing.take(bytes.subarray(at, come));
    at += consumed;
    body += Buffer.concat(pieces).toString('latin1');
    if (done || come === bytes.length) return { body, rest: text.slice(at), done };
  }
}

function fails(text: string): void {
  for (const pieceBytes of [1, text.length]) {
    assert.throws(() => read({ kind: 'chunked' }, text, pieceBytes), BodyFault, text.slice(0, 80));
  }
}

test('a body of a length ends there, and what follows is left', () => {
  const sized = { kind: 'length', bytes: 5 } as const;
  for (const pieceBytes of [1, 2, 5, 9]) {
    assert.deepEqual(read(sized, 'helloNEXT', pieceBytes).body, 'hello');
  }
  assert.deepEqual(read(sized, 'helloNEXT'), { body: 'hello', rest: 'NEXT', done: true });
  assert.deepEqual(read(sized, 'hel'), { body: 'hel', rest: '', done: false });
  assert.equal(read({ kind: 'length', bytes: 0 }, '').done, true);
});

test('chunks are joined however they arrive, and what follows is left', () => {
  const text = '5\r\nhello\r\nB;x="y";z\r\n, dear all \r\n0\r\n\r\nNEXT';
  for (const pieceBytes of [1, 2, 3, 7, text.length]) {
    const { body, done } = read({ kind: 'chunked' }, text, pieceBytes);
    assert.deepEqual([body, done], ['hello, dear all ', true]);
  }
  assert.equal(read({ kind: 'chunked' }, text).rest, 'NEXT');
});

test('line ends within a chunk are bytes of it', () => {
  const text = '4\r\n\r\n\r\n\r\n0\r\n\r\n';
  for (const pieceBytes of [1, 3, text.length]) {
    assert.equal(read({ kind: 'chunked' }, text, pieceBytes).body, '\r\n\r\n');
  }
});

test('trailers are dropped, and bounded together', () => {
  const trailers = '0\r\nContent-Length: 9\r\nX: y\r\n\r\nNEXT';
  assert.deepEqual(read({ kind: 'chunked' }, trailers), { body: '', rest: 'NEXT', done: true });
  const line = `X: ${'y'.repeat(995)}\r\n`;
  const many = Math.floor(trailerBytesMax / line.length);
  assert(read({ kind: 'chunked' }, `0\r\n${line.repeat(many)}\r\n`).done);
  fails(`0\r\n${line.repeat(many + 1)}\r\n`);
  fails(`0\r\n${'y'.repeat(trailerBytesMax + 1)}`);
});

test('extensions are bounded', () => {
  const extension = `;${'x'.repeat(extensionBytesMax - 1)}`;
  assert.equal(read({ kind: 'chunked' }, `1${extension}\r\na\r\n0\r\n\r\n`).body, 'a');
  fails(`0000000000000001${extension}xx\r\na\r\n0\r\n\r\n`);
});

test('a size of another form is a fault', () => {
  for (const line of [
    '',
    '0x5',
    '-5',
    '+5',
    ' 5',
    '5 x',
    'g',
    '5\n',
    '5\r',
    ';a',
    '11111111111111111',
  ]) {
    fails(`${line}\r\nhello\r\n0\r\n\r\n`);
  }
  fails('FFFFFFFFFFFFFFFF\r\n');
});

test('a chunk that does not end where it said is a fault', () => {
  fails('4\r\nhello\r\n0\r\n\r\n');
  fails('5\r\nhelloX\r\n0\r\n\r\n');
  fails('5\r\nhello\n\r\n0\r\n\r\n');
});
