import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Compressible,
  compressedHeaders,
  decideCompression,
  isCompressibleType,
  withVaryOnEncoding,
} from './compressible.ts';

const page: Compressible = {
  method: 'GET',
  hasRange: false,
  hasBody: true,
  status: 200,
  headers: ['Content-Type', 'text/css', 'Content-Length', '2000'],
  ttl: { minS: 0, defaultS: 60, maxS: 60 },
  compresses: true,
  accepted: 'br,gzip',
};

test('the coding is the best that the viewer accepts', () => {
  for (const [accepted, coding] of [
    ['br,gzip', 'br'],
    ['br', 'br'],
    ['gzip', 'gzip'],
  ] as const) {
    const decision = decideCompression({ ...page, accepted });
    assert.deepEqual(decision, { kind: 'compress', coding, length: 2_000 });
  }
});

const withFields = (...headers: readonly string[]) => ({
  headers: [...page.headers, ...headers],
});
const sized = (length: string) => ({
  headers: ['Content-Type', 'text/css', 'Content-Length', length],
});

test('each condition that fails is the reason', () => {
  for (const [changed, why] of [
    [{ compresses: false }, 'it is off'],
    [{ ttl: { minS: 0, defaultS: 0, maxS: 0 } }, 'caching is disabled'],
    [{ accepted: 'identity' }, 'the viewer accepts no coding that counts'],
    [{ hasBody: false }, 'no body'],
    [{ method: 'HEAD' }, 'no body'],
    [{ hasRange: true }, 'a range was asked for'],
    [{ status: 206 }, 'status'],
    [{ status: 301 }, 'status'],
    [withFields('content-encoding', 'zstd'), 'encoded by the origin'],
    [withFields('Cache-Control', 'public, No-Transform'), 'no-transform'],
    [{ headers: ['Content-Type', 'text/css'] }, 'no length'],
    [sized('-1'), 'no length'],
    [sized('2e3'), 'no length'],
    [sized('999'), 'too short'],
    [sized('10000001'), 'too long'],
    [sized('99999999999999999999999'), 'too long'],
    [{ headers: ['Content-Length', '2000'] }, 'type'],
    [{ headers: ['Content-Type', 'image/webp', 'Content-Length', '2000'] }, 'type'],
  ] as const) {
    const decision = decideCompression({ ...page, ...changed });
    assert.deepEqual(decision, { kind: 'as-is', why }, JSON.stringify(changed));
  }
  for (const status of [403, 404]) {
    assert.equal(decideCompression({ ...page, status }).kind, 'compress');
  }
});

test('a type counts without its parameters and its case', () => {
  for (const type of ['TEXT/Plain;charset=x', ' font/otf ', 'vnd.apple.mpegurl', 'image/svg+xml']) {
    assert(isCompressibleType(type), type);
  }
  for (const type of ['', 'text', 'text/plainer', 'text/markdown', 'font/woff2', '; text/css']) {
    assert(!isCompressibleType(type), type);
  }
  assert(!isCompressibleType(undefined));
});

test('fields that speak of the bytes go, the tag is weak', () => {
  const given = ['ETag', '"a"', 'Content-Length', '9', 'Content-MD5', 'x', 'Digest', 'y', 'A', '1'];
  assert.deepEqual(compressedHeaders(given, 'br'), [
    'ETag',
    'W/"a"',
    'A',
    '1',
    'Content-Encoding',
    'br',
    'Vary',
    'Accept-Encoding',
  ]);
  assert(!compressedHeaders(['ETag', '"a'], 'br').includes('ETag'));
  assert(compressedHeaders(['ETag', 'W/"a"'], 'gzip').includes('W/"a"'));
});

test('Vary names Accept-Encoding once', () => {
  for (const said of ['accept-encoding', 'Cookie, Accept-Encoding', '*']) {
    const headers = ['Vary', said];
    assert.equal(withVaryOnEncoding(headers), headers);
  }
  const joined = withVaryOnEncoding(['vary', 'A', 'B', '1', 'Vary', 'C']);
  assert.deepEqual(joined, ['Vary', 'A, C, Accept-Encoding', 'B', '1']);
  assert.deepEqual(withVaryOnEncoding(['Vary', ' ']), ['Vary', 'Accept-Encoding']);
});
