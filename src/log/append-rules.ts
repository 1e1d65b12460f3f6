/**
 * The rules of an append that are the same in every home: what may be asked, and what an append
 * that does not stand at the head has become. Both are pure, so that no home can judge differently.
 */
import assert from 'node:assert/strict';
import { type Change, type Cursor, parseKey, revision, sameCursor } from '../base/log-record.ts';
import type { LogRecord, WriteId } from '../base/log-record.ts';
import { type Append, type AppendOutcome, changesPerAppendMax, recordBytesMax } from './log.ts';

/** Bytes of the keys and values of a record; encoded keys are ASCII. */
export function recordBytes(changes: readonly Change[]): number {
  return changes.reduce((sum, { key, value }) => sum + key.length + (value?.byteLength ?? 0), 0);
}

/** Throws for what only a bug can ask for; `too-large` is for the caller to tell. */
export function checkAppend({ changes, writeId }: Append): 'fits' | 'too-large' {
  assert(changes.length > 0, 'an append holds at least one change');
  assert(/^[0-9a-f]{32}$/.test(writeId), 'a write id is 128 bits in hexadecimal');
  if (changes.length > changesPerAppendMax) return 'too-large';
  const keys = new Set(changes.map(({ key }) => parseKey(key)));
  assert(keys.size === changes.length, 'an append holds each key at most once');
  return recordBytes(changes) > recordBytesMax ? 'too-large' : 'fits';
}

/**
 * `next` is the write id that history holds at `at.revision + 1`, if any. A write decided at P can
 * stand only at P + 1, so history says for good what became of it.
 */
export function judgeAppend(
  { at, writeId }: Append,
  head: Cursor,
  next: WriteId | undefined,
): 'append' | AppendOutcome {
  if (sameCursor(at, head)) return 'append';
  if (at.logId !== head.logId) return { kind: 'conflict' };
  if (next !== undefined) {
    if (next !== writeId) return { kind: 'conflict' };
    return { kind: 'appended', cursor: cursorAfter(at, writeId) };
  }
  // Nothing stands there: either `at` is no point of this history (past its end, or another write
  // at its end), so nothing can follow it, or history was forgotten and no longer tells.
  if (at.revision >= head.revision) return { kind: 'conflict' };
  const place = at.revision + 1;
  return { kind: 'unknown', cause: new Error(`history no longer tells who holds ${place}`) };
}

/** A copy with memory of its own: callers may reuse theirs, and a copy to a thread is exact. */
export function ownChanges(changes: readonly Change[]): readonly Change[] {
  return changes.map(({ key, value }) => ({
    key,
    value: value === null ? null : new Uint8Array(value),
  }));
}

export function cursorAfter(at: Cursor, writeId: WriteId): Cursor {
  return { logId: at.logId, revision: revision(at.revision + 1), writeId };
}

/** The point at which `record` stands. */
export function cursorOf({ logId }: Pick<Cursor, 'logId'>, record: LogRecord): Cursor {
  return { logId, revision: record.revision, writeId: record.writeId };
}
