import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandomness } from '../../test/harness/seeded-randomness.ts';
import type { Part } from '../http/ranges.ts';
import { covering, longestAt, nextStart, ordered, PartIndex, partsMax } from './part-index.ts';

const of = { validator: '"v1"', total: 100 };

function part(start: number, end: number): Part {
  return { start, end };
}

test('parts stand in order, each once, whichever came first', () => {
  const index = new PartIndex();
  for (const one of [part(50, 60), part(0, 10), part(50, 55), part(0, 10), part(20, 30)]) {
    index.add('k', one, of);
  }
  const known = index.find('k');
  assert.deepEqual(known?.parts, [part(0, 10), part(20, 30), part(50, 55), part(50, 60)]);
  assert.deepEqual(known?.newest, part(20, 30));
  assert.equal(index.find('other'), undefined);
});

test('another validator, or another length, is another object', () => {
  for (const other of [
    { ...of, validator: '"v2"' },
    { ...of, total: 101 },
  ]) {
    const index = new PartIndex();
    index.add('k', part(0, 10), of);
    index.add('k', part(50, 60), other);
    assert.deepEqual(index.find('k')?.parts, [part(50, 60)]);
    assert.equal(index.find('k')?.validator, other.validator);
  }
});

test('what is gone from the store is removed, and nothing else', () => {
  const index = new PartIndex();
  index.add('k', part(0, 10), of);
  index.add('k', part(20, 30), of);
  index.remove('k', part(0, 9));
  index.remove('k', part(0, 10));
  index.remove('other', part(0, 10));
  assert.deepEqual(index.find('k')?.parts, [part(20, 30)]);
  index.remove('k', part(20, 30));
  assert.equal(index.find('k'), undefined);
  index.add('k', part(0, 1), of);
  index.drop('k');
  assert.equal(index.find('k'), undefined);
});

test('an object has so many parts at most', () => {
  const index = new PartIndex();
  const many = { validator: '"v"', total: 10 * partsMax };
  for (let at = 0; at < partsMax + 5; at += 1) index.add('k', part(at * 2, at * 2 + 1), many);
  assert.equal(index.find('k')?.parts.length, partsMax);
});

test('parts cover what each byte of it lies in, as a table of bytes says', () => {
  const random = new SeededRandomness(3);
  let covered = 0;
  for (let round = 0; round < 2_000; round += 1) {
    const index = new PartIndex();
    const bytes: boolean[] = Array.from({ length: 100 }, () => false);
    for (let made = random.below(8); made >= 0; made -= 1) {
      const start = random.below(99);
      const end = start + 1 + random.below(100 - start);
      index.add('k', part(start, end), of);
      bytes.fill(true, start, end);
    }
    // As after some of them were found to be gone.
    const gone = index.find('k')?.parts.filter(() => random.below(8) === 0) ?? [];
    for (const one of gone) index.remove('k', one);
    const known = index.find('k') ?? ordered([]);
    const { parts } = known;
    bytes.fill(false);
    for (const one of parts) bytes.fill(true, one.start, one.end);
    const start = random.below(99);
    const wanted = part(start, start + 1 + random.below(100 - start));
    const chosen = covering(known, wanted);
    assert.equal(chosen !== undefined, bytes.slice(wanted.start, wanted.end).every(Boolean));
    let at = wanted.start;
    for (const one of chosen ?? []) {
      assert(parts.includes(one) && one.start <= at && one.end > at);
      at = one.end;
    }
    if (chosen !== undefined) {
      covered += 1;
      assert(at >= wanted.end);
    }
    const ends = parts.filter((one) => one.start <= start && one.end > start).map(({ end }) => end);
    assert.equal(longestAt(known, start)?.end, ends.length === 0 ? undefined : Math.max(...ends));
    const later = parts.map((one) => one.start).filter((one) => one > start);
    assert.equal(nextStart(known, start), later.length === 0 ? undefined : Math.min(...later));
  }
  assert(covered > 100, `${covered} rounds were covered`);
});
