import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LaneTable, type Placed } from './lane-table.ts';

function record(hash: number, bytes = 1): Placed {
  return { hash, bytes, wasUsed: false };
}

test('a record is found by its hash until it is forgotten', () => {
  const table = new LaneTable<Placed>(10);
  const one = record(7);
  table.learn(one);
  assert.equal(table.at(7), one);
  assert.equal(table.bytes, 1);
  table.forget(one);
  assert.equal(table.at(7), undefined);
  assert.equal(table.bytes, 0);
});

test('what is in use is pushed out at the second try only', () => {
  const table = new LaneTable<Placed>(10);
  const used = record(7);
  // The same place, as halves of a hash are folded together.
  const other = record(7 ^ 0x10001);
  used.wasUsed = true;
  table.learn(used);
  table.learn(other);
  assert.equal(table.at(7), used);
  table.learn(other);
  assert.equal(table.at(7), other);
  assert.equal(table.bytes, 1);
  const anew = record(other.hash);
  other.wasUsed = true;
  table.learn(anew);
  assert.equal(table.at(7), anew);
});

test('its bytes are bounded, and what is in use goes last', () => {
  const table = new LaneTable<Placed>(3);
  const records = [1, 2, 3, 4, 5].map((hash) => record(hash));
  for (const one of records) {
    one.wasUsed = one.hash === 1;
    table.learn(one);
    assert(table.bytes <= 3);
  }
  assert.equal(table.at(1), records[0]);
  table.learn(record(9, 4));
  assert(table.bytes <= 3);
  assert.equal(table.at(9), undefined);
  table.clear();
  table.learn(record(1));
  table.clear();
  assert.equal(table.at(1), undefined);
  assert.equal(table.bytes, 0);
});
