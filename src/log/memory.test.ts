/** The log in memory where the contract's suite does not reach. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeKey, writeId, type Cursor } from '../base/log-record.ts';
import { ManualClock } from '../../test/harness/manual-clock.ts';
import { SeededRandomness } from '../../test/harness/seeded-randomness.ts';
import { MemoryLog } from './memory.ts';

const { signal } = new AbortController();
const key = encodeKey({ account: 'a', kind: 'k', id: 'i' });

test('history is bounded by itself', async () => {
  const random = new SeededRandomness(1);
  const log = new MemoryLog({
    randomness: random,
    clock: new ManualClock(),
    historyRecordsMax: 10,
  });
  const cursors: Cursor[] = [await log.head(signal)];
  for (let count = 1; count <= 30; count += 1) {
    const [at] = cursors.slice(-1);
    assert(at !== undefined);
    const changes = [{ key, value: Buffer.from(String(count)) }];
    const outcome = await log.append({ at, changes, writeId: writeId(random.bytes(16)) }, signal);
    assert(outcome.kind === 'appended');
    cursors.push(outcome.cursor);
  }
  const proven = await Promise.all(cursors.map((cursor) => log.proves(cursor, signal)));
  assert.equal(proven.lastIndexOf(false), 19);
});

test('one seed makes one log', async () => {
  const [first, second] = [5, 5].map((seed) => {
    return new MemoryLog({ randomness: new SeededRandomness(seed), clock: new ManualClock() });
  });
  assert.deepEqual(await first?.head(signal), await second?.head(signal));
});

test('an append has taken effect when it returns its promise', async () => {
  const random = new SeededRandomness(1);
  const log = new MemoryLog({ randomness: random, clock: new ManualClock() });
  const at = await log.head(signal);
  const changes = [{ key, value: Buffer.from('1') }];
  void log.append({ at, changes, writeId: writeId(random.bytes(16)) }, signal);
  assert.equal((await log.head(signal)).revision, 1);
});
