import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { plainFacts } from '../../test/harness/access-log-lines.ts';
import { instant } from '../base/clock.ts';
import { fileHead, lineBytesMax, LineWriter } from './fields.ts';
import { splitJournal, type SplitDone, UnknownJournal } from './split.ts';
import {
  entryStart,
  journalHead,
  linesOfReady,
  type LogTarget,
  readReadyHead,
  targetLine,
} from './spool.ts';

const journal = '000001000000000-0123456789abcdef0123-000001';

type Written = { readonly target: LogTarget; readonly at: number; readonly sentBytes: number };

function targetOf(number: number): LogTarget {
  return { distributionId: `E${number}`, bucket: `logs${number % 3}`, prefix: `p${number % 2}/` };
}

/** The bytes of a journal with these lines, and where each of its lines ends. */
function journalOf(lines: readonly Written[]): { readonly bytes: Buffer; readonly ends: number[] } {
  const writer = new LineWriter('modern');
  const pieces: Buffer[] = [Buffer.from(journalHead('modern'))];
  const numbers = new Map<LogTarget, number>();
  const ends: number[] = [];
  let length = pieces[0]?.length ?? 0;
  for (const { at, sentBytes, target } of lines) {
    let announced = '';
    const number = numbers.get(target) ?? numbers.size + 1;
    if (!numbers.has(target)) {
      numbers.set(target, number);
      announced = targetLine(number, target);
    }
    const facts = { ...plainFacts, sentBytes, endedAt: instant(at) };
    const line = Buffer.alloc(lineBytesMax(facts));
    const end = writer.write(line, 0, facts);
    const piece = Buffer.concat([
      Buffer.from(`${announced}${entryStart(number)}`),
      line.subarray(0, end),
    ]);
    pieces.push(piece);
    length += piece.length;
    ends.push(length);
  }
  return { bytes: Buffer.concat(pieces), ends };
}

type File = { readonly bucket: string; readonly key: string; readonly sizes: readonly number[] };

function readFiles(folder: string, { files }: SplitDone): File[] {
  assert.deepEqual(
    readdirSync(folder)
      .filter((name) => !name.endsWith('.closed'))
      .sort(),
    [...files].sort(),
    'nothing else is left',
  );
  return files.map((name) => {
    const bytes = readFileSync(join(folder, name));
    const headEnd = bytes.indexOf(10);
    const head = readReadyHead(bytes.toString('utf8', 0, headEnd));
    assert(head !== undefined);
    const text = gunzipSync(bytes.subarray(headEnd + 1)).toString('latin1');
    assert(text.startsWith(fileHead('modern')));
    const lines = text.slice(fileHead('modern').length).split('\n');
    assert.equal(lines.pop(), '');
    assert.equal(linesOfReady(name), lines.length);
    return { ...head, sizes: lines.map((line) => Number(line.split('\t')[3])) };
  });
}

async function split(folder: string, bytes: Buffer): Promise<SplitDone> {
  const path = join(folder, `${journal}.closed`);
  writeFileSync(path, bytes);
  return splitJournal(path, { folder, journal });
}

function temporaryFolder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'warmfront-split-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** What should come out: key without its unique id → sizes in order. */
function expectedOf(lines: readonly Written[]): Map<string, number[]> {
  const expected = new Map<string, number[]>();
  for (const { at, sentBytes, target } of lines) {
    const hour = new Date(at).toISOString().slice(0, 13).replace('T', '-');
    const key = `${target.bucket} ${target.prefix}${target.distributionId}.${hour}`;
    expected.set(key, [...(expected.get(key) ?? []), sentBytes]);
  }
  return expected;
}

function seenOf(files: readonly File[]): Map<string, readonly number[]> {
  return new Map(
    files.map(({ bucket, key, sizes }) => {
      const [, stem] = /^(.*)\.[0-9A-Z]{11}\.gz$/.exec(key) ?? [];
      return [`${bucket} ${stem}`, sizes];
    }),
  );
}

function assertSame(a: Map<string, readonly number[]>, b: Map<string, readonly number[]>): void {
  assert.deepEqual(Object.fromEntries(a), Object.fromEntries(b));
}

const hourMs = 3_600_000;

test('lines come out by bucket, prefix, distribution and hour, in order, each once', async (t) => {
  const targets = Array.from({ length: 7 }, (_, index) => targetOf(index));
  const written = fc.array(
    fc.record({
      target: fc.constantFrom(...targets),
      at: fc.integer({ min: 0, max: 5 }).map((hour) => hour * hourMs + 59 * 60_000),
      sentBytes: fc.maxSafeNat(),
    }),
    { minLength: 1, maxLength: 60 },
  );
  await fc.assert(
    fc.asyncProperty(written, async (lines) => {
      const folder = temporaryFolder(t);
      const done = await split(folder, journalOf(lines).bytes);
      assert.deepEqual([done.lines, done.brokenLines], [lines.length, 0]);
      assertSame(seenOf(readFiles(folder, done)), expectedOf(lines));
    }),
    { numRuns: 25 },
  );
});

test('a journal that ends anywhere loses the line it ends in, and no other', async (t) => {
  const lines = [0, 1, 2, 3, 4].map((sentBytes) => ({
    target: targetOf(sentBytes % 2),
    at: 0,
    sentBytes,
  }));
  const { bytes, ends } = journalOf(lines);
  for (let cut = 0; cut <= bytes.length; cut += 13) {
    const folder = temporaryFolder(t);
    const done = await split(folder, bytes.subarray(0, cut));
    const whole = ends.filter((end) => end <= cut).length;
    assert.equal(done.lines, whole, `cut at ${cut}`);
    assert(done.brokenLines <= 1);
    assertSame(seenOf(readFiles(folder, done)), expectedOf(lines.slice(0, whole)));
  }
});

test('what a lost block of the disk left spoils no line but its own', async (t) => {
  const lines = [0, 1, 2, 3, 4].map((sentBytes) => ({ target: targetOf(0), at: 0, sentBytes }));
  const { bytes, ends } = journalOf(lines);
  bytes.fill(0, (ends[1] ?? 0) + 20, (ends[2] ?? 0) - 20);
  const folder = temporaryFolder(t);
  const done = await split(folder, bytes);
  assert.deepEqual([done.lines, done.brokenLines], [4, 1]);
  assert.deepEqual(readFiles(folder, done)[0]?.sizes, [0, 1, 3, 4]);
});

test('a line whose target is not known goes to nobody', async (t) => {
  const lines = [0, 1, 2].map((sentBytes) => ({ target: targetOf(sentBytes), at: 0, sentBytes }));
  const { bytes } = journalOf(lines);
  const spoilt = Buffer.from(bytes.toString('latin1').replace('={"number":2', '={"number":x'));
  const folder = temporaryFolder(t);
  const done = await split(folder, spoilt);
  assert.deepEqual([done.lines, done.brokenLines], [2, 2]);
  assert.deepEqual(
    readFiles(folder, done).flatMap(({ sizes }) => sizes),
    [0, 2],
  );
});

test('more files than are made at a time take more passes, and large ones more pieces', async (t) => {
  const targets = Array.from({ length: 80 }, (_, index) => targetOf(index));
  const lines = Array.from({ length: 8_000 }, (_, sentBytes) => ({
    target: targets[sentBytes % targets.length] ?? targetOf(0),
    at: 0,
    sentBytes,
  }));
  const { bytes } = journalOf(lines);
  assert(bytes.length > 2_000_000);
  const folder = temporaryFolder(t);
  const done = await split(folder, bytes);
  assert.deepEqual([done.lines, done.brokenLines, done.files.length], [8_000, 0, 80]);
  assertSame(seenOf(readFiles(folder, done)), expectedOf(lines));
});

test('parting a journal again gives the same files under the same names', async (t) => {
  const lines = [0, 1, 2, 3].map((sentBytes) => ({
    target: targetOf(sentBytes % 2),
    at: sentBytes * hourMs,
    sentBytes,
  }));
  const { bytes } = journalOf(lines);
  const folder = temporaryFolder(t);
  const first = await split(folder, bytes);
  const before = readFiles(folder, first);
  const second = await split(folder, bytes);
  assert.deepEqual(second, first);
  assert.deepEqual(readFiles(folder, second), before);
});

test('bytes without a line feed are bounded, and the lines after them are read', async (t) => {
  const { bytes } = journalOf([{ target: targetOf(0), at: 0, sentBytes: 1 }]);
  const noise = Buffer.alloc(1_500_000, 'x');
  const folder = temporaryFolder(t);
  const headEnd = bytes.indexOf(10) + 1;
  const spoilt = Buffer.concat([
    bytes.subarray(0, headEnd),
    noise,
    Buffer.from('\n'),
    bytes.subarray(headEnd),
  ]);
  const done = await split(folder, spoilt);
  assert.equal(done.lines, 1);
  assert(done.brokenLines >= 1 && done.brokenLines < 10);
});

test('a journal of another release is refused', async (t) => {
  const folder = temporaryFolder(t);
  await assert.rejects(
    split(folder, Buffer.from('#{"format":2,"fields":"modern"}\n1\tx\n')),
    UnknownJournal,
  );
  assert.deepEqual(readdirSync(folder), [`${journal}.closed`]);
});

test('an empty journal gives no file', async (t) => {
  const folder = temporaryFolder(t);
  for (const bytes of [
    '',
    journalHead('modern'),
    journalHead('modern') + targetLine(1, targetOf(1)),
  ]) {
    const done = await split(folder, Buffer.from(bytes));
    assert.deepEqual(done, { files: [], lines: 0, brokenLines: 0 });
  }
});
