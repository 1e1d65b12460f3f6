/** What viewers send: heads, bodies, targets, hosts, and whatever is taken out of their fields. */
import assert from 'node:assert/strict';
import { edgeBounds } from '../../src/edge/bounds.ts';
import { normaliseEncoding } from '../../src/http/accept-encoding.ts';
import { BodyFault, framingOf } from '../../src/http/body-framing.ts';
import { selectCookies } from '../../src/http/cookies.ts';
import { headerValues, isFieldValue, isToken } from '../../src/http/header-list.ts';
import { parseHost } from '../../src/http/host.ts';
import { isInRange, parseIpv4Range } from '../../src/http/ipv4-range.ts';
import { selectQuery } from '../../src/http/query.ts';
import {
  contentRange,
  parseContentRange,
  resolveRange,
  resolveRanges,
} from '../../src/http/ranges.ts';
import { findEarlyFault, findHeadEnd, parseRequestHead } from '../../src/http/request-head.ts';
import { parseRequestUrl } from '../../src/http/request-target.ts';
import { loopCount } from '../../src/http/via.ts';
import { isWebSocketHandshake, takesUpHandshake } from '../../src/http/web-socket.ts';
import type { SeededRandomness } from '../harness/seeded-randomness.ts';
import { bytesOf, type Target, unlessRefused } from './target.ts';

const requests = [
  'GET /a?b=c HTTP/1.1\r\nHost: d.example.com\r\n\r\n',
  'HEAD http://d.example.com/a HTTP/1.0\r\nAccept: */*\r\nX: \r\n\r\n',
  'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\nExpect: 100-continue\r\n\r\n',
  'PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTE: trailers\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close, x\r\n\r\n',
  'CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n',
];
const ofHeads = [
  '\r\n',
  '\n',
  '\r',
  ' ',
  '\t',
  ':',
  '\0',
  'HTTP/1.1',
  'HTTP/2.0',
  'Host: b\r\n',
  'Content-Length: 1\r\n',
  'Transfer-Encoding: gzip\r\n',
  ' folded\r\n',
  '#',
  '\xff',
  '%00',
  '@',
  '9007199254740993',
];

function headHolds(text: string): void {
  const bytes = bytesOf(text);
  const end = findHeadEnd(bytes, 0);
  const slow = text.indexOf('\r\n\r\n');
  assert.equal(end, slow < 0 ? undefined : slow + 4);
  findEarlyFault(bytes, 0, edgeBounds);
  if (end === undefined) return;
  const head = parseRequestHead(bytes.subarray(0, end), edgeBounds);
  if ('status' in head) {
    assert([400, 414, 494, 501, 505].includes(head.status) && head.why !== '');
    return;
  }
  // A head that is good as a whole never showed a fault while it came.
  assert.equal(findEarlyFault(bytes.subarray(0, end), 0, edgeBounds), undefined);
  const { headers, method, target, version } = head;
  assert(isToken(method) && /^[\x21-\x7e\x80-\xff]+$/.test(target) && !target.includes('#'));
  assert(headers.length / 2 <= edgeBounds.fieldsMax && headers.length % 2 === 0);
  let written = `${method} ${target} HTTP/${version}\r\n`;
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? '';
    const value = headers[at + 1] ?? '';
    assert(isToken(name) && isFieldValue(value) && value === value.replace(/^[\t ]+/, ''));
    written += `${name}: ${value}\r\n`;
  }
  if (headerValues(headers, 'transfer-encoding').length > 0) {
    assert.equal(head.body.kind, 'chunked');
    assert.deepEqual(headerValues(headers, 'content-length'), []);
  }
  if (written.length + 2 <= edgeBounds.headBytesMax) {
    assert.deepEqual(parseRequestHead(bytesOf(`${written}\r\n`), edgeBounds), head);
  }
  const url = parseRequestUrl(head);
  if (url === undefined) return;
  assert(url.path !== '' && !(url.path.includes('?') && head.method !== 'CONNECT'));
  if (target.startsWith('/')) {
    assert.equal(url.query === undefined ? url.path : `${url.path}?${url.query}`, target);
  }
}

const chunkedBodies = [
  '5\r\nhello\r\n0\r\n\r\n',
  'a;x=y\r\n0123456789\r\n1 ; z\r\n!\r\n0\r\nTrailer: x\r\n\r\nGET / HTTP/1.1\r\n',
  '0\r\n\r\n',
  '3\r\nabc\r\n00000\r\n\r\n',
];

type BodyRead = { readonly bytes: string; readonly consumed: number; readonly done: boolean };

/** By pieces of these lengths; what was not consumed is given again. */
function readChunked(bytes: Buffer, nextLength: () => number): BodyRead {
  const framing = framingOf({ kind: 'chunked' });
  let read = '';
  let consumed = 0;
  for (let come = 0; ; ) {
    come = Math.min(bytes.length, come + nextLength());
    const taken = framing.take(bytes.subarray(consumed, come));
    assert(taken.consumed <= come - consumed);
    consumed += taken.consumed;
    read += Buffer.concat(taken.pieces).toString('latin1');
    if (taken.done || come === bytes.length) return { bytes: read, consumed, done: taken.done };
  }
}

/** The same, with nothing clever about it; 'fault' where it is none of that form. */
function readChunkedSlowly(text: string): BodyRead | 'fault' {
  let at = 0;
  let read = '';
  for (;;) {
    const line = /^([0-9A-Fa-f]{1,16})(?:[\t ]*;[\t\x20-\x7e\x80-\xff]*)?\r\n/.exec(text.slice(at));
    if (line === null) return 'fault';
    const size = Number.parseInt(line[1] ?? '', 16);
    at += line[0].length;
    if (size === 0) break;
    if (text.length < at + size + 2) return 'fault';
    read += text.slice(at, at + size);
    if (text.slice(at + size, at + size + 2) !== '\r\n') return 'fault';
    at += size + 2;
  }
  for (;;) {
    const end = text.indexOf('\r\n', at);
    if (end < 0) return 'fault';
    const isLast = end === at;
    at = end + 2;
    if (isLast) return { bytes: read, consumed: at, done: true };
  }
}

function chunksHold(text: string, random: SeededRandomness): void {
  const bytes = bytesOf(text);
  const whole = unlessRefused([BodyFault], () => readChunked(bytes, () => bytes.length));
  const most = 1 + random.below(random.chance(0.5) ? 3 : 500);
  const inPieces =
    bytes.length > 4_096
      ? undefined
      : unlessRefused([BodyFault], () => readChunked(bytes, () => 1 + random.below(most)));
  if (bytes.length <= 4_096) assert.deepEqual(inPieces, whole, 'however it comes');
  if (whole?.done === true) assert.deepEqual(whole, readChunkedSlowly(text));
  else if (text.length < 200) assert.equal(readChunkedSlowly(text), 'fault');
}

function rangesHold(text: string, random: SeededRandomness): void {
  const length = random.chance(0.1) ? 0 : random.below(2_000);
  const outcome = resolveRanges(text, length);
  if (outcome.kind === 'parts') {
    let from = 0;
    for (const { end, start } of outcome.parts) {
      assert(start >= from && end > start && end <= length, JSON.stringify(outcome));
      from = end;
      const told = parseContentRange(contentRange(start, end, length));
      assert.deepEqual(told, { start, end, total: length });
    }
    assert(outcome.parts.length > 0 && outcome.parts.length <= 50);
  }
  const one = resolveRange(text, length);
  const simple = /^bytes=(\d{1,9})-(\d{1,9})$/.exec(text);
  if (simple === null) return;
  const [first, last] = [Number(simple[1]), Number(simple[2])];
  if (last < first) assert.equal(one.kind, 'whole');
  else if (first >= length) assert.equal(one.kind, 'unsatisfiable');
  else assert.deepEqual(one, { kind: 'part', start: first, end: Math.min(last + 1, length) });
}

function isA(name: string): boolean {
  return name === 'a';
}

const ofLists = [
  ',',
  ';',
  '=',
  ' ',
  '\t',
  '"',
  '\\',
  '*',
  '-',
  'a',
  'q=0',
  'q=0.000',
  '\xe4',
  ',,',
];

export const requestTargets: readonly Target[] = [
  { name: 'request heads', seeds: requests, tokens: ofHeads, holds: headHolds },
  {
    name: 'chunked bodies',
    seeds: chunkedBodies,
    tokens: ['\r\n', '0', 'f', ';', 'ffffffffffffffff', '\r', '\n', ' ', 'x: y\r\n', '0\r\n\r\n'],
    holds: chunksHold,
  },
  {
    name: 'hosts',
    seeds: ['d111.cloudfront.net', 'WWW.example.com.:8080', '[::1]:80', '127.0.0.1', 'a_b-c.d'],
    tokens: ['.', ':', '-', '_', '[', ']', '0', '65536', '..', 'xn--', '\xe4', '%2e', '@', ' '],
    holds(text) {
      const host = parseHost(text);
      if (host.kind !== 'name') return;
      assert.match(host.name, /^[a-z0-9_.-]{1,253}$/);
      assert.deepEqual(parseHost(host.name), host);
      assert.deepEqual(parseHost(`${host.name}.:80`), host);
    },
  },
  {
    name: 'ranges',
    seeds: [
      'bytes=0-9',
      'bytes=-5',
      'bytes=5-',
      'bytes=0-1,4-5',
      'bytes = 1-2, 3-4,-1',
      'BYTES=0-0',
    ],
    tokens: ['bytes=', '-', ',', '0', '9', ' ', '999999999999999999', '=', '1-2', '\t', '--'],
    holds: rangesHold,
  },
  {
    name: 'Content-Range',
    seeds: ['bytes 0-9/10', 'bytes 5-9/*', 'bytes */10'],
    tokens: ['bytes', ' ', '-', '/', '*', '0', '999999999999999', '\t'],
    holds(text) {
      const part = parseContentRange(text);
      if (part === undefined) return;
      const { end, start, total } = part;
      assert(start >= 0 && end > start && (total === undefined || end <= total));
      if (total !== undefined) {
        assert.deepEqual(parseContentRange(contentRange(start, end, total)), part);
      }
    },
  },
  {
    name: 'Accept-Encoding',
    seeds: ['gzip, deflate, br', 'br;q=1.0, gzip;q=0.5, *;q=0', 'identity', ''],
    tokens: [...ofLists, 'gzip', 'br', 'GZIP', ';q=0', ';q=0.001', ';q = 0'],
    holds(text) {
      const of = (gzip: boolean, brotli: boolean) =>
        normaliseEncoding(['Accept-Encoding', text], { gzip, brotli });
      const parts = [of(false, true), of(true, false)].filter((one) => one !== 'identity');
      assert.equal(of(true, true), parts.length === 0 ? 'identity' : parts.join(','));
      assert.equal(of(false, false), 'identity');
    },
  },
  {
    name: 'cookies',
    seeds: ['a=1; b=2; a=3', '$Version=1; session="x;y"', 'CloudFront-Policy=abc_; other=1', 'a'],
    tokens: [...ofLists, '; ', '$', 'CloudFront-Signature=', '%3D'],
    holds(text) {
      const selected = selectCookies(['Cookie', text], () => true);
      if (selected === undefined) return;
      assert.equal(
        selectCookies(['Cookie', selected], () => true),
        selected,
      );
      assert.equal(
        selectCookies(['Cookie', selected], () => false),
        undefined,
      );
    },
  },
  {
    name: 'queries',
    seeds: ['a=1&b=2&a=3', 'a&b=&=c', '%20=%zz&&', 'Expires=1&Signature=x&q'],
    tokens: ['&', '=', ';', '%', '+', '?', 'a', '#', '\xff'],
    holds(text) {
      assert.equal(
        selectQuery(text, () => true),
        text,
      );
      assert.equal(
        selectQuery(text, () => false),
        undefined,
      );
      const kept = selectQuery(text, isA)?.split('&') ?? [];
      const left = selectQuery(text, (name) => !isA(name))?.split('&') ?? [];
      assert.deepEqual([...kept, ...left].toSorted(), text.split('&').toSorted());
    },
  },
  {
    name: 'addresses of policies',
    seeds: ['192.0.2.0/24', '0.0.0.0/0', '10.1.2.3', '255.255.255.255/32'],
    tokens: ['.', '/', '0', '256', '33', '01', ':', '::', ' '],
    holds(text) {
      const range = parseIpv4Range(text);
      if (range === undefined) return;
      const address = [24, 16, 8, 0].map((bits) => Math.floor(range.base / 2 ** bits) % 256);
      assert(isInRange(address.join('.'), range));
      assert.deepEqual(parseIpv4Range(`${address.join('.')}/${range.prefixBits}`), range);
    },
  },
  {
    name: 'CDN-Loop',
    seeds: ['cloudfront.localhost, other; a=b', 'CloudFront.Localhost'],
    tokens: [...ofLists, 'cloudfront.localhost'],
    holds(text) {
      const count = loopCount(['CDN-Loop', text], 'cloudfront.localhost');
      const slow = text.split(',').map((one) => one.split(';')[0]?.trim().toLowerCase());
      assert.equal(count, slow.filter((one) => one === 'cloudfront.localhost').length);
    },
  },
  {
    name: 'handshakes of WebSocket',
    seeds: [
      'upgrade\nwebsocket\nkeep-alive, Upgrade\nAAAAAAAAAAAAAAAAAAAAAA==\n13',
      'upgrade\nh2c\nUpgrade\nx\n8',
    ],
    tokens: [...ofLists, '\n', 'Upgrade', 'websocket', 'close'],
    holds(text) {
      const [name = '', upgrade = '', connection = '', key = '', version = ''] = text.split('\n');
      const headers = ['Connection', connection, name, upgrade];
      headers.push('Sec-WebSocket-Key', key, 'Sec-WebSocket-Version', version);
      const facts = { method: 'GET', httpVersion: '1.1', headers } as const;
      if (isWebSocketHandshake(facts)) {
        assert(/(?:^|,)\s*upgrade\s*(?:,|$)/i.test(connection) && /^websocket$/i.test(upgrade));
      }
      assert(!isWebSocketHandshake({ ...facts, headers: [...headers, 'Upgrade', 'h2c'] }));
      assert(!takesUpHandshake(headers, key));
    },
  },
];
