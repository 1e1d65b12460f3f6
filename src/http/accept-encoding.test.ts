import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptsGzip } from './accept-encoding.ts';
import { variesOnEverything, withVaryForViewers } from './vary.ts';

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
