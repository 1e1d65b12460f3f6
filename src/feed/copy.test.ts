/** An edge machine's copy: what is on its disk, what its workers hear, and how it begins anew. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Followed } from '../../test/contract/followed.ts';
import { ManualClock } from '../../test/harness/manual-clock.ts';
import { SeededRandomness } from '../../test/harness/seeded-randomness.ts';
import { until } from '../../test/harness/until.ts';
import { encodeKey, writeId } from '../base/log-record.ts';
import { silentRecorder } from '../base/recorder.ts';
import { openEmbeddedLog } from '../log/embedded.ts';
import { copyFileName, fileName } from '../log/embedded-store.ts';
import { MemoryLog } from '../log/memory.ts';
import { EdgeCopy } from './copy.ts';
import { CopyUnavailable, openStore } from './open-store.ts';

const clock = new ManualClock();
const randomness = new SeededRandomness(5);
const { signal } = new AbortController();
const nothing = (): void => undefined;

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'warmfront-copy-'));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

function newLog(): MemoryLog {
  return new MemoryLog({ clock, randomness });
}

async function put(log: MemoryLog, id: string, value: string | null): Promise<number> {
  const key = encodeKey({ account: 'a', kind: 'k', id });
  const bytes = value === null ? null : new TextEncoder().encode(JSON.stringify(value));
  const append = {
    at: await log.head(signal),
    changes: [{ key, value: bytes }],
    writeId: writeId(randomness.bytes(16)),
  };
  const outcome = await log.append(append, signal);
  assert(outcome.kind === 'appended');
  return outcome.cursor.revision;
}

type Opened = { readonly copy: EdgeCopy; close(): Promise<void> };

function open(directory: string | undefined, log: MemoryLog, follows = true): Opened {
  const store = openStore(directory, silentRecorder);
  const parts = {
    store,
    reader: log,
    clock,
    onDetached: nothing,
    onFailed: nothing,
    onCaughtUp: nothing,
  };
  const copy = new EdgeCopy(parts, { fromWhole: false });
  const stop = new AbortController();
  const following = follows ? copy.follow(stop.signal) : Promise.resolve();
  return {
    copy,
    async close() {
      stop.abort();
      await following;
      await copy.close();
    },
  };
}

async function at({ copy }: Opened, revision: number): Promise<void> {
  await until(`the copy is at ${revision}`, () =>
    copy.cursor?.revision === revision ? true : undefined,
  );
}

function named({ documents }: Followed): Readonly<Record<string, string>> {
  return Object.fromEntries([...documents].map(([key, value]) => [key.slice(4), value]));
}

test('what was heard is there after a restart without the log, and followed on from there', async (t) => {
  const directory = folder(t);
  const log = newLog();
  await put(log, 'a', 'one');
  await put(log, 'b', 'gone');
  const first = open(directory, log);
  await at(first, 2);
  await put(log, 'b', null);
  await at(first, 3);
  await first.close();

  const alone = open(directory, log, false);
  assert.deepEqual(alone.copy.cursor, await log.head(signal));
  const worker = new Followed(alone.copy);
  await worker.reaches(3);
  assert.deepEqual(named(worker), { a: '"one"' });
  await worker.stop();
  await alone.close();

  await put(log, 'a', 'two');
  const again = open(directory, log);
  const other = new Followed(again.copy);
  await other.reaches(4);
  assert.deepEqual(named(other), { a: '"two"' });
  await other.stop();
  await again.close();
});

test('a worker that tails hears each record, and after a gap or a whole state what changed', async (t) => {
  const log = newLog();
  await put(log, 'a', 'one');
  const opened = open(undefined, log);
  t.after(() => opened.close());
  const worker = new Followed(opened.copy);
  await worker.reaches(1);
  await put(log, 'a', 'two');
  await worker.reaches(2);
  assert.deepEqual(worker.told, ['snapshot', '1', 'caughtUp 1', '2', 'caughtUp 2']);

  await put(log, 'b', 'new');
  opened.copy.beginAnew();
  await worker.reaches(3);
  await until('the worker has it', () => ('b' in named(worker) ? true : undefined));
  assert.deepEqual(named(worker), { a: '"two"', b: '"new"' });
  assert.equal(worker.failure, undefined);
  await put(log, 'a', null);
  await worker.reaches(4);
  assert.deepEqual(named(worker), { b: '"new"' });
  await worker.stop();
});

test('a worker that asks before there is a state waits for it', async (t) => {
  const log = newLog();
  const store = openStore(undefined, silentRecorder);
  const parts = {
    store,
    reader: log,
    clock,
    onDetached: nothing,
    onFailed: nothing,
    onCaughtUp: nothing,
  };
  const copy = new EdgeCopy(parts, { fromWhole: false });
  const worker = new Followed(copy);
  const stop = new AbortController();
  assert.deepEqual(worker.told, []);
  await put(log, 'a', 'one');
  const following = copy.follow(stop.signal);
  t.after(async () => {
    stop.abort();
    await following;
    await copy.close();
  });
  await worker.reaches(1);
  assert.deepEqual(worker.told, ['snapshot', '1', 'caughtUp 1']);
  await worker.stop();
});

test('a copy of another history is replaced as a whole', async (t) => {
  const directory = folder(t);
  const before = newLog();
  await put(before, 'old', 'x');
  const first = open(directory, before);
  await at(first, 1);
  await first.close();
  const log = newLog();
  for (const id of ['a', 'b']) await put(log, id, 'x');
  const second = open(directory, log);
  await at(second, 2);
  const worker = new Followed(second.copy);
  await worker.reaches(2);
  assert.deepEqual(named(worker), { a: '"x"', b: '"x"' });
  await worker.stop();
  await second.close();
});

test('a damaged copy is put away, and one that another process holds is refused', async (t) => {
  const directory = folder(t);
  const log = newLog();
  for (let made = 0; made < 50; made += 1) await put(log, `a${made}`, 'x'.repeat(500));
  const first = open(directory, log);
  await at(first, 50);
  await first.close();

  const path = join(directory, copyFileName);
  const bytes = readFileSync(path);
  bytes.fill(0xa5, 4_096, 4_096 * 6);
  writeFileSync(path, bytes);
  const second = open(directory, log, false);
  assert.equal(second.copy.cursor, undefined);
  await second.close();

  const holding = open(directory, log, false);
  assert.throws(
    () => openStore(directory, silentRecorder),
    (error) => {
      assert(error instanceof CopyUnavailable);
      assert.match(error.message, /in use by another process/);
      return true;
    },
  );
  await holding.close();

  writeFileSync(path, 'no database');
  const third = open(directory, log);
  await at(third, 50);
  await third.close();
});

test('a copy is never taken for the log, nor the log for a copy', async (t) => {
  const directory = folder(t);
  const log = newLog();
  await put(log, 'a', 'x');
  const first = open(directory, log);
  await at(first, 1);
  await first.close();
  writeFileSync(join(directory, fileName), readFileSync(join(directory, copyFileName)));
  const opening = openEmbeddedLog({ directory, randomness, clock });
  await assert.rejects(opening, /no log of Warmfront/);
});

test('what the disk does not take is tried again, and no worker hears of it before', async () => {
  const log = newLog();
  await put(log, 'a', 'one');
  const store = openStore(undefined, silentRecorder);
  const failures: Error[] = [];
  const onFailed = (cause: Error): void => void failures.push(cause);
  const parts = { store, reader: log, clock, onDetached: nothing, onFailed, onCaughtUp: nothing };
  const copy = new EdgeCopy(parts, { fromWhole: false });
  const stop = new AbortController();
  const following = copy.follow(stop.signal);
  const worker = new Followed(copy);
  await worker.reaches(1);
  const mirror = store.mirror.bind(store);
  store.mirror = () => {
    throw new Error('the disk is full');
  };
  await put(log, 'a', 'two');
  await until('it has failed', () => (failures.length > 0 ? true : undefined));
  assert.deepEqual([copy.cursor?.revision, worker.cursor?.revision], [1, 1]);
  store.mirror = mirror;
  await clock.passes(5_000);
  await worker.reaches(2);
  assert.deepEqual(named(worker), { a: '"two"' });
  stop.abort();
  await following;
  await worker.stop();
  await copy.close();
});
