/**
 * Kills a process that writes to the embedded log, again and again, at any moment: while it opens,
 * appends, forgets or tidies its file. After each kill the file has to be whole, every write that
 * was answered in it at its place, and of the one that was not answered all or nothing.
 *
 *   node test/crash/log-kill.ts [rounds] [seed]
 *
 * A killed process leaves what it wrote with the kernel, so this shows the order of writes and the
 * recovery, not the strength of the disk's sync.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { systemClock } from '../../src/base/clock.ts';
import {
  parseKey,
  parseLogId,
  parseWriteId,
  revision,
  sameCursor,
  type Cursor,
} from '../../src/base/log-record.ts';
import { systemRandomness } from '../../src/base/randomness.ts';
import { openEmbeddedLog } from '../../src/log/embedded.ts';
import { fileName } from '../../src/log/embedded-store.ts';
import type { Append } from '../../src/log/log.ts';
import { Followed } from '../contract/followed.ts';
import { SeededRandomness } from '../harness/seeded-randomness.ts';

export type KillLoop = {
  readonly rounds: number;
  readonly seed: number;
  /** Hears what each round found. */
  readonly report?: (line: string) => void;
};

/** What a log should hold, as far as its writers were answered. */
type Known = { cursor: Cursor | undefined; readonly documents: Map<string, string> };

/** Resolves with the number of answered writes that were found again; rejects at the first lost one. */
export async function runKillLoop({ rounds, seed, report }: KillLoop): Promise<number> {
  const random = new SeededRandomness(seed);
  const directory = await mkdtemp(join(tmpdir(), 'warmfront-kill-'));
  const known: Known = { cursor: undefined, documents: new Map() };
  let found = 0;
  try {
    for (let round = 1; round <= rounds; round += 1) {
      const said = await writeAndKill(directory, random);
      found += said.answered.length;
      await check(directory, known, said);
      const end = known.cursor?.revision ?? 0;
      report?.(`round ${round}: ${said.answered.length} answered, the log stands at ${end}`);
    }
  } finally {
    await rm(directory, { recursive: true });
  }
  return found;
}

type Said = {
  readonly opened: Cursor | undefined;
  readonly tried: readonly Append[];
  readonly answered: readonly Cursor[];
};

async function writeAndKill(directory: string, random: SeededRandomness): Promise<Said> {
  const script = join(import.meta.dirname, 'log-kill-writer.ts');
  const seed = String(random.below(2 ** 31));
  const child = spawn(process.execPath, [script, directory, seed], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<NodeJS.Signals | number | null>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? code));
  });
  // Some are killed while they open the log, the others after so many answers.
  const early = random.chance(0.25);
  const answersMax = 1 + random.below(300);
  if (early) setTimeout(() => child.kill('SIGKILL'), 20 + random.below(150));

  let opened: Cursor | undefined;
  const tried: Append[] = [];
  const answered: Cursor[] = [];
  // Every line that was written whole is read, also those that arrive after the kill.
  for await (const line of createInterface({ input: child.stdout })) {
    const said: unknown = readWhole(line);
    if (said === undefined) continue;
    const { what, word } = fields(said);
    if (word === 'open') opened = readCursor(what);
    if (word === 'try') tried.push(readAppend(what));
    if (word === 'done') answered.push(readCursor(what));
    if (!early && answered.length === answersMax) child.kill('SIGKILL');
  }
  assert.equal(await exited, 'SIGKILL', 'the writer ended by itself');
  return { opened, tried, answered };
}

async function check(directory: string, known: Known, said: Said): Promise<void> {
  if (!existsSync(join(directory, fileName))) {
    return assert.equal(known.cursor, undefined, 'the log is gone');
  }
  await checkIntegrity(directory);
  const log = await openEmbeddedLog({
    directory,
    randomness: systemRandomness,
    clock: systemClock,
  });
  const { signal } = new AbortController();
  try {
    const head = await log.head(signal);
    if (said.opened !== undefined && known.cursor !== undefined) {
      assert(sameCursor(said.opened, known.cursor), 'it was opened where it stood');
    }
    for (const [index, cursor] of said.answered.entries()) {
      const append = said.tried[index];
      assert(append !== undefined);
      assert.equal(cursor.writeId, append.writeId);
      apply(known, cursor, append);
    }
    const last = said.tried[said.answered.length];
    if (last !== undefined && !sameCursor(head, known.cursor ?? last.at)) {
      // The write that was not answered stands all the same.
      const cursor = {
        ...last.at,
        revision: revision(last.at.revision + 1),
        writeId: last.writeId,
      };
      apply(known, cursor, last);
    }
    known.cursor ??= head;
    assert.deepEqual(head, known.cursor, 'the log ends with what its writers know of');
    for (const cursor of said.answered.slice(-100)) {
      assert(await log.proves(cursor, signal), `history has lost ${cursor.revision}`);
    }
    const followed = new Followed(log);
    await followed.reaches(head.revision);
    await followed.stop();
    assert.deepEqual(new Map(followed.documents), known.documents);
    if (last !== undefined) {
      const again = await log.append(last, signal);
      assert(again.kind === 'appended', `the unanswered write, once more, was ${again.kind}`);
      if (!sameCursor(again.cursor, head)) apply(known, again.cursor, last);
    }
  } finally {
    await log.close();
  }
}

/** Of a copy, as looking at the files of the log would already recover them. */
async function checkIntegrity(directory: string): Promise<void> {
  const copy = await mkdtemp(join(tmpdir(), 'warmfront-kill-copy-'));
  try {
    await cp(directory, copy, { recursive: true });
    const database = new DatabaseSync(join(copy, fileName));
    try {
      const answer = database.prepare('PRAGMA integrity_check').all();
      assert.deepEqual(
        answer.map((row) => row['integrity_check']),
        ['ok'],
      );
    } finally {
      database.close();
    }
  } finally {
    await rm(copy, { recursive: true });
  }
}

function apply(known: Known, cursor: Cursor, { changes }: Append): void {
  known.cursor = cursor;
  for (const { key, value } of changes) {
    if (value === null) known.documents.delete(key);
    else known.documents.set(key, Buffer.from(value).toString());
  }
}

/** Undefined for a line that the kill cut off. */
function readWhole(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  assert(typeof value === 'object' && value !== null);
  return Object.fromEntries(Object.entries(value));
}

function readCursor(value: unknown): Cursor {
  const { logId, revision: position, writeId } = fields(value);
  return {
    logId: parseLogId(String(logId)),
    revision: revision(Number(position)),
    writeId: parseWriteId(String(writeId)),
  };
}

function readAppend(value: unknown): Append {
  const { at, changes, writeId } = fields(value);
  assert(Array.isArray(changes));
  return {
    at: readCursor(at),
    writeId: parseWriteId(String(writeId)),
    changes: changes.map((change: unknown) => {
      const { key, value } = fields(change);
      return {
        key: parseKey(String(key)),
        value: typeof value === 'string' ? Buffer.from(value) : null,
      };
    }),
  };
}

if (import.meta.main) {
  const [rounds = '200', seed = String(Date.now() % 100_000)] = process.argv.slice(2);
  console.log(`${rounds} kills, seed ${seed}`);
  const found = await runKillLoop({
    rounds: Number(rounds),
    seed: Number(seed),
    report: (line) => console.log(line),
  });
  console.log(`no answered write was lost: all ${found} are there`);
}
