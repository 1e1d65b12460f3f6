/** The checker finds nothing on a log that keeps its promises, and each breach on one that does not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeId } from '../../src/base/log-record.ts';
import type { ChangeLog, LogReader, TailEvent } from '../../src/log/log.ts';
import { MemoryLog } from '../../src/log/memory.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { SeededRandomness } from '../harness/seeded-randomness.ts';
import { breaches, type History } from './checker.ts';
import { runWorkload } from './workload.ts';

type Fault = {
  readonly writer?: (log: MemoryLog) => Pick<ChangeLog, 'append' | 'tail' | 'head'>;
  readonly reader?: (log: MemoryLog) => Pick<LogReader, 'tail'>;
};

async function historyWith(fault: Fault, seed = 1): Promise<History> {
  const randomness = new SeededRandomness(seed);
  const log = new MemoryLog({ randomness, clock: new ManualClock() });
  const writers = [1, 2, 3].map(() => fault.writer?.(log) ?? log);
  const readers = [fault.reader?.(log) ?? log, log];
  return runWorkload({ writers, readers, writesEach: 15, counters: 3, randomness });
}

/** A tail that does something of its own with the nth record that it passes on. */
function tailWith(
  nth: number,
  act: (record: TailEvent, held: TailEvent[]) => readonly TailEvent[],
): (log: MemoryLog) => Pick<LogReader, 'tail'> {
  return (log) => ({
    async *tail(from, signal) {
      const held: TailEvent[] = [];
      let records = 0;
      for await (const event of log.tail(from, signal)) {
        if (event.kind === 'record') records += 1;
        if (event.kind === 'record' && (records === nth || held.length > 0)) {
          yield* act(event, held);
        } else if (held.length === 0) yield event;
      }
    },
  });
}

function finds(history: History, breach: RegExp): void {
  const found = breaches(history);
  assert(
    found.some((sentence) => breach.test(sentence)),
    `found ${found.length === 0 ? 'nothing' : found.join('; ')}`,
  );
}

test('it finds nothing where every promise was kept', async () => {
  for (let seed = 1; seed <= 10; seed += 1) {
    assert.deepEqual(breaches(await historyWith({}, seed)), []);
  }
});

test('it finds an answered write that the log has lost', async () => {
  const history = await historyWith({});
  const [last] = history.attempts.filter(({ outcome }) => outcome.kind === 'appended').slice(-1);
  assert(last !== undefined);
  // The log of a machine that forgot its last second: it ends one write earlier.
  const readers = history.readers.map((told) => {
    const end = told.events.findIndex(
      (event) => event.kind === 'record' && event.record.revision === history.head.revision,
    );
    return { ...told, events: told.events.slice(0, end) };
  });
  finds({ ...history, head: last.append.at, readers }, /answered and is lost/);
});

test('it finds a write in the middle that was answered and never made', async () => {
  let done = false;
  const history = await historyWith({
    writer: (log) => ({
      head: (signal) => log.head(signal),
      tail: (from, signal) => log.tail(from, signal),
      async append(append, signal) {
        if (done || append.at.revision < 9) return log.append(append, signal);
        const other = { ...append, writeId: writeId(new Uint8Array(16).fill(9)) };
        const outcome = await log.append(other, signal);
        if (outcome.kind !== 'appended') return outcome;
        done = true;
        return { kind: 'appended', cursor: { ...outcome.cursor, writeId: append.writeId } };
      },
    }),
  });
  finds(history, /nobody wrote what stands at/);
});

test('it finds a conflict told for a write that stands', async () => {
  const history = await historyWith({
    writer: (log) => ({
      head: (signal) => log.head(signal),
      tail: (from, signal) => log.tail(from, signal),
      async append(append, signal) {
        const outcome = await log.append(append, signal);
        const lies = outcome.kind === 'appended' && append.at.revision === 6;
        return lies ? { kind: 'conflict' } : outcome;
      },
    }),
  });
  finds(history, /told of a conflict and stands/);
});

test('it finds a write answered at another place than it was decided for', async () => {
  const history = await historyWith({});
  const attempts = history.attempts.map(({ append, outcome }) => {
    return outcome.kind === 'appended' && append.at.revision === 10
      ? { append, outcome: { ...outcome, cursor: history.head } }
      : { append, outcome };
  });
  finds({ ...history, attempts }, /was told that it stands at/);
});

test('it finds a tail that skips a record', async () => {
  for (const nth of [1, 5, 20]) {
    const history = await historyWith({ reader: tailWith(nth, () => []) });
    finds(history, /reader 1 (was not told|held another value)/);
  }
});

test('it finds a tail that repeats a record', async () => {
  for (const nth of [1, 5, 20]) {
    const history = await historyWith({ reader: tailWith(nth, (event) => [event, event]) });
    finds(history, /reader 1 was told \d+ after \d+/);
  }
});

test('it finds a tail that swaps two records', async () => {
  for (const nth of [1, 5, 20]) {
    const swap = tailWith(nth, (event, held) => {
      const earlier = held.pop();
      if (earlier !== undefined) return [event, earlier];
      held.push(event);
      return [];
    });
    finds(await historyWith({ reader: swap }), /reader 1 was (told|not told)/);
  }
});

test('it finds a tail that tells a stranger, or another value', async () => {
  const stranger = tailWith(5, (event) => {
    if (event.kind !== 'record') return [event];
    return [{ kind: 'record', record: { ...event.record, writeId: writeId(new Uint8Array(16)) } }];
  });
  finds(await historyWith({ reader: stranger }), /reader 1 was told a stranger's write/);
  const other = tailWith(5, (event) => {
    if (event.kind !== 'record') return [event];
    const changes = event.record.changes.map(({ key }) => ({ key, value: Buffer.from('7') }));
    return [{ kind: 'record', record: { ...event.record, changes } }];
  });
  finds(await historyWith({ reader: other }), /reader 1 was told another value/);
});

test('it finds a tail that says it is caught up when it is not, and one that stays silent', async () => {
  const history = await historyWith({});
  const [reader, ...others] = history.readers;
  assert(reader !== undefined);
  const early = reader.events.filter(
    (event) => event.kind !== 'record' || event.record.revision !== history.head.revision,
  );
  const told = { ...reader, events: early };
  finds({ ...history, readers: [told, ...others] }, /reader 1 was not told/);
  const silent = { ...reader, events: reader.events.slice(0, 10) };
  finds({ ...history, readers: [silent, ...others] }, /reader 1 never heard/);
});
