import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normaliseEncoding } from './accept-encoding.ts';
import { variesOnEverything, withVaryForViewers } from './vary.ts';

const both = { gzip: true, brotli: true };
const normalised = (value: string, counted = both) =>
  normaliseEncoding(['Accept-Encoding', value], counted);
const acceptsGzip = (headers: readonly string[]) =>
  normaliseEncoding(headers, { gzip: true, brotli: false }) === 'gzip';

test('of what a viewer accepts, what counts is told apart', () => {
  assert.equal(normalised('gzip, deflate, br'), 'br,gzip');
  assert.equal(normalised('gzip, deflate, br', { gzip: true, brotli: false }), 'gzip');
  assert.equal(normalised('gzip, deflate, br', { gzip: false, brotli: true }), 'br');
  assert.equal(normalised('BR;q=0.1, gzip;q=0'), 'br');
  assert.equal(normalised('br;q=0, gzip, br'), 'gzip');
  assert.equal(normalised('gzip, br', { gzip: false, brotli: false }), 'identity');
  for (const value of ['', 'deflate', '*', 'identity', 'brotli', 'br gzip']) {
    assert.equal(normalised(value), 'identity', value);
  }
});

test('gzip is accepted where it is named with a weight', () => {
  for (const value of ['gzip', 'GZIP', 'br, gzip', 'gzip;q=0.001', 'x, gzip ; q=1', 'gzip;x=0']) {
    assert(acceptsGzip(['Accept-Encoding', value]), value);
  }
  for (const value of [
    '',
    '*',
    'br',
    'gzip;q=0',
    'gzip; q=0.000',
    'gzip ;Q = 0',
    'gzipped',
    'x-gzip',
  ]) {
    assert(!acceptsGzip(['Accept-Encoding', value]), value);
  }
  assert(acceptsGzip(['accept-encoding', 'br', 'ACCEPT-ENCODING', 'gzip']));
  assert(!acceptsGzip([]));
});

test('Vary keeps what may matter to a viewer', () => {
  assert.deepEqual(withVaryForViewers(['Vary', 'Origin, Cookie,accept-encoding', 'A', '1']), [
    'Vary',
    'Cookie, accept-encoding',
    'A',
    '1',
  ]);
  assert.deepEqual(withVaryForViewers(['vary', 'Origin', 'vary', 'Cookie']), ['vary', 'Cookie']);
  assert.equal(variesOnEverything(['Vary', 'A', 'vary', 'b, *']), true);
  assert.equal(variesOnEverything(['Vary', '**']), false);
});
