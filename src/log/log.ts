/**
 * The contract of the log: one ordered record of changes, compacted by key. Every home of the log
 * keeps it, and the suite in test/contract/log.ts is run on each.
 *
 * Promises: (1) at most one append holds a revision; (2) what is `appended` stays; (3) a tail
 * delivers records in order, none twice, after the first `caughtUp` without a gap, and at
 * `caughtUp` the fold equals that of the whole log; (4) while a reader catches up, intermediate
 * values of a key may be skipped: a fold depends on the latest value only.
 *
 * A tail that was already caught up and fell behind (a slow reader, a lost contact) catches up
 * again in the same way: revisions whose changes are all outdated come as records without changes,
 * so that promise 3 holds by number; where history no longer reaches back to its place, it gets
 * `snapshot` anew.
 */
import type { Change, Cursor, LogRecord, Revision, WriteId } from '../base/log-record.ts';

export const changesPerAppendMax = 64;
export const recordBytesMax = 1_048_576;
/** History (revision → write id) is kept for so many records; older cursors get a snapshot. */
export const historyRecordsMax = 50_000;

export type Append = {
  /** The point the catalog stood at when this was decided. Nothing may have come since. */
  readonly at: Cursor;
  /** 1 to 64 changes of different keys, all or none, keys and values at most `recordBytesMax`. */
  readonly changes: readonly Change[];
  readonly writeId: WriteId;
};

export type AppendOutcome =
  /** Durable, by this call or an earlier one with the same write id, at `at.revision + 1`. */
  | { readonly kind: 'appended'; readonly cursor: Cursor }
  /** Another write stands there, or the log is another: this one can never be in it. Decide again. */
  | { readonly kind: 'conflict' }
  /** Not appended by this call. After an `unknown` it settles nothing about the call before. */
  | { readonly kind: 'refused'; readonly reason: 'too-large' | 'log-full' }
  /** Not known: it may yet be appended, but only ever at `at.revision + 1`. Repeat the same call. */
  | { readonly kind: 'unknown'; readonly cause: Error };

export type TailEvent =
  /**
   * Begin an empty catalog beside the one in use: up to `caughtUp` follows a whole state. May come
   * at any time, also before the `caughtUp` of an earlier one, which is then void.
   */
  | { readonly kind: 'snapshot' }
  | { readonly kind: 'record'; readonly record: LogRecord }
  /** Everything up to here was delivered. Only now swap the catalog in, decide, or report. */
  | { readonly kind: 'caughtUp'; readonly cursor: Cursor }
  /** Contact is lost; the tail goes on by itself. The catalog stands, but may be old. */
  | { readonly kind: 'detached'; readonly cause: Error };

/** What an edge has too. */
export interface LogReader {
  /**
   * Goes on from `from` if that is provably a point of this log's history, else begins with
   * `snapshot`. Every batch of records ends with `caughtUp`. Ends, without an error, when `signal`
   * is aborted or the log is closed; after a `detached` also when contact cannot come back. Give it
   * up by `signal`: an iterator that waits for the next record cannot hear of `return`.
   */
  tail(from: Cursor | undefined, signal: AbortSignal): AsyncIterable<TailEvent>;
  /** The end of the log as all of it tells, never from memory; rejects rather than guess. */
  head(signal: AbortSignal): Promise<Cursor>;
  close(): Promise<void>;
}

/** What a home says of the room it has, where that may run out under it. */
export type LogRoom = {
  /** Changes are refused as `log-full` until its operator has made room. */
  readonly isFull: boolean;
  readonly usedBytes: number;
  readonly quotaBytes: number;
};

export interface ChangeLog extends LogReader {
  /** Rejects only for a bug of the caller: no change, a key twice, something that is no key. */
  append(append: Append, signal: AbortSignal): Promise<AppendOutcome>;
  /** Is this a point of this log's history, as far as history is kept? */
  proves(cursor: Cursor, signal: AbortSignal): Promise<boolean>;
  /**
   * Forgets the history before `floor`, and deletions older than it: readers from before it get a
   * snapshot.
   */
  forget(floor: Revision, signal: AbortSignal): Promise<void>;
}
