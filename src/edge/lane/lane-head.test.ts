import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { headerValue, headerValues } from '../../http/header-list.ts';
import { findHeadEnd, parseRequestHead } from '../../http/request-head.ts';
import { parseRequestUrl } from '../../http/request-target.ts';
import { edgeBounds } from '../bounds.ts';
import { useOfField, usesByHash } from './lane-fields.ts';
import { hashOfParts, LaneHead, type Span } from './lane-head.ts';

const line = fc.constantFrom(
  'GET /a HTTP/1.1',
  'HEAD /a?b=c&d HTTP/1.1',
  'GET / HTTP/1.1',
  'GET /a#b HTTP/1.1',
  'GET /a HTTP/1.0',
  'GET http://a/ HTTP/1.1',
  'POST /a HTTP/1.1',
  'GET  /a HTTP/1.1',
);
const field = fc.oneof(
  fc.constantFrom(
    'Host: a.example',
    'host:b',
    'Host: ',
    'Accept-Encoding: gzip, br ',
    'If-None-Match: "v1"',
    'If-Modified-Since: Wed, 01 Jan 2020 00:00:00 GMT',
    'User-Agent:\t x y \t',
    'Referer: http://a/',
    'X-Forwarded-For: 192.0.2.1',
    'Connection: Keep-Alive',
    'Connection: close',
    'Content-Length: 0',
    'Range: bytes=0-1',
    'x y: z',
    ' folded',
  ),
  fc.string({ maxLength: 12, unit: 'binary-ascii' }),
);
const end = fc.constantFrom('\r\n\r\n', '\r\n\r\nGET /next HTTP/1.1\r\n\r\n', '\n\n', '\r\n', '');
const text = fc
  .tuple(line, fc.array(field, { maxLength: 6 }), end)
  .map(([first, fields, rest]) => [first, 'Host: a.example', ...fields].join('\r\n') + rest);

function textOf(bytes: Buffer, span: Span): string | undefined {
  return span.isThere ? bytes.toString('latin1', span.start, span.end) : undefined;
}

test('what it takes is read alike by the general parser', () => {
  const lane = new LaneHead(edgeBounds);
  let taken = 0;
  fc.assert(
    fc.property(text, fc.nat(3), (given, skipped) => {
      const bytes = Buffer.from('x'.repeat(skipped) + given, 'latin1');
      if (!lane.read(bytes, skipped)) return;
      taken += 1;
      const own = bytes.subarray(skipped);
      const length = findHeadEnd(own, 0);
      assert(length !== undefined);
      assert.equal(lane.end, skipped + length);
      const head = parseRequestHead(own.subarray(0, length), edgeBounds);
      assert(!('status' in head), JSON.stringify(head));
      assert.equal(head.version, '1.1');
      assert.equal(head.body.kind, 'none');
      assert.equal(head.method, lane.isHead ? 'HEAD' : 'GET');
      assert.equal(head.target, textOf(bytes, lane.target));
      const url = parseRequestUrl(head);
      assert.equal(url?.hostText, textOf(bytes, lane.host));
      const value = (name: string): string | undefined => headerValue(head.headers, name);
      assert.equal(value('accept-encoding'), textOf(bytes, lane.encoding));
      assert.equal(value('if-none-match'), textOf(bytes, lane.ifNoneMatch));
      assert.equal(value('if-modified-since'), textOf(bytes, lane.ifModifiedSince));
      assert.equal(value('referer'), textOf(bytes, lane.referer));
      assert.equal(value('user-agent'), textOf(bytes, lane.userAgent));
      assert.equal(value('x-forwarded-for'), textOf(bytes, lane.forwardedFor));
      for (const name of ['accept-encoding', 'if-none-match', 'x-forwarded-for']) {
        assert(headerValues(head.headers, name).length < 2, name);
      }
      for (const [index, name] of head.headers.entries()) {
        if (index % 2 === 0) assert.notEqual(useOfField(name.toLowerCase()), 'leave');
      }
      const parts = [head.target, url?.hostText ?? '', value('accept-encoding') ?? ''];
      assert.equal(lane.hash, hashOfParts(parts));
    }),
    { numRuns: 5_000 },
  );
  assert(taken > 200, `it took ${taken}`);
});

test('its bounds are those of all heads', () => {
  const bounds = { headBytesMax: 60, urlBytesMax: 10, fieldsMax: 2, fieldNameBytesMax: 4 };
  const lane = new LaneHead(bounds);
  const takes = (head: string): boolean => lane.read(Buffer.from(head, 'latin1'), 0);
  assert(takes('GET /23456789 HTTP/1.1\r\nHost: a\r\nABCD: b\r\n\r\n'));
  assert(!takes('GET /2345678901 HTTP/1.1\r\nHost: a\r\n\r\n'));
  assert(!takes('GET / HTTP/1.1\r\nHost: a\r\nABCDE: b\r\n\r\n'));
  assert(!takes('GET / HTTP/1.1\r\nHost: a\r\nA: b\r\nB: c\r\n\r\n'));
  assert(!takes(`GET / HTTP/1.1\r\nHost: a\r\nA: ${'b'.repeat(40)}\r\n\r\n`));
});

test('no two names that it knows have one hash', () => {
  const names = [...usesByHash.values()].map(({ name }) => name);
  assert.equal(names.length, 23);
  for (const name of names) assert(useOfField(name) !== undefined);
});
