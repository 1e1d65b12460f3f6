/** What machines of one system tell each other, and logs that are carried from one to another. */
import assert from 'node:assert/strict';
import { logId, parseKey, revision, writeId } from '../../src/base/log-record.ts';
import { FeedFault, LineSplitter, readLine, readObject, writeLine } from '../../src/feed/lines.ts';
import { readAnswer, readReport, writeReport } from '../../src/feed/report-form.ts';
import {
  documentLine,
  firstLine,
  lastLine,
  LogFileReader,
  UnfitLogFile,
} from '../../src/log/log-file.ts';
import type { SeededRandomness } from '../harness/seeded-randomness.ts';
import { bytesOf, type Target, unlessRefused } from './target.ts';

const cursor = {
  logId: logId(new Uint8Array(16)),
  revision: revision(7),
  writeId: writeId(new Uint8Array(16)),
};
const key = parseKey('000000000000/edge/a');
const change = { key, value: bytesOf('{"format":1}') };
const lines = [
  writeLine({ kind: 'hello', protocol: 1, heartbeatMs: 1_000, leaseMs: 10_000, domain: 'a.b' }),
  writeLine({ kind: 'snapshot' }),
  writeLine({
    kind: 'record',
    record: { ...cursor, changes: [change, { key, value: null }] },
  }),
  writeLine({ kind: 'caughtUp', cursor }),
  writeLine({ kind: 'bye', why: 'it is closed' }),
];
const ofJson = [
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '"',
  '\n',
  'null',
  '-1',
  '1.5',
  '1e999',
  '\\u0000',
  '\\ud800',
  '"__proto__":{},',
  '"type":"record",',
  '\xff',
];

/** However it arrives, the same lines come out; each is read, passed over or a fault of the feed. */
function feedHolds(text: string, random: SeededRandomness): void {
  const bytes = bytesOf(text);
  const whole = new LineSplitter().push(bytes);
  const splitter = new LineSplitter();
  const inPieces: string[] = [];
  const most = 1 + random.below(bytes.length < 2_000 ? 50 : 5_000);
  for (let at = 0; at < bytes.length; ) {
    const length = 1 + random.below(most);
    inPieces.push(...splitter.push(bytes.subarray(at, at + length)));
    at += length;
  }
  assert.deepEqual(inPieces, whole);
  for (const one of whole.slice(0, 20)) {
    const read = unlessRefused([FeedFault], () => readLine(one));
    if (read !== undefined) assert.deepEqual(readLine(writeLine(read)), read);
  }
}

function reportHolds(text: string): void {
  const form = unlessRefused([FeedFault], () => readObject(text));
  if (form === undefined) return;
  const report = unlessRefused([FeedFault], () => readReport(form));
  if (report !== undefined) assert.deepEqual(readReport(readObject(writeReport(report))), report);
  unlessRefused([FeedFault], () => readAnswer(form));
}

const logFile = [
  firstLine(),
  documentLine({ ...cursor, key, value: change.value }),
  lastLine(cursor, 1),
].join('');

function logFileHolds(text: string): void {
  const reader = new LogFileReader();
  let documents = 0;
  const end = unlessRefused([UnfitLogFile], () => {
    for (const one of text.split('\n').slice(0, -1)) {
      if (reader.read(one) !== undefined) documents += 1;
    }
    return reader.finish();
  });
  if (end === undefined) return;
  // A file that is taken ends with how many documents it has.
  assert(
    text.includes(`"documents":${documents}`) || /"documents":\s/.test(text),
    text.slice(-300),
  );
  assert(end.revision >= 0);
}

export const feedTargets: readonly Target[] = [
  {
    name: 'lines of the feed',
    seeds: [lines.join(''), ...lines],
    tokens: ofJson,
    holds: feedHolds,
    // Tens of thousands of lines, read twice.
    msMax: 500,
  },
  {
    name: 'reports of edges',
    seeds: [
      writeReport({ session: 1, beat: 2, state: 'serving', serving: cursor }),
      writeReport({ session: 1, beat: 2, state: 'joining', serving: undefined }),
      JSON.stringify({ answer: 'held', head: cursor, leaseMs: 10_000 }),
    ],
    tokens: ofJson,
    holds: reportHolds,
  },
  { name: 'files of logs', seeds: [logFile], tokens: ofJson, holds: logFileHolds },
];
