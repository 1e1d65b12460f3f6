/**
 * The process that log-kill.ts kills: opens the embedded log in the directory that it is given and
 * appends without a pause. Says on standard output what it is about to append and what it was
 * answered, a JSON line each, and goes on only when that has left it, so that it outlives it.
 */
import { systemClock } from '../../src/base/clock.ts';
import { encodeKey, revision, writeId, type Change } from '../../src/base/log-record.ts';
import { systemRandomness } from '../../src/base/randomness.ts';
import { openEmbeddedLog } from '../../src/log/embedded.ts';
import type { Append } from '../../src/log/log.ts';
import { SeededRandomness } from '../harness/seeded-randomness.ts';

const [directory = '', seed = '1'] = process.argv.slice(2);
const random = new SeededRandomness(Number(seed));
const { signal } = new AbortController();
const historyKept = 200;

/** Resolves once the line has left this process. */
function say(word: string, what: unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(`${JSON.stringify({ word, what })}\n`, (failed) =>
      failed ? reject(failed) : resolve(),
    );
  });
}

function draw(): Change {
  const key = encodeKey({ account: 'crash', kind: 'thing', id: String(random.below(40)) });
  if (random.chance(0.1)) return { key, value: null };
  const filling = 'x'.repeat(random.below(random.chance(0.1) ? 40_000 : 2_000));
  return { key, value: Buffer.from(JSON.stringify([random.fraction(), filling])) };
}

const log = await openEmbeddedLog({ directory, randomness: systemRandomness, clock: systemClock });
let at = await log.head(signal);
await say('open', at);
for (;;) {
  const drawn = new Map(
    Array.from({ length: 1 + random.below(4) }, draw).map((one) => [one.key, one]),
  );
  // Of its own chance: two processes with one seed must not make one write id.
  const id = writeId(systemRandomness.bytes(16));
  const append: Append = { at, changes: [...drawn.values()], writeId: id };
  const changes = append.changes.map(({ key, value }) => {
    return { key, value: value === null ? null : Buffer.from(value).toString() };
  });
  await say('try', { at, writeId: id, changes });
  const outcome = await log.append(append, signal);
  if (outcome.kind !== 'appended') throw new Error(`the append was ${outcome.kind}`);
  at = outcome.cursor;
  await say('done', at);
  if (random.chance(0.02) && at.revision > historyKept) {
    await log.forget(revision(at.revision - historyKept), signal);
  }
}
