/** Writing: decided on what stands, appended on condition, repeated until its outcome is known. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logId, revision, writeId, type Cursor, type WriteId } from '../base/log-record.ts';
import type { Append, AppendOutcome } from '../log/log.ts';
import { putEdge } from '../model/document.ts';
import { Refusal } from '../model/refusal.ts';
import { ManualClock, settle } from '../../test/harness/manual-clock.ts';
import { SeededRandomness } from '../../test/harness/seeded-randomness.ts';
import { Writer } from './writer.ts';

const change = putEdge({ format: 1, name: 'one', held: false });

/** A log of which each answer is told beforehand. */
function scripted(...answers: (AppendOutcome['kind'] | 'log-full')[]) {
  const clock = new ManualClock();
  const stop = new AbortController();
  const calls: Append[] = [];
  const contact = { lostForMs: 0 };
  let standing: Cursor = {
    logId: logId(new Uint8Array(16)),
    revision: revision(0),
    writeId: writeId(new Uint8Array(16)),
  };
  const go = (identity: WriteId): Cursor => {
    standing = { ...standing, revision: revision(standing.revision + 1), writeId: identity };
    return standing;
  };
  const writer = new Writer({
    clock,
    randomness: new SeededRandomness(5),
    signal: stop.signal,
    standing: () => standing,
    lostForMs: () => contact.lostForMs,
    folded: () => Promise.resolve(),
    log: {
      append(append) {
        calls.push(append);
        const answer = answers.shift() ?? 'appended';
        if (answer === 'appended') {
          return Promise.resolve({ kind: 'appended', cursor: go(append.writeId) });
        }
        if (answer === 'conflict') {
          go(writeId(new Uint8Array(16).fill(9)));
          return Promise.resolve({ kind: 'conflict' });
        }
        if (answer === 'unknown')
          return Promise.resolve({ kind: 'unknown', cause: new Error('cut') });
        const reason = answer === 'log-full' ? 'log-full' : 'too-large';
        return Promise.resolve({ kind: 'refused', reason });
      },
    },
  });
  return { writer, calls, clock, contact };
}

function done() {
  return { changes: [change], answer: 'done' };
}

async function outcomeOf(call: Promise<unknown>, clock: ManualClock): Promise<unknown> {
  let outcome: unknown = 'pending';
  call.then(
    (answer) => {
      outcome = answer;
    },
    (error: unknown) => {
      outcome = error;
    },
  );
  for (let tries = 0; outcome === 'pending' && tries < 1_000; tries += 1) await clock.passes(50);
  return outcome;
}

test('an unknown outcome is settled by the very same call', async () => {
  const { writer, calls, clock } = scripted('unknown', 'unknown', 'appended');
  const call = writer.write(() => ({ changes: [change], answer: 'done' }));
  assert.equal(await outcomeOf(call, clock), 'done');
  assert.equal(calls.length, 3);
  for (const repeated of calls) assert.deepEqual(repeated, calls[0]);
});

test('after a conflict the decision is made again, at the new end, with the same write id', async () => {
  const { writer, calls, clock } = scripted('conflict', 'appended');
  let decisions = 0;
  const call = writer.write(() => {
    decisions += 1;
    return { changes: [change], answer: decisions };
  });
  assert.equal(await outcomeOf(call, clock), 2);
  assert.deepEqual(
    calls.map(({ at }) => at.revision),
    [0, 1],
  );
  assert.equal(calls[0]?.writeId, calls[1]?.writeId);
});

test('a decision that is refused appends nothing, and the next one has its turn', async () => {
  const { writer, calls, clock } = scripted();
  const refused = writer.write(() => {
    throw new Refusal('MissingBody');
  });
  const next = writer.write(() => ({ changes: [change], answer: 'next' }));
  const refusal = await outcomeOf(refused, clock);
  assert(refusal instanceof Refusal && refusal.code === 'MissingBody');
  assert.equal(await outcomeOf(next, clock), 'next');
  assert.equal(calls.length, 1);
});

test('while the log is out of reach for long, changes are refused at once', async () => {
  const { writer, calls, clock, contact } = scripted();
  contact.lostForMs = 3_001;
  const refusal = await writer.write(done).catch((error: unknown) => error);
  assert(refusal instanceof Refusal && refusal.code === 'ServiceUnavailable');
  assert.match(refusal.message, /out of reach/);
  assert.equal(calls.length, 0);
  contact.lostForMs = 0;
  assert.equal(await outcomeOf(writer.write(done), clock), 'done');
});

test('a decision without changes needs no append', async () => {
  const { writer, calls, clock } = scripted();
  const call = writer.write(() => ({ changes: [], answer: 'as it is' }));
  assert.equal(await outcomeOf(call, clock), 'as it is');
  assert.equal(calls.length, 0);
});

for (const script of [
  Array<'unknown'>(100).fill('unknown'),
  Array<'conflict'>(100).fill('conflict'),
  ['log-full' as const],
]) {
  test(`a log that only says ${script[0]} ends in ServiceUnavailable`, async () => {
    const { writer, clock } = scripted(...script);
    const outcome = await outcomeOf(
      writer.write(() => ({ changes: [change], answer: 'done' })),
      clock,
    );
    assert(outcome instanceof Refusal, String(outcome));
    assert.equal(outcome.code, 'ServiceUnavailable');
  });
}

test('writes of one process go one after another', async () => {
  const { writer, clock } = scripted();
  const order: string[] = [];
  const slow = writer.write(async () => {
    order.push('first begins');
    await settle();
    order.push('first ends');
    return { changes: [change], answer: undefined };
  });
  const quick = writer.write(() => {
    order.push('second');
    return { changes: [], answer: undefined };
  });
  await outcomeOf(Promise.all([slow, quick]), clock);
  assert.deepEqual(order, ['first begins', 'first ends', 'second']);
});
