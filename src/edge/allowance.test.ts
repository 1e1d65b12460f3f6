import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Allowance } from './allowance.ts';

test('a byte at a time uses the time up, a fair speed does not', () => {
  const slow = new Allowance(60_000, 500);
  let nowMs = 0;
  let bytes = 0;
  while (slow.begin(nowMs) > 10_000) {
    nowMs += 10_000;
    slow.end(nowMs);
    slow.earn(1);
    bytes += 1;
  }
  assert.equal(bytes, 6);
  const fair = new Allowance(60_000, 500);
  for (let second = 0; second < 10_000; second += 1) {
    assert(fair.begin(second * 1_000) > 50_000);
    fair.end((second + 1) * 1_000);
    fair.earn(500);
  }
});

test('only waiting counts, and nothing is saved up', () => {
  const allowance = new Allowance(60_000, 500);
  allowance.earn(1_000_000);
  assert.equal(allowance.begin(0), 60_000);
  allowance.end(1_000);
  // An hour in which nobody waited.
  assert.equal(allowance.begin(3_600_000), 59_000);
});
