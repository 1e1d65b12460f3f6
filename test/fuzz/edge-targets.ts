/** What an edge reads a second time or in another way: the lane's heads, HTTP/2, patterns, its disk. */
import assert from 'node:assert/strict';
import { instant } from '../../src/base/clock.ts';
import { revision } from '../../src/base/log-record.ts';
import { decodeRecord, encodeRecord, intactRecordLength } from '../../src/cache/disk-record.ts';
import { edgeBounds } from '../../src/edge/bounds.ts';
import { type FrameHead, FrameScanner } from '../../src/edge/h2-frame-scanner.ts';
import { isText, LaneHead, type Span } from '../../src/edge/lane/lane-head.ts';
import { PathPatterns } from '../../src/edge/path-pattern.ts';
import { parseH2Head } from '../../src/http/h2-request.ts';
import { headerValue, headerValues, isFieldValue, isToken } from '../../src/http/header-list.ts';
import { normalPath } from '../../src/http/normal-path.ts';
import { findHeadEnd, parseRequestHead } from '../../src/http/request-head.ts';
import type { SeededRandomness } from '../harness/seeded-randomness.ts';
import { fitsSlowly } from './slow-wildcards.ts';
import { bytesOf, type Target } from './target.ts';

const laneHead = new LaneHead(edgeBounds);

/** Whatever the lane takes, the reader of whole heads takes too, and in the same way. */
function laneHolds(text: string): void {
  const bytes = bytesOf(text);
  if (!laneHead.read(bytes, 0)) return;
  const { end, isHead, target } = laneHead;
  assert.equal(end, findHeadEnd(bytes, 0));
  const head = parseRequestHead(bytes.subarray(0, end), edgeBounds);
  if ('status' in head) return assert.fail(`the lane takes what is refused: ${head.why}`);
  assert.equal(head.method, isHead ? 'HEAD' : 'GET');
  assert.deepEqual([head.version, head.body.kind], ['1.1', 'none']);
  assert(isText(bytes, target, head.target));
  const same = (span: Span, name: string): void => {
    const values = headerValues(head.headers, name);
    assert.equal(values.length > 0, span.isThere, name);
    if (span.isThere) assert(isText(bytes, span, values[0] ?? ''), name);
  };
  same(laneHead.host, 'host');
  same(laneHead.encoding, 'accept-encoding');
  same(laneHead.ifNoneMatch, 'if-none-match');
  same(laneHead.ifModifiedSince, 'if-modified-since');
  assert.equal(headerValues(head.headers, 'host').length, 1);
  const connection = headerValue(head.headers, 'connection')?.toLowerCase();
  assert(connection === undefined || connection === 'keep-alive');
  for (const name of ['range', 'authorization', 'upgrade', 'transfer-encoding']) {
    assert.deepEqual(headerValues(head.headers, name), [], name);
  }
}

/** A line for each field, the name ended by a blank. */
function h2Holds(text: string): void {
  const fields = text.split('\n').flatMap((line) => {
    const blank = line.indexOf(' ');
    const name = blank < 0 ? line : line.slice(0, blank);
    // Capitals are refused by the engine (RFC 9113 §8.2.1).
    return [name.toLowerCase(), blank < 0 ? '' : line.slice(blank + 1)];
  });
  const head = parseH2Head(fields, edgeBounds);
  if ('status' in head) {
    assert([400, 414, 494].includes(head.status) && head.why !== '');
    return;
  }
  assert(isToken(head.method) && isFieldValue(head.hostText) && !head.hostText.includes('@'));
  assert(!/[\0-\x20#\x7f]/.test(head.method === 'CONNECT' ? '' : head.path));
  for (let at = 0; at < head.headers.length; at += 2) {
    assert(isToken(head.headers[at] ?? '') && isFieldValue(head.headers[at + 1] ?? ''));
  }
  assert(headerValues(head.headers, 'cookie').length <= 1);
  assert(headerValues(head.headers, 'host').length >= 1);
}

function framesHold(text: string, random: SeededRandomness): void {
  const bytes = bytesOf(text);
  const scanned = (nextLength: () => number): readonly FrameHead[] => {
    const heads: FrameHead[] = [];
    const scanner = new FrameScanner(24);
    for (let at = 0; at < bytes.length; ) {
      const length = nextLength();
      scanner.scan(bytes.subarray(at, at + length), (head) => heads.push(head));
      at += length;
    }
    return heads;
  };
  const most = 1 + random.below(20);
  assert.deepEqual(
    scanned(() => 1 + random.below(most)),
    scanned(() => bytes.length),
  );
}

function frame(type: number, flags: number, payload: string): string {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  return head.toString('latin1') + payload;
}

const record = encodeRecord({
  bodyId: 7,
  bodyLength: 100,
  object: {
    key: 'E1 gzip /a?b=c',
    status: 200,
    headers: ['ETag', '"a"', 'Content-Type', 'text/html; charset=\xe9'],
    aging: { receivedAt: instant(1), ageAtArrivalMs: 0, lifetimeS: 60 },
    ttl: { minS: 0, defaultS: 60, maxS: 3_600 },
    fetchedAt: revision(9),
  },
}).toString('latin1');

export const edgeTargets: readonly Target[] = [
  {
    name: 'heads in the lane',
    seeds: [
      'GET /a?b=c HTTP/1.1\r\nHost: d.example.com\r\nAccept-Encoding: gzip, br\r\n\r\n',
      'HEAD / HTTP/1.1\r\nhost:a\r\nIf-None-Match: "x"\r\nUser-Agent: y\r\nReferer: z\r\n\r\n',
      'GET /a HTTP/1.1\r\nHost: a\r\nConnection: Keep-Alive\r\nX: \t y \r\nAccept: */*\r\n\r\nGET /b',
    ],
    tokens: [
      '\r\n',
      '\n',
      '\r',
      ' ',
      '\t',
      ':',
      '\0',
      '#',
      '\xff',
      'Host: b\r\n',
      'Connection: close\r\n',
      'Range: bytes=0-1\r\n',
      'Cookie: a=b\r\n',
      'Content-Length: 0\r\n',
      'Transfer-Encoding: chunked\r\n',
      'Accept-Encoding: gzip\r\n',
      ' folded\r\n',
      'Upgrade: x\r\n',
      'Expect: 100-continue\r\n',
    ],
    holds: laneHolds,
  },
  {
    name: 'heads in HTTP/2',
    seeds: [
      ':method GET\n:scheme https\n:authority d.example.com\n:path /a?b=c\naccept */*\ncookie a=b\ncookie c=d',
      ':method CONNECT\n:authority a:443',
      ':method POST\n:scheme https\n:path /\nhost A:443\n:authority a\ncontent-length 5',
    ],
    tokens: [
      '\n',
      ' ',
      ':',
      ':path ',
      ':authority ',
      ':scheme http\n',
      '\0',
      '\r',
      '#',
      '@',
      '\xff',
      'host b\n',
      'cookie x=y\n',
    ],
    holds: h2Holds,
  },
  {
    name: 'frames of HTTP/2',
    seeds: [
      `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${frame(4, 0, '')}${frame(1, 5, 'xyz')}${frame(3, 0, '\0\0\0\x08')}`,
      `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${frame(0, 1, 'hello')}${frame(9, 4, '')}${frame(3, 0, 'xyz')}`,
    ],
    tokens: ['\0', '\xff', frame(3, 0, 'abcd'), frame(0, 0, ''), frame(6, 0, '12345678')],
    holds: framesHold,
  },
  {
    name: 'patterns of behaviors',
    seeds: ['/images/*.jpg\n/images/a.jpg', '*.js\n/a/b.js', 'a?c/*\n/abc/d', '/a\n/a', '*\n/'],
    tokens: ['*', '?', '**', '/', '\n', 'a', '.', '\\', '*?*', '\xff'],
    holds(given) {
      const at = given.indexOf('\n');
      // The model takes no longer ones.
      const pattern = (at < 0 ? given : given.slice(0, at)).slice(0, 255);
      const path = `/${at < 0 ? '' : given.slice(at + 1).replace(/^\//, '')}`.slice(0, 8_192);
      const takes = new PathPatterns([pattern]).first(path) === 0;
      if (pattern.length * path.length > 20_000) return;
      const rooted = /^[/*]/.test(pattern) ? pattern : `/${pattern}`;
      assert.equal(takes, fitsSlowly(rooted, path));
    },
    // A pattern that was made to take long ends after a million steps.
    msMax: 80,
  },
  {
    name: 'normal paths',
    seeds: ['/a/../b//c/./d', '/%2e%2e/%41%zz', '/..', '/a/.', '/%2f%2e'],
    tokens: ['/', '//', '.', '..', '%', '%2e', '%2F', '%41', '%zz', 'a', '\xff'],
    holds(text) {
      const path = normalPath(`/${text}`);
      assert(path.startsWith('/') && !path.includes('//'), path);
      assert(!path.split('/').some((segment) => segment === '.' || segment === '..'), path);
      assert(path.length <= text.length + 1);
    },
  },
  {
    name: 'records on disk',
    seeds: [record, record + record],
    tokens: ['\0', '\xff', '\n', record, '\x01\0\0\0'],
    holds(text) {
      const bytes = bytesOf(text);
      for (let at = 0; at < bytes.length; ) {
        const length = intactRecordLength(bytes, at);
        if (length === undefined) return;
        const whole = bytes.subarray(at, at + length);
        assert.deepEqual(encodeRecord(decodeRecord(whole)), whole);
        at += length;
      }
    },
  },
];
