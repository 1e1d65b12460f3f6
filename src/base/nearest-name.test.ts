import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearestName } from './nearest-name.ts';

const known = ['data', 'domain', 'edge', 'edge-lease', 'edge-workers', 'api', 'api-tls'];

test('the nearest name is found for a letter left out, added, changed or swapped', () => {
  assert.equal(nearestName('domian', known), 'domain');
  assert.equal(nearestName('edges', known), 'edge');
  assert.equal(nearestName('edge-leese', known), 'edge-lease');
  assert.equal(nearestName('dat', known), 'data');
  assert.equal(nearestName('api-tsl', known), 'api-tls');
});

test('the beginning of a name stands for it', () => {
  assert.equal(nearestName('edge-w', known), 'edge-workers');
  assert.equal(nearestName('ed', ['edge-workers']), undefined);
});

test('nothing far-fetched is proposed', () => {
  assert.equal(nearestName('verbose', known), undefined);
  assert.equal(nearestName('x', known), undefined);
  assert.equal(nearestName('d'.repeat(100_000), known), undefined);
});
