/** Access logs: lines of any facts, and journals that a crash or a disk has damaged. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { fieldNames, lineBytesMax, LineWriter } from '../../src/access-log/fields.ts';
import { entryStart, journalHead, targetLine } from '../../src/access-log/spool.ts';
import { splitJournal, UnknownJournal } from '../../src/access-log/split.ts';
import { plainFacts } from '../harness/access-log-lines.ts';
import { bytesOf, type Target } from './target.ts';

const writer = new LineWriter('modern');

function lineOf(facts: typeof plainFacts): string {
  const bytes = Buffer.alloc(lineBytesMax(facts));
  return bytes.toString('latin1', 0, writer.write(bytes, 0, facts));
}

/** What a reader of a log undoes. */
function decoded(text: string | undefined): string {
  return (text ?? '').replace(/%([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

const target = { distributionId: 'E1', bucket: 'logs', prefix: 'a/' };
const entry = `${entryStart(1)}${lineOf(plainFacts)}`;
const journal = `${journalHead('modern')}${targetLine(1, target)}${entry}${entry}`;

let folder: string | undefined;

async function journalHolds(text: string): Promise<void> {
  folder ??= await mkdtemp(join(tmpdir(), 'warmfront-fuzz-'));
  const path = join(folder, 'j.closed');
  await writeFile(path, bytesOf(text));
  try {
    const { brokenLines, files, lines } = await splitJournal(path, { folder, journal: 'j' });
    let written = 0;
    for (const file of files) {
      const bytes: Buffer = await readFile(join(folder, file));
      const rows = gunzipSync(bytes.subarray(bytes.indexOf(0x0a) + 1))
        .toString('latin1')
        .split('\n');
      // Two lines of a head, and nothing behind the last line.
      const ofLog = rows.slice(2, -1);
      written += ofLog.length;
      for (const row of ofLog) assert.equal(row.split('\t').length, fieldNames.modern.length);
    }
    assert.equal(written, lines, 'each line once');
    const given = text.split('\n').length - (text.endsWith('\n') || text === '' ? 1 : 0);
    assert(lines + brokenLines <= given);
  } catch (error) {
    if (!(error instanceof UnknownJournal)) throw error;
  } finally {
    for (const name of await readdir(folder)) await rm(join(folder, name));
  }
}

export const logTargets: readonly Target[] = [
  {
    name: 'lines of access logs',
    seeds: ['/a b.txt\nMozilla/5.0 (X11)\nq=1&r=%2F', '/\n-\n', '/\xff\n\0\t\n\n'],
    tokens: ['\t', '\n', '%', '-', ' ', '"', '\\', '\x7f', '\x80', '%09'],
    holds(text) {
      const [path = '', userAgent, query, referer] = text.split('\n');
      const line = lineOf({ ...plainFacts, path, userAgent, query, referer });
      assert.match(line, /^[!-~\t]+\n$/);
      const fields = line.slice(0, -1).split('\t');
      assert.equal(fields.length, fieldNames.modern.length);
      if (path !== '') assert.equal(decoded(fields[7]), path);
      if (userAgent !== undefined && userAgent !== '') assert.equal(decoded(fields[10]), userAgent);
    },
  },
  {
    name: 'journals of access logs',
    seeds: [journal, journalHead('2010'), `${journal}${targetLine(2, { ...target, prefix: '' })}`],
    tokens: [
      '\n',
      '\t',
      '#{"format":1}\n',
      '=',
      '{',
      '}',
      '"',
      '1\t',
      '2010-11-20\t10',
      '\0',
      entry,
    ],
    holds: journalHolds,
    msMax: 500,
    async close() {
      if (folder !== undefined) await rm(folder, { recursive: true });
      folder = undefined;
    },
  },
];
