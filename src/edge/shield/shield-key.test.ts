/** The key of a file: any text that is long enough, with or without a line end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readShieldKey, ShieldKeyFault } from './shield-key.ts';

test('a secret gives the same 32 bytes wherever it is read, and another gives others', () => {
  const secret = 'x'.repeat(32);
  const key = readShieldKey(secret);
  assert.equal(key.length, 32);
  assert.deepEqual(readShieldKey(`${secret}\n`), key);
  assert.notDeepEqual(readShieldKey(`${secret}y`), key);
});

test('what is too short or too long is refused, and not repeated', () => {
  for (const text of ['', 'short secret', ` ${'x'.repeat(31)}\n`, 'x'.repeat(1_025)]) {
    assert.throws(
      () => readShieldKey(text),
      (error) => error instanceof ShieldKeyFault && !/short|x/.test(error.message),
    );
  }
});
