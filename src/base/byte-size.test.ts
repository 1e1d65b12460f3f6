import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatByteSize, parseByteSize } from './byte-size.ts';

test('bytes are read plainly and with binary units', () => {
  assert.equal(parseByteSize('0'), 0);
  assert.equal(parseByteSize('1500'), 1_500);
  assert.equal(parseByteSize('64KiB'), 65_536);
  assert.equal(parseByteSize('64MiB'), 67_108_864);
  assert.equal(parseByteSize('2GiB'), 2_147_483_648);
});

test('anything else is no number of bytes', () => {
  for (const text of ['', '-1', '1.5MiB', '64MB', '64 MiB', '64mib', '9'.repeat(15) + 'GiB']) {
    assert.equal(parseByteSize(text), undefined, text);
  }
});

test('bytes are written in the largest unit that leaves nothing over', () => {
  assert.equal(formatByteSize(67_108_864), '64MiB');
  assert.equal(formatByteSize(1_073_741_824), '1GiB');
  assert.equal(formatByteSize(1_537), '1537');
  assert.equal(formatByteSize(0), '0');
});
