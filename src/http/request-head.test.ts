import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { isFieldValue, isToken } from './header-list.ts';
import { findEarlyFault, findHeadEnd, parseRequestHead, type HeadBounds } from './request-head.ts';
import { parseRequestUrl } from './request-target.ts';

const bounds: HeadBounds = {
  headBytesMax: 1_000,
  urlBytesMax: 100,
  fieldsMax: 20,
  fieldNameBytesMax: 30,
};

function parse(text: string): ReturnType<typeof parseRequestHead> {
  return parseRequestHead(Buffer.from(text, 'latin1'), bounds);
}

test('a head is taken apart, blanks around values aside', () => {
  assert.deepEqual(parse('GET /a?b HTTP/1.1\r\nHost: x\r\nY:\t b  c \t\r\nZ:\r\n\r\n'), {
    method: 'GET',
    target: '/a?b',
    version: '1.1',
    headers: ['Host', 'x', 'Y', 'b  c', 'Z', ''],
    body: { kind: 'none' },
  });
  assert.deepEqual(parse('X-Y * HTTP/1.0\r\n\r\n'), {
    method: 'X-Y',
    target: '*',
    version: '1.0',
    headers: [],
    body: { kind: 'none' },
  });
});

test('the body is what the framing fields say', () => {
  for (const [field, body] of [
    ['Content-Length: 0', { kind: 'none' }],
    ['Content-Length: 000', { kind: 'none' }],
    ['Content-Length: 9007199254740991', { kind: 'length', bytes: 9_007_199_254_740_991 }],
    ['Transfer-Encoding: Chunked', { kind: 'chunked' }],
  ] as const) {
    const head = parse(`GET / HTTP/1.1\r\n${field}\r\n\r\n`);
    assert('body' in head);
    assert.deepEqual(head.body, body);
  }
});

test('any bytes are read, and what is taken is well formed', () => {
  const pieces = fc.constantFrom(
    'GET',
    ' ',
    '/',
    'HTTP/1.1',
    '\r\n',
    '\n',
    '\r',
    ':',
    'Host',
    'x',
    '\t',
    '\0',
    '\x7f',
    '\xff',
    '#',
    'Content-Length: 1',
    'Transfer-Encoding: chunked',
  );
  fc.assert(
    fc.property(fc.array(pieces), (parts) => {
      const bytes = Buffer.from(`${parts.join('')}\r\n\r\n`, 'latin1');
      const head = parseRequestHead(bytes, { ...bounds, headBytesMax: 10_000 });
      findEarlyFault(bytes, 0, bounds);
      if ('status' in head) return;
      assert(isToken(head.method));
      assert.match(head.target, /^[\x21\x22\x24-\x7e\x80-\xff]+$/);
      head.headers.forEach((part, index) => {
        assert(index % 2 === 0 ? isToken(part) : isFieldValue(part) && part === part.trim());
      });
      parseRequestUrl(head);
    }),
    { numRuns: 2_000 },
  );
});

test('an end is found wherever the bytes are parted, and no fault is seen in a good beginning', () => {
  const bytes = Buffer.from('GET /abc HTTP/1.1\r\nHost: x\r\nY: z\r\n\r\nGET', 'latin1');
  const end = bytes.length - 3;
  for (let parted = 1; parted < end; parted += 1) {
    const begun = bytes.subarray(0, parted);
    assert.equal(findHeadEnd(begun, 0), undefined);
    assert.equal(findEarlyFault(begun, 0, bounds), undefined, begun.toString('latin1'));
    assert.equal(findEarlyFault(begun, parted - 1, bounds), undefined);
    assert.equal(findHeadEnd(bytes, parted), end);
  }
});

test('what can no longer become a head is seen at once', () => {
  for (const [begun, status] of [
    [' ', 400],
    ['\r', 400],
    ['\0', 400],
    ['GET\r\n', 400],
    ['GET /\r\n', 400],
    ['GET / HTTP/1.1\n', 400],
    ['GET / HTTP/1.1\r\nA: b\n', 400],
    ['GET / HTTP/2.0\r\n', 505],
    ['G'.repeat(65), 400],
    [`GET /${'a'.repeat(1_000)}`, 414],
    [`GET / HTTP/1.1\r\nA: ${'a'.repeat(1_000)}`, 494],
  ] as const) {
    assert.equal(findEarlyFault(Buffer.from(begun, 'latin1'), 0, bounds)?.status, status, begun);
  }
});

function url(text: string): ReturnType<typeof parseRequestUrl> {
  const head = parse(text);
  assert('target' in head);
  return parseRequestUrl(head);
}

test('host, path and query are taken as they are sent', () => {
  const h = 'HTTP/1.1\r\nHost: x\r\n\r\n';
  for (const [line, expected] of [
    [`GET /a%2F//?b?c ${h}`, { hostText: 'x', path: '/a%2F//', query: 'b?c' }],
    [`GET /? ${h}`, { hostText: 'x', path: '/', query: '' }],
    [`GET http://Y:8/a?b ${h}`, { hostText: 'Y:8', path: '/a', query: 'b' }],
    [`GET HTTPS://y ${h}`, { hostText: 'y', path: '/', query: undefined }],
    [`GET http://y?b ${h}`, { hostText: 'y', path: '/', query: 'b' }],
    [`OPTIONS * ${h}`, { hostText: 'x', path: '*', query: undefined }],
    [`CONNECT y:443 ${h}`, { hostText: 'x', path: 'y:443', query: undefined }],
    ['GET http://y/ HTTP/1.0\r\n\r\n', { hostText: 'y', path: '/', query: undefined }],
    ['GET /a HTTP/1.0\r\n\r\n', undefined],
    ['GET http://y/ HTTP/1.1\r\n\r\n', undefined],
    ['GET /a HTTP/1.1\r\nHost: x\r\nhost: x\r\n\r\n', undefined],
    [`GET a ${h}`, undefined],
    [`GET ftp://y/ ${h}`, undefined],
    [`GET http://u@y/ ${h}`, undefined],
  ] as const) {
    assert.deepEqual(url(line), expected, line);
  }
});
