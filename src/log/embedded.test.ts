/** The embedded log where the contract's suite does not reach: its file, its refusals, its thread. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, afterEach, beforeEach, test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { systemClock } from '../base/clock.ts';
import { encodeKey, revision, writeId, type Cursor } from '../base/log-record.ts';
import { systemRandomness } from '../base/randomness.ts';
import { answerMsMax, openEmbeddedLog } from './embedded.ts';
import { LogUnavailable } from './log-unavailable.ts';
import type { EmbeddedLogOptions } from './embedded.ts';
import type { ChangeLog, TailEvent } from './log.ts';

const { signal } = new AbortController();
let directory = '';
let logs: ChangeLog[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'warmfront-embedded-'));
});

afterEach(async () => {
  await Promise.all(logs.map((log) => log.close()));
  logs = [];
  rmSync(directory, { recursive: true, force: true });
});

/** The threads that were started, so that a test can end one. */
const threads: Worker[] = [];
const remember = (thread: Worker) => void threads.push(thread);
process.on('worker', remember);
after(() => process.off('worker', remember));

async function open(more: Partial<EmbeddedLogOptions> = {}): Promise<ChangeLog> {
  const options = { directory, randomness: systemRandomness, clock: systemClock, ...more };
  const log = await openEmbeddedLog(options);
  logs.push(log);
  return log;
}

function appendAfter(at: Cursor, value: string | null, id = 'one') {
  const key = encodeKey({ account: 'a', kind: 'thing', id });
  const changes = [{ key, value: value === null ? null : Buffer.from(value) }];
  return { at, changes, writeId: writeId(systemRandomness.bytes(16)) };
}

async function put(log: ChangeLog, value: string | null, id?: string): Promise<Cursor> {
  const outcome = await log.append(appendAfter(await log.head(signal), value, id), signal);
  assert(outcome.kind === 'appended', JSON.stringify(outcome));
  return outcome.cursor;
}

async function refused(code: LogUnavailable['code'], says: RegExp): Promise<void> {
  await assert.rejects(open(), (thrown) => {
    assert(thrown instanceof LogUnavailable, String(thrown));
    assert.equal(thrown.code, code);
    assert.match(thrown.message, says);
    // Two sentences: what is wrong with which directory, and what to do.
    assert(thrown.message.includes(directory));
    assert.match(thrown.message, /\. [A-Z].*\.$/);
    return true;
  });
}

test('the directory is made for this user alone, and so is the file', async () => {
  directory = join(directory, 'not', 'there');
  await put(await open(), '1');
  assert.equal(statSync(directory).mode & 0o777, 0o700);
  for (const file of ['log.sqlite', 'log.sqlite-wal']) {
    assert.equal(statSync(join(directory, file)).mode & 0o777, 0o600, file);
  }
});

test('an open log is a file and what is written ahead, a closed one is one file', async () => {
  const log = await open();
  await put(log, '1');
  assert.deepEqual(readdirSync(directory).sort(), ['log.sqlite', 'log.sqlite-wal']);
  await log.close();
  assert.deepEqual(readdirSync(directory), ['log.sqlite']);
  const database = new DatabaseSync(join(directory, 'log.sqlite'), { readOnly: true });
  const tables = database.prepare('SELECT name FROM sqlite_schema WHERE type = ?').all('table');
  assert.deepEqual(tables.map((row) => String(row['name'])).toSorted(), ['doc', 'head', 'past']);
  database.close();
});

function from(path: string): string {
  return JSON.stringify(join(import.meta.dirname, path));
}

/** What another process says of opening the log. */
function openElsewhere(
  what: string,
  options: { uid?: number; gid?: number; cwd?: string },
): string {
  const script = `
    import { openEmbeddedLog } from ${from('embedded.ts')};
    import { systemClock as clock } from ${from('../base/clock.ts')};
    import { systemRandomness as randomness } from ${from('../base/randomness.ts')};
    await openEmbeddedLog({ directory: ${JSON.stringify(what)}, clock, randomness }).then(
      () => console.log('opened'),
      (error) => console.log(error.code, error.message),
    );
    process.exit();
  `;
  const run = ['--input-type=module', '--eval', script];
  return spawnSync(process.execPath, run, { encoding: 'utf8', ...options }).stdout;
}

test('another process is refused while the log is open', async () => {
  const log = await open();
  assert.match(openElsewhere(directory, {}), /^in-use The log in .* is in use by another process/);
  await put(log, '1');
  await log.close();
  assert.equal(openElsewhere(directory, {}), 'opened\n');
});

test('a log that is in use is told as such', async () => {
  await open();
  await refused('in-use', /in use by another process/);
});

test('a file that is no log is refused and left as it is', async () => {
  const file = join(directory, 'log.sqlite');
  writeFileSync(file, 'a letter to a friend\n'.repeat(500));
  const before = readFileSync(file);
  await refused('unreadable', /no log of Warmfront/);
  assert.deepEqual(readFileSync(file), before);
  rmSync(file);

  const database = new DatabaseSync(file);
  database.exec('CREATE TABLE letters(text)');
  database.close();
  const foreign = readFileSync(file);
  await refused('unreadable', /another program made it/);
  assert.deepEqual(readFileSync(file), foreign);
  assert.deepEqual(readdirSync(directory), ['log.sqlite']);
});

test('a log of a newer format is refused and left as it is', async () => {
  const file = join(directory, 'log.sqlite');
  await (await open()).close();
  const database = new DatabaseSync(file);
  database.exec('PRAGMA user_version = 2');
  database.close();
  await refused('newer-format', /newer Warmfront \(format 2, and this one knows 1\)/);
});

test('a damaged log is refused', async () => {
  const file = join(directory, 'log.sqlite');
  const log = await open();
  await put(log, JSON.stringify('x'.repeat(100_000)));
  await log.close();
  const whole = readFileSync(file);

  truncateSync(file, 9_000);
  await refused('unreadable', /damaged/);
  writeFileSync(file, Buffer.concat([whole.subarray(0, 4_096), Buffer.alloc(12_288, 0xa5)]));
  await refused('unreadable', /damaged/);

  writeFileSync(file, whole);
  const database = new DatabaseSync(file);
  database.exec('DELETE FROM past');
  database.close();
  await refused('unreadable', /damaged \(its history does not reach its end\)/);
  writeFileSync(file, whole);
  const other = new DatabaseSync(file);
  other.exec("UPDATE head SET log_id = 'none'");
  other.close();
  await refused('unreadable', /damaged \(not a log id: none\)/);
});

test('damage that shows later ends the log, and every call and tail is told', async () => {
  const log = await open();
  const value = JSON.stringify('x'.repeat(500_000));
  for (let index = 0; index < 16; index += 1) await put(log, value, `n${index}`);
  await log.close();
  const file = join(directory, 'log.sqlite');
  const bytes = readFileSync(file);
  // Links of overflow pages, in the middle of the documents.
  bytes.fill(0xff, 2_000_000, 6_000_000);
  writeFileSync(file, bytes);

  const again = await open();
  const at = await again.head(signal);
  const events: TailEvent[] = [];
  for await (const event of again.tail(undefined, signal)) events.push(event);
  const last = events.at(-1);
  assert(last?.kind === 'detached');
  assert(last.cause instanceof LogUnavailable);
  assert.match(last.cause.message, /damaged/);
  const outcome = await again.append(appendAfter(at, '1'), signal);
  assert(outcome.kind === 'unknown' && outcome.cause instanceof LogUnavailable);
  await assert.rejects(again.head(signal), LogUnavailable);
});

test('a file in the way of the directory is told', async () => {
  const parent = directory;
  writeFileSync(join(parent, 'file'), '');
  directory = join(parent, 'file');
  await refused('unreadable', /file in the way/);
  directory = join(parent, 'file', 'below');
  await refused('unreadable', /file in the way/);
  directory = parent;
});

test('a directory that may not be written is told', { skip: noUserToBe() }, () => {
  chmodSync(directory, 0o755);
  for (const what of [directory, join(directory, 'below')]) {
    const said = openElsewhere(what, { uid: 65_534, gid: 65_534, cwd: '/' });
    assert.match(said, /^unreadable The log in .* cannot be opened for writing/);
  }
});

/** Only root may become another user; root itself may write everywhere. */
function noUserToBe(): string | false {
  return process.getuid?.() === 0 ? false : 'only root can become a user that may not write';
}

test('a full log refuses appends, answers all else, and takes them again when there is room', async () => {
  const log = await open({ bytesMax: 400_000 });
  const value = JSON.stringify('x'.repeat(30_000));
  let written = 0;
  let outcome = await log.append(appendAfter(await log.head(signal), value, 'n0'), signal);
  for (; outcome.kind === 'appended'; written += 1) {
    const append = appendAfter(outcome.cursor, value, `n${written + 1}`);
    outcome = await log.append(append, signal);
  }
  assert.deepEqual(outcome, { kind: 'refused', reason: 'log-full' });
  assert(written > 5);
  const head = await log.head(signal);
  assert.equal(head.revision, written);
  // Of those that come together, the ones that fit are taken.
  const together = await Promise.all([
    log.append(appendAfter(head, value, 'more'), signal),
    log.append(appendAfter(head, '1', 'n0'), signal),
    log.append(appendAfter(head, value, 'other'), signal),
  ]);
  assert.deepEqual(
    together.map(({ kind }) => kind),
    ['refused', 'appended', 'conflict'],
  );
  const room = await put(log, null, 'n1');
  await log.forget(room.revision, signal);
  await put(log, value, 'more');
});

test('history is bounded by itself', async () => {
  const log = await open({ historyRecordsMax: 10 });
  const cursors: Cursor[] = [await log.head(signal)];
  for (let count = 1; count <= 30; count += 1) {
    cursors.push(await put(log, count % 3 === 0 ? null : String(count), `n${count % 7}`));
  }
  const proven = await Promise.all(cursors.map((cursor) => log.proves(cursor, signal)));
  assert.equal(proven.lastIndexOf(false), 19);
  assert.equal(proven.indexOf(true), 20);
  await log.close();
  const database = new DatabaseSync(join(directory, 'log.sqlite'), { readOnly: true });
  const old = database.prepare(
    'SELECT count(*) AS n FROM doc WHERE value IS NULL AND revision < 20',
  );
  assert.equal(old.get()?.['n'], 0);
  database.close();
});

test('appends that arrive together share a commit, and each has its own answer', async () => {
  const log = await open();
  const at = await log.head(signal);
  const first = appendAfter(at, '1');
  const second = appendAfter({ ...at, revision: revision(1), writeId: first.writeId }, '2');
  const late = appendAfter(at, '3');
  const answers = [first, late, second, first].map((append) => log.append(append, signal));
  const kinds = (await Promise.all(answers)).map((outcome) =>
    outcome.kind === 'appended' ? outcome.cursor.revision : outcome.kind,
  );
  assert.deepEqual(kinds, [1, 'conflict', 2, 1]);
});

test('when the thread dies, every call that waits or comes later is answered', async () => {
  const log = await open();
  const thread = threads.at(-1);
  assert(thread !== undefined);
  const at = await put(log, '1');
  const events: TailEvent[] = [];
  const tail = (async () => {
    for await (const event of log.tail(undefined, signal)) events.push(event);
  })();
  const waiting = [
    log.append(appendAfter(at, '2'), signal),
    log.head(signal),
    log.proves(at, signal),
    log.forget(at.revision, signal),
  ];
  await thread.terminate();
  const settled = await Promise.allSettled(waiting);
  const [append] = settled;
  assert(append?.status === 'fulfilled');
  await tail;
  assert.equal(events.at(-1)?.kind, 'detached');
  const outcome = await log.append(appendAfter(at, '2'), signal);
  assert(outcome.kind === 'unknown');
  assert.match(outcome.cause.message, /thread of the log has ended/);
  await assert.rejects(log.head(signal), /thread of the log has ended/);
  await log.close();
  await assert.rejects(log.head(signal), /closed/);

  // What the thread held is free again.
  const again = await open();
  assert((await again.head(signal)).revision >= 1);
});

test('a disk that does not answer is waited for so long and no longer', async () => {
  const due: { readonly delayMs: number; readonly act: () => void }[] = [];
  const after = (delayMs: number, act: () => void) => {
    due.push({ delayMs, act });
    return () => undefined;
  };
  const log = await open({ clock: { ...systemClock, after } });
  const append = appendAfter(await log.head(signal), '1');
  const calls = [log.append(append, signal), log.head(signal)];
  // The time is up before this thread has let in any answer.
  for (const { act, delayMs } of due.splice(-2)) {
    assert.equal(delayMs, answerMsMax);
    act();
  }
  const [first, second] = await Promise.allSettled(calls);
  assert(first?.status === 'fulfilled' && 'cause' in first.value);
  assert.match(first.value.cause.message, /has not answered for 30 s/);
  assert(second?.status === 'rejected');
  assert.match(String(second.reason), /has not answered for 30 s/);
  const again = await log.append(append, signal);
  assert(again.kind === 'appended');
  assert.equal(again.cursor.revision, 1);
});

test('a stopped process holds the log, a killed one does not', async () => {
  const script = join(import.meta.dirname, '../../test/crash/log-kill-writer.ts');
  const child = spawn(process.execPath, [script, directory, '1'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.stdout.resume();
  child.kill('SIGSTOP');
  await refused('in-use', /in use/);
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
  await put(await open(), '1');
});
