import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemRandomness } from '../base/randomness.ts';
import { isBodiless, reasonPhrase } from './status.ts';
import { loopCount, mintRequestId, viaName, viaValue } from './via.ts';

test('request ids are 56 characters that a URL may hold, and differ', () => {
  const ids = Array.from({ length: 1_000 }, () => mintRequestId(systemRandomness));
  for (const id of ids) assert.match(id, /^[\w-]{54}==$/);
  assert.equal(new Set(ids).size, ids.length);
});

test('an edge has one name in Via', () => {
  assert.match(viaName('local1', 'cdn.test'), /^[0-9a-f]{32}\.cdn\.test$/);
  assert.equal(viaName('local1', 'cdn.test'), viaName('local1', 'cdn.test'));
  assert.notEqual(viaName('local1', 'cdn.test'), viaName('local2', 'cdn.test'));
  assert.equal(viaValue('1.0', 'x'), '1.0 x (CloudFront)');
});

test('CDN-Loop counts a token in every line and whatever its parameters', () => {
  const headers = ['CDN-Loop', 'cdn.test, other;a="cdn.test"', 'cdn-loop', 'CDN.test ; x=1'];
  assert.equal(loopCount(headers, 'cdn.test'), 2);
  assert.equal(loopCount([], 'cdn.test'), 0);
});

test('every status has a phrase, and some have no body', () => {
  assert.equal(reasonPhrase(494), 'Request Header Too Large');
  assert.equal(reasonPhrase(299), 'Unknown');
  assert.deepEqual([100, 200, 204, 205, 304, 404].filter(isBodiless), [100, 204, 304]);
});
