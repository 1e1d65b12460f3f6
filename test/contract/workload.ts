/**
 * Writers that count, and readers that watch them: each writer raises counters that all share, and
 * decides from its own fold, as an API process does. What they did is kept for the checker.
 */
import assert from 'node:assert/strict';
import { encodeKey, writeId, type Cursor, type Key } from '../../src/base/log-record.ts';
import type { Randomness } from '../../src/base/randomness.ts';
import type { Append, AppendOutcome, ChangeLog, LogReader } from '../../src/log/log.ts';
import type { Attempt, History } from './checker.ts';
import { Followed } from './followed.ts';

export type Workload = {
  /** One log a writer; the same one several times where the home has only one. */
  readonly writers: readonly Pick<ChangeLog, 'append' | 'tail' | 'head'>[];
  readonly readers: readonly Pick<LogReader, 'tail'>[];
  /** How many each makes; or it goes on for as long as this is true. */
  readonly writesEach: number | (() => boolean);
  /** Hears of each call that was answered. */
  readonly onAttempt?: (attempt: Attempt) => void;
  readonly counters: number;
  readonly randomness: Randomness;
};

export function counterKey(index: number): Key {
  return encodeKey({ account: 'test', kind: 'counter', id: String(index) });
}

/** Runs until every writer has made its writes and every reader has heard of them. */
export async function runWorkload(workload: Workload): Promise<History> {
  const [first] = workload.writers;
  assert(first !== undefined);
  const { signal } = new AbortController();
  const base = await first.head(signal);
  const attempts: Attempt[] = [];
  const readers = workload.readers.map((reader) => new Followed(reader, base));
  await Promise.all(workload.writers.map((log) => write(log, base, workload, attempts)));
  const head = await first.head(signal);
  await Promise.all(readers.map((reader) => reader.reaches(head.revision)));
  await Promise.all(readers.map((reader) => reader.stop()));
  return {
    base,
    head,
    attempts,
    readers: readers.map(({ from, events }, index) => {
      return { reader: String(index + 1), from, events, toTheEnd: true };
    }),
  };
}

async function write(
  log: Pick<ChangeLog, 'append' | 'tail'>,
  base: Cursor,
  { counters, onAttempt, randomness, writesEach }: Workload,
  attempts: Attempt[],
): Promise<void> {
  const { signal } = new AbortController();
  const fold = new Followed(log, base);
  const goesOn = (written: number): boolean =>
    typeof writesEach === 'number' ? written < writesEach : writesEach();
  for (let written = 0; goesOn(written); ) {
    await fold.until(() => fold.cursor !== undefined, 'catch up');
    const at = fold.cursor;
    assert(at !== undefined);
    const key = counterKey(Math.floor(randomness.fraction() * counters));
    const count = Number(fold.documents.get(key) ?? '0');
    const append: Append = {
      at,
      changes: [{ key, value: Buffer.from(String(count + 1)) }],
      writeId: writeId(randomness.bytes(16)),
    };
    let outcome: AppendOutcome;
    do {
      outcome = await log.append(append, signal);
      attempts.push({ append, outcome });
      onAttempt?.({ append, outcome });
    } while (outcome.kind === 'unknown');
    if (outcome.kind === 'appended') written += 1;
    else assert.equal(outcome.kind, 'conflict');
    await fold.reaches(at.revision + 1);
  }
  await fold.stop();
}

/** What all counters come to. */
export function total(documents: ReadonlyMap<Key, string>): number {
  return [...documents.values()].reduce((sum, count) => sum + Number(count), 0);
}
