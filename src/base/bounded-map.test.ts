import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoundedMap } from './bounded-map.ts';

test('the least recently used goes first, and a look-up is a use', () => {
  const map = new BoundedMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  assert.equal(map.get('a'), 1);
  map.set('c', 3);
  assert.equal(map.get('b'), undefined);
  assert.equal(map.get('a'), 1);
  assert.equal(map.get('c'), 3);
  assert.equal(map.size, 2);
});

test('setting again replaces and keeps the size; deleting makes room', () => {
  const map = new BoundedMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.set('a', 3);
  assert.equal(map.size, 2);
  assert.equal(map.get('a'), 3);
  map.delete('b');
  map.set('c', 4);
  assert.equal(map.get('a'), 3);
  map.clear();
  assert.equal(map.size, 0);
});
