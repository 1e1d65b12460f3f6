import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tally } from './tally.ts';

test('it is full with the most that there may be, and over with one more', () => {
  const tally = new Tally(10);
  tally.take(9);
  assert.deepEqual([tally.inUse, tally.isFull, tally.isOver], [9, false, false]);
  tally.take(1);
  assert.deepEqual([tally.inUse, tally.isFull, tally.isOver], [10, true, false]);
  tally.take(1);
  assert.deepEqual([tally.inUse, tally.isFull, tally.isOver], [11, true, true]);
  tally.giveBack(11);
  assert.deepEqual([tally.inUse, tally.isFull, tally.isOver], [0, false, false]);
});
