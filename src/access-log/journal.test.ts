import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { plainFacts } from '../../test/harness/access-log-lines.ts';
import { ManualClock } from '../../test/harness/manual-clock.ts';
import { until } from '../../test/harness/until.ts';
import { systemClock } from '../base/clock.ts';
import { type Facts, type Recorder, silentRecorder } from '../base/recorder.ts';
import { Journal, journalBounds, type JournalOptions } from './journal.ts';
import { readEntry } from './spool.ts';
import type { SpoolFiles } from './spool-files.ts';

const target = { distributionId: 'E1', bucket: 'logs', prefix: 'p/' };
const other = { distributionId: 'E2', bucket: 'logs', prefix: '' };
const id = '0123456789abcdef0123';

type Said = { readonly level: string; readonly message: string; readonly facts: Facts };

/** A disk in memory that can be told to refuse, and remembers what it was given. */
class TestDisk implements SpoolFiles {
  readonly files = new Map<string, Buffer>();
  refuses = false;
  /** Bytes of the next write that are taken before it fails. */
  failsAfter: number | undefined;
  writes = 0;

  create(path: string) {
    if (this.refuses) return Promise.reject(new Error('no space'));
    this.files.set(path, Buffer.alloc(0));
    return Promise.resolve({
      write: (pieces: readonly Uint8Array[], position: number) =>
        this.#write(path, pieces, position),
      close: () => Promise.resolve(),
    });
  }

  rename(from: string, to: string): Promise<void> {
    const bytes = this.files.get(from);
    if (this.refuses || bytes === undefined) return Promise.reject(new Error('no space'));
    this.files.delete(from);
    this.files.set(to, bytes);
    return Promise.resolve();
  }

  #write(path: string, pieces: readonly Uint8Array[], position: number): Promise<void> {
    if (this.refuses) return Promise.reject(new Error('no space'));
    this.writes += 1;
    const given = Buffer.concat(pieces);
    const part = given.subarray(0, this.failsAfter ?? given.length);
    const before = this.files.get(path) ?? Buffer.alloc(0);
    const after = Buffer.alloc(Math.max(before.length, position + part.length));
    before.copy(after);
    part.copy(after, position);
    this.files.set(path, after);
    if (this.failsAfter === undefined) return Promise.resolve();
    this.failsAfter = undefined;
    return Promise.reject(new Error('half'));
  }
}

function journalOn(disk: TestDisk, changed: Partial<JournalOptions> = {}) {
  const clock = new ManualClock();
  const said: Said[] = [];
  const say =
    (level: string) =>
    (facts: Facts, message: string): void => {
      said.push({ level, message, facts });
    };
  const recorder: Recorder = {
    ...silentRecorder,
    info: say('info'),
    error: say('error'),
    child: () => recorder,
  };
  let closed = 0;
  const journal = new Journal({
    folder: '/spool',
    id,
    fields: 'modern',
    intervalMs: 300_000,
    fileBytesMax: 50_000_000,
    clock,
    recorder,
    onClosed: () => {
      closed += 1;
    },
    files: disk,
    ...changed,
  });
  return { clock, journal, said, closedCount: () => closed };
}

/** The sizes of answers, by which a test tells its lines apart. */
function linesIn(bytes: Buffer): number[] {
  const sizes: number[] = [];
  let start = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
    const entry = readEntry(bytes, start, end, 'modern');
    if (entry !== undefined) {
      sizes.push(Number(bytes.toString('latin1', entry.lineStart, end).split('\t')[3]));
    } else assert.match(bytes.toString('utf8', start, end), /^[#=]/);
    start = end + 1;
  }
  assert.equal(start, bytes.length, 'it ends with a line');
  return sizes;
}

function allLines(disk: TestDisk): number[] {
  return [...disk.files.keys()]
    .sort()
    .flatMap((path) => linesIn(disk.files.get(path) ?? Buffer.alloc(0)));
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

test('nothing is made on disk before the first line', async () => {
  const disk = new TestDisk();
  const { clock, journal } = journalOn(disk);
  await clock.passes(1_000_000);
  await journal.close();
  assert.equal(disk.files.size, 0);
});

test('a line is on disk a quarter of a second after it was written, and closed with its file', async () => {
  const disk = new TestDisk();
  const { clock, journal, closedCount } = journalOn(disk);
  journal.write(target, { ...plainFacts, sentBytes: 1 });
  await clock.passes(journalBounds.flushMs - 1);
  assert.equal(disk.files.size, 0);
  await clock.passes(1);
  const [path] = disk.files.keys();
  assert.match(path ?? '', /^\/spool\/\d{15}-0123456789abcdef0123-000001\.open$/);
  assert.deepEqual(allLines(disk), [1]);
  journal.write(other, { ...plainFacts, sentBytes: 2 });
  await clock.passes(300_000);
  assert.deepEqual([...disk.files.keys()], [path?.replace('.open', '.closed')]);
  assert.equal(closedCount(), 1);
  assert.deepEqual(allLines(disk), [1, 2]);

  // What follows has a file of its own, and says again what its numbers mean.
  journal.write(other, { ...plainFacts, sentBytes: 3 });
  await journal.close();
  assert.equal(disk.files.size, 2);
  assert.equal(closedCount(), 2);
  assert.deepEqual(allLines(disk), [1, 2, 3]);
});

test('a file is closed when it is full, to within a chunk', async () => {
  const disk = new TestDisk();
  const { journal, closedCount } = journalOn(disk, { fileBytesMax: 300_000 });
  for (const sentBytes of numbers(5_000)) journal.write(target, { ...plainFacts, sentBytes });
  await journal.close();
  assert(closedCount() > 2);
  for (const bytes of disk.files.values()) {
    assert(bytes.length < 300_000 + journalBounds.chunkBytes);
  }
  assert.deepEqual(allLines(disk), numbers(5_000));
});

test('chunks follow one another without a gap, however many there are', async () => {
  const disk = new TestDisk();
  const { clock, journal } = journalOn(disk);
  for (const sentBytes of numbers(3_000)) {
    journal.write(sentBytes % 3 === 0 ? target : other, { ...plainFacts, sentBytes });
  }
  await clock.passes(250);
  for (const more of numbers(10)) {
    journal.write(target, { ...plainFacts, sentBytes: 3_000 + more });
    await clock.passes(100);
  }
  await journal.close();
  assert.equal(journal.lostLines, 0);
  assert.deepEqual(allLines(disk), numbers(3_010));
});

test('half a write is put right by the next one', async () => {
  const disk = new TestDisk();
  const { clock, journal } = journalOn(disk);
  for (const failsAfter of [0, 1, 77, 1_000]) {
    disk.failsAfter = failsAfter;
    for (const sentBytes of numbers(10)) journal.write(target, { ...plainFacts, sentBytes });
    await clock.passes(250);
    await clock.passes(journalBounds.retryMs);
  }
  await journal.close();
  assert.deepEqual(allLines(disk), [
    ...numbers(10),
    ...numbers(10),
    ...numbers(10),
    ...numbers(10),
  ]);
});

test('while the disk refuses, lines wait in bounded memory; beyond it they are lost and counted', async () => {
  const disk = new TestDisk();
  const { clock, journal, said } = journalOn(disk);
  disk.refuses = true;
  const lineBytes = 400;
  const many = Math.ceil((journalBounds.memoryBytesMax * 2) / lineBytes);
  for (const sentBytes of numbers(many)) journal.write(target, { ...plainFacts, sentBytes });
  assert(journal.lostLines > many / 4);
  await clock.passes(60_000);
  assert.deepEqual(
    said.map(({ message }) => message),
    ['access logs cannot be written; lines wait in memory'],
  );

  disk.refuses = false;
  await clock.passes(journalBounds.retryMs);
  const kept = many - journal.lostLines;
  assert.deepEqual(allLines(disk), numbers(kept), 'the oldest are kept, all in order');
  assert(kept * lineBytes > journalBounds.memoryBytesMax / 2);
  assert.deepEqual(said.at(-1), {
    level: 'error',
    message: 'lines of access logs were lost',
    facts: { lines: journal.lostLines },
  });

  // It goes on as if nothing had been.
  journal.write(target, { ...plainFacts, sentBytes: kept });
  await journal.close();
  assert.deepEqual(allLines(disk), numbers(kept + 1));
});

test('a short refusal loses nothing and says so', async () => {
  const disk = new TestDisk();
  const { clock, journal, said } = journalOn(disk);
  disk.refuses = true;
  journal.write(target, plainFacts);
  await clock.passes(5_000);
  disk.refuses = false;
  await clock.passes(1_000);
  assert.equal(said.at(-1)?.message, 'access logs are written again');
  await journal.close();
  assert.equal(journal.lostLines, 0);
});

test('closing ends in any case, and tells what a disk that still refuses has cost', async () => {
  const disk = new TestDisk();
  const { journal, said } = journalOn(disk);
  disk.refuses = true;
  journal.write(target, plainFacts);
  await journal.close();
  assert.equal(said.at(-1)?.message, 'what was left of access logs could not be written');
  journal.write(target, plainFacts);
  assert.equal(journal.lostLines, 1, 'what comes after the end');
});

test('closing waits for no clock, also while the disk is being tried again', async () => {
  const disk = new TestDisk();
  const { clock, journal } = journalOn(disk);
  disk.refuses = true;
  journal.write(target, plainFacts);
  await clock.passes(250);
  disk.refuses = false;
  await journal.close();
  assert.equal(allLines(disk).length, 1);
});

test('a real file is private, and holds what was written', async (t) => {
  const folder = temporaryFolder(t);
  let closed = 0;
  const journal = new Journal({
    folder: join(folder, 'a/b'),
    id,
    fields: 'modern',
    intervalMs: 60_000,
    fileBytesMax: 50_000_000,
    clock: systemClock,
    recorder: silentRecorder,
    onClosed: () => {
      closed += 1;
    },
  });
  for (const sentBytes of numbers(5_000)) journal.write(target, { ...plainFacts, sentBytes });
  await until('the lines are on disk', () =>
    readdirSync(folder, { recursive: true }).length > 2 ? true : undefined,
  );
  await journal.close();
  assert.equal(closed, 1);
  const [name = ''] = readdirSync(join(folder, 'a/b'));
  const path = join(folder, 'a/b', name);
  assert.equal(statSync(path).mode & 0o077, 0);
  assert.equal(statSync(join(folder, 'a/b')).mode & 0o077, 0);
  assert.deepEqual(linesIn(readFileSync(path)), numbers(5_000));
});

function temporaryFolder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'warmfront-journal-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
