import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { contentRange, resolveRange, unsatisfiedContentRange } from './ranges.ts';

test('ranges are resolved against the length', () => {
  for (const [range, length, expected] of [
    ['bytes=0-0', 10, [0, 1]],
    ['bytes=0-', 10, [0, 10]],
    ['bytes=9-', 10, [9, 10]],
    ['bytes=5-99999999999999999', 10, [5, 10]],
    ['bytes=-1', 10, [9, 10]],
    ['bytes=-99', 10, [0, 10]],
    ['BYTES = 1-2 ', 10, [1, 3]],
    ['bytes=10-', 10, 'unsatisfiable'],
    ['bytes=-0', 10, 'unsatisfiable'],
    ['bytes=0-', 0, 'unsatisfiable'],
    ['bytes=-1', 0, 'unsatisfiable'],
    ['bytes=2-1', 10, 'whole'],
    ['bytes=0-1,2-3', 10, 'whole'],
    ['bytes=-', 10, 'whole'],
    ['bytes=1', 10, 'whole'],
    ['bytes=+1-2', 10, 'whole'],
    ['bytes=1.0-2', 10, 'whole'],
    ['bytes=9999999999999999999-', 10, 'whole'],
    ['seconds=1-2', 10, 'whole'],
    [undefined, 10, 'whole'],
  ] as const) {
    const found = resolveRange(range, length);
    const short = found.kind === 'part' ? [found.start, found.end] : found.kind;
    assert.deepEqual(short, expected, `${range} of ${length}`);
  }
  assert.equal(contentRange(2, 5, 10), 'bytes 2-4/10');
  assert.equal(unsatisfiedContentRange(10), 'bytes */10');
});

test('a range is what subarray gives', () => {
  const body = Uint8Array.from({ length: 200 }, (_, index) => index);
  fc.assert(
    fc.property(fc.nat(220), fc.nat(220), fc.nat(200), (first, last, length) => {
      const whole = body.subarray(0, length);
      const between = resolveRange(`bytes=${first}-${last}`, length);
      if (between.kind === 'part') {
        assert.deepEqual(
          whole.subarray(between.start, between.end),
          whole.subarray(first, last + 1),
        );
        assert(between.end > between.start);
      } else if (between.kind === 'unsatisfiable') assert(first >= length && last >= first);
      else assert(last < first);

      const tail = resolveRange(`bytes=-${last}`, length);
      if (tail.kind === 'part') {
        assert.deepEqual(whole.subarray(tail.start, tail.end), whole.slice(-last));
      } else assert(last === 0 || length === 0);
    }),
  );
});
