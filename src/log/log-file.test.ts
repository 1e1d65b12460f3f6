/** A log as a file: what was written is read back, and a file that is not whole is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeKey, logId, revision, writeId } from '../base/log-record.ts';
import {
  documentLine,
  firstLine,
  lastLine,
  type LogDocument,
  LogFileReader,
  UnfitLogFile,
} from './log-file.ts';

const cursor = {
  logId: logId(new Uint8Array(16).fill(1)),
  revision: revision(9),
  writeId: writeId(new Uint8Array(16).fill(2)),
};

function document(id: string, value: string): LogDocument {
  const key = encodeKey({ account: 'test', kind: 'thing', id });
  const by = writeId(new Uint8Array(16).fill(3));
  return { key, revision: revision(4), writeId: by, value: Buffer.from(value) };
}

const documents = [document('one', '{"a":"é\\u0000😀"}'), document('two/ ', '"\uFEFF line\\n"')];
const whole = [firstLine(), ...documents.map(documentLine), lastLine(cursor, documents.length)];

function readAll(lines: readonly string[]) {
  const reader = new LogFileReader();
  const read = lines.flatMap((line) => reader.read(line.trimEnd()) ?? []);
  return { read, cursor: reader.finish() };
}

test('what was written is read back', () => {
  const read = readAll(whole);
  assert.deepEqual(read.cursor, cursor);
  assert.deepEqual(read.read, documents);
});

test('each line is one line, whatever a document holds', () => {
  for (const line of whole) assert.equal(line.indexOf('\n'), line.length - 1);
});

test('a file that is not whole, or another one, is refused', () => {
  const [first = '', one = '', two = '', last = ''] = whole;
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /its end is missing/],
    [[first, one, two], /its end is missing/],
    [[first, one, last], /documents are missing \(line 3\)/],
    [[first, one, two.slice(0, -20)], /not whole, or damaged \(line 3\)/],
    [[...whole, one], /goes on after its end/],
    [['hello'], /no log of Warmfront/],
    [['{"type":"other"}'], /no log of Warmfront/],
    [['{"type":"warmfront-log","format":2}'], /of format 2/],
    [[first, '[]'], /no object/],
    [[first, '{"type":"document","key":"a","revision":1,"value":"1"}'], /line 2/],
    [[first, one.replace('"revision":4', '"revision":-4')], /line 2/],
    [[first, last.replace('"revision":9', '"revision":"9"')], /line 2/],
  ];
  for (const [lines, says] of wrong) {
    assert.throws(
      () => readAll(lines),
      (error) => error instanceof UnfitLogFile && says.test(error.message),
      `${lines.length} lines: ${says}`,
    );
  }
});
