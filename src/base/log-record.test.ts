import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  decodeKey,
  encodeKey,
  keyPartBytesMax,
  logId,
  parseKey,
  parseLogId,
  parseWriteId,
  revision,
  sameCursor,
  writeId,
} from './log-record.ts';

const part = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  .filter((text) => text.isWellFormed() && Buffer.byteLength(text) <= keyPartBytesMax);

test('a key gives back the parts that it was made of, whatever they hold', () => {
  fc.assert(
    fc.property(part, part, part, (account, kind, id) => {
      const key = encodeKey({ account, kind, id });
      assert.match(key, /^[A-Za-z0-9_=-]+\/[A-Za-z0-9_=-]+\/[A-Za-z0-9_=-]+$/);
      assert.deepEqual(decodeKey(key), { account, kind, id });
      assert.equal(parseKey(key), key);
    }),
  );
});

test('a key has three parts, each of 1 to 256 bytes', () => {
  const longest = 'é'.repeat(keyPartBytesMax / 2);
  assert.equal(decodeKey(encodeKey({ account: longest, kind: 'k', id: 'i' })).account, longest);
  assert.throws(() => encodeKey({ account: `${longest}a`, kind: 'k', id: 'i' }), RangeError);
  assert.throws(() => encodeKey({ account: '', kind: 'k', id: 'i' }), RangeError);
  for (const text of [
    '',
    'a/b',
    'a/b/c/d',
    'a//c',
    'a/b/',
    'a/b/c d',
    'a/b/é',
    'a/b/=2',
    'a/b/=2f',
  ]) {
    assert.throws(() => parseKey(text), /not a (part of a )?key/, text);
  }
});

test('nothing has two keys: other spellings of a part are refused', () => {
  assert.equal(encodeKey({ account: 'a', kind: 'b', id: 'A.' }), 'a/b/A=2E');
  assert.throws(() => parseKey('a/b/=41=2E'), /not a part of a key/);
  assert.throws(() => parseKey('a/b/=FF'), /not a part of a key/); // No UTF-8.
});

test('ids are read back only in the form in which they are made', () => {
  const bytes = new Uint8Array(16).fill(171);
  assert.equal(parseWriteId(writeId(bytes)), writeId(bytes));
  assert.equal(parseLogId(logId(bytes)), logId(bytes));
  for (const text of ['', 'ab', 'AB'.repeat(16), `${'ab'.repeat(16)}\n`]) {
    assert.throws(() => parseWriteId(text), /not a write id/);
    assert.throws(() => parseLogId(text), /not a log id/);
  }
});

test('a revision is a whole number from 0', () => {
  assert.equal(revision(7), 7);
  for (const position of [-1, 0.5, Number.NaN, 2 ** 53]) {
    assert.throws(() => revision(position), RangeError);
  }
});

test('a cursor is the same only in all of log, revision and write', () => {
  const cursor = {
    logId: logId(new Uint8Array(16)),
    revision: revision(3),
    writeId: writeId(new Uint8Array(16)),
  };
  const other = new Uint8Array(16).fill(1);
  assert(sameCursor(cursor, { ...cursor }));
  assert(!sameCursor(cursor, { ...cursor, revision: revision(4) }));
  assert(!sameCursor(cursor, { ...cursor, writeId: writeId(other) }));
  assert(!sameCursor(cursor, { ...cursor, logId: logId(other) }));
});
