/**
 * Ranges: whatever is asked for in whatever order, of an object of any size in a cache of any, each
 * answer is the slice that the same range of the body in memory is.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { headerValue } from '../../src/http/header-list.ts';
import { givesRanges, numberedBody } from '../harness/ranged-origin.ts';
import { setTheStage } from '../harness/scenario.ts';
import type { Answer } from '../harness/viewer.ts';

const runs = Number(process.env['WARMFRONT_PROPERTY_RUNS'] ?? 25);

type Range = readonly [from: number, to: number];

const asked = fc.oneof(
  fc.record({ kind: fc.constant('whole' as const) }),
  fc.record({ kind: fc.constant('range' as const), from: fc.nat(30_000), bytes: fc.nat(20_000) }),
  fc.record({ kind: fc.constant('rest' as const), from: fc.nat(30_000) }),
  fc.record({ kind: fc.constant('last' as const), bytes: fc.nat(30_000) }),
  fc.record({
    kind: fc.constant('two' as const),
    from: fc.nat(10_000),
    bytes: fc.integer({ min: 1, max: 3_000 }),
    gap: fc.nat(5_000),
  }),
  fc.record({ kind: fc.constant('other' as const), bytes: fc.integer({ min: 1, max: 8_000 }) }),
);

type Asked = typeof asked extends fc.Arbitrary<infer One> ? One : never;

/** As the field says it, and what of a body it is. */
function rangeOf(
  one: Asked,
  length: number,
): { field: string; slices: readonly Range[] } | undefined {
  switch (one.kind) {
    case 'range':
      return {
        field: `bytes=${one.from}-${one.from + one.bytes}`,
        slices: [[one.from, one.from + one.bytes + 1]],
      };
    case 'rest':
      return { field: `bytes=${one.from}-`, slices: [[one.from, length]] };
    case 'last':
      return { field: `bytes=-${one.bytes}`, slices: [[Math.max(0, length - one.bytes), length]] };
    case 'two': {
      const end = one.from + one.bytes;
      const next = end + one.gap;
      return {
        field: `bytes=${one.from}-${end - 1},${next}-${next + 9}`,
        slices: [
          [one.from, end],
          [next, next + 10],
        ],
      };
    }
    default:
      return undefined;
  }
}

test('any ranges in any order are the slices of the body', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(25_000),
      fc.constantFrom(4_000, 12_000, 64_000),
      fc.constantFrom(1_000, 6_000, 32_000),
      fc.array(asked, { minLength: 1, maxLength: 12 }),
      async (length, cacheBytesMax, cachedBodyBytesMax, all) => {
        await using stage = await setTheStage(
          { settings: { cacheBytesMax, cachedBodyBytesMax } },
          t,
        );
        const body = numberedBody(length);
        for (const one of all) {
          if (one.kind === 'other') {
            // Pushes some of it out of the cache.
            stage.origin.answers(200, { 'cache-control': 'max-age=60' }, 'x'.repeat(one.bytes));
            await stage.viewer.gets(`/other-${one.bytes}`).answer;
            continue;
          }
          stage.origin.does(givesRanges(body));
          const range = rangeOf(one, length);
          const headers = range === undefined ? {} : { Range: range.field };
          const answer = await stage.viewer.gets('/a', headers).answer;
          check(answer, body, range?.slices);
        }
      },
    ),
    { numRuns: runs },
  );
});

function check(answer: Answer, body: Buffer, slices: readonly Range[] | undefined): void {
  const inside = (slices ?? []).filter(([from, to]) => from < body.length && from < to);
  if (answer.status === 200) {
    assert.ok(answer.bytes.equals(body), 'the whole');
    return;
  }
  if (answer.status === 416) {
    assert.deepEqual(inside, []);
    return;
  }
  assert.equal(answer.status, 206);
  const [first, ...more] = inside;
  assert.ok(first !== undefined, 'a part of what is there');
  if (more.length > 0 || !headerValue(answer.headers, 'content-range')) {
    for (const [from, to] of inside) assert.ok(answer.bytes.includes(body.subarray(from, to)));
    return;
  }
  const end = Math.min(first[1], body.length);
  assert.ok(answer.bytes.equals(body.subarray(...first)), first.join('-'));
  const told = `bytes ${first[0]}-${end - 1}/${body.length}`;
  assert.equal(headerValue(answer.headers, 'content-range'), told);
}
