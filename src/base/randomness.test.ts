import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemRandomness } from './randomness.ts';

test('bytes are as many as were asked for, and nobody is given those of another', () => {
  const drawn = new Set<string>();
  const draws = 5_000;
  for (let draw = 0; draw < draws; draw += 1) {
    const bytes = systemRandomness.bytes(13);
    assert.equal(bytes.length, 13);
    drawn.add(Buffer.from(bytes).toString('hex'));
    // What a caller does with its bytes is seen by no other.
    bytes.fill(0);
  }
  assert.equal(drawn.size, draws);
  for (const count of [0, 64, 65, 4_096, 5_000]) {
    assert.equal(systemRandomness.bytes(count).length, count);
  }
});

test('every value of a byte comes about as often as any other', () => {
  const counts = new Uint32Array(256);
  for (let draw = 0; draw < 8_192; draw += 1) {
    for (const byte of systemRandomness.bytes(16)) counts[byte] = (counts[byte] ?? 0) + 1;
  }
  // 512 are to be expected; ten standard deviations away is no accident.
  for (const count of counts) assert(Math.abs(count - 512) < 230, `${count} times`);
});
