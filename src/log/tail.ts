/**
 * The tails of one home: every reader sees each committed record once and in order, and a slow one
 * costs nothing. There is no queue per reader: the newest records are kept once for all, and a
 * reader is a position. One that falls off the kept end reads what changed from the store, in the
 * same way as one that starts, so there is only one path to get right:
 *
 *   from ──prove──► read what changed, page by page ──► caughtUp ──► kept records ─┐
 *            │ no              ▲                                                   │
 *            └──► snapshot ────┘◄───────────── fell off the kept end ──────────────┘
 *
 * Pages need no frozen view of the store. A document that changes while they are read moves to a
 * higher revision and is met again there; the page that reaches the head completes a true state.
 * That fails only if a deletion is forgotten meanwhile, and the proof asked with each page tells.
 *
 * A home that others write to as well may lose contact (`lose`, `regain`), and may find that the
 * log was put back and went another way (`restart`): then each reader proves its place anew.
 */
import assert from 'node:assert/strict';
import type { Clock } from '../base/clock.ts';
import {
  type Cursor,
  type LogRecord,
  type Revision,
  revision,
  sameCursor,
} from '../base/log-record.ts';
import { cursorOf, recordBytes } from './append-rules.ts';
import { errorOf } from './log-closed.ts';
import type { TailEvent } from './log.ts';

export const keptRecordsMax = 1_000;
export const keptBytesMax = 16 * 1_048_576;
const retryMsMin = 50;
const retryMsMax = 1_000;

export type PageRequest = {
  /** Only what is newer than this. */
  readonly after: Revision;
  /** Has to be a point of history at the moment of the read; undefined when a snapshot begins. */
  readonly proof: Cursor | undefined;
  /** Whether revisions of which no change is left are told too. */
  readonly every: boolean;
};

export type Page =
  | { readonly kind: 'unproven' }
  | {
      readonly kind: 'page';
      /** In order; no revision is split between two pages. */
      readonly records: readonly LogRecord[];
      /** Of the same moment as the read. */
      readonly head: Cursor;
      /** Whether there is more between the last of `records` and `head`. */
      readonly more: boolean;
    };

export type TailsOptions = {
  /** The end of the log when the home was opened. */
  readonly head: Cursor;
  readonly clock: Clock;
  /** Any record that the answer's `head` covers was given to `push` before. */
  readonly readPage: (request: PageRequest, signal: AbortSignal) => Promise<Page>;
  readonly keptRecordsMax?: number;
  readonly keptBytesMax?: number;
};

export class Tails {
  readonly #clock: Clock;
  readonly #readPage: TailsOptions['readPage'];
  readonly #recordsMax: number;
  readonly #bytesMax: number;
  /** The newest records; a map keeps them in order of arrival. */
  readonly #kept = new Map<number, LogRecord>();
  #keptBytes = 0;
  #head: Cursor;
  #end: { readonly cause: Error | undefined } | undefined;
  /** Why nothing is heard of the log now; undefined while all is. */
  #lost: Error | undefined;
  /** Rises when what is kept is of another history than before. */
  #epoch = 0;
  readonly #waiting = new Set<() => void>();

  constructor(options: TailsOptions) {
    this.#clock = options.clock;
    this.#readPage = options.readPage;
    this.#recordsMax = options.keptRecordsMax ?? keptRecordsMax;
    this.#bytesMax = options.keptBytesMax ?? keptBytesMax;
    this.#head = options.head;
  }

  /** Tells every reader of a record that is now durable. */
  push(record: LogRecord): void {
    assert(record.revision === this.#head.revision + 1, 'records are told in order, none left out');
    this.#kept.set(record.revision, record);
    this.#keptBytes += recordBytes(record.changes);
    for (const [position, { changes }] of this.#kept) {
      if (this.#kept.size <= this.#recordsMax && this.#keptBytes <= this.#bytesMax) break;
      this.#kept.delete(position);
      this.#keptBytes -= recordBytes(changes);
    }
    this.#head = cursorOf(this.#head, record);
    this.#wake();
  }

  get head(): Cursor {
    return this.#head;
  }

  /**
   * Whether all up to `cursor` was told, so that a reader who knows it may go on from here; false
   * too while nothing is heard. What is kept no longer is told by the store again, with a proof.
   */
  agrees(cursor: Cursor): boolean {
    if (this.#lost !== undefined || cursor.logId !== this.#head.logId) return false;
    if (cursor.revision >= this.#head.revision) return sameCursor(cursor, this.#head);
    const kept = this.#kept.get(cursor.revision);
    return kept === undefined || kept.writeId === cursor.writeId;
  }

  /** Tells every reader that contact is lost, until `regain`. */
  lose(cause: Error): void {
    this.#lost ??= cause;
    this.#wake();
  }

  /** Contact is there again. Records that were missed meanwhile are pushed before anything awaits. */
  regain(): void {
    this.#lost = undefined;
    this.#wake();
  }

  /** The log stands at `head` now, and what was told may be none of its history: all prove anew. */
  restart(head: Cursor): void {
    this.#kept.clear();
    this.#keptBytes = 0;
    this.#head = head;
    this.#epoch += 1;
    this.#wake();
  }

  /** Ends every tail, of now and later: without `cause` the log was closed, else it was lost. */
  end(cause?: Error): void {
    this.#end ??= { cause };
    this.#wake();
  }

  async *tail(from: Cursor | undefined, signal: AbortSignal): AsyncGenerator<TailEvent, void> {
    let proof = from;
    let after = from?.revision ?? revision(0);
    let every = false;
    let failures = 0;
    if (from === undefined && !this.#over(signal)) yield { kind: 'snapshot' };
    while (!this.#over(signal)) {
      let page: Page;
      const epoch = this.#epoch;
      try {
        page = await this.#readPage({ after, proof, every }, signal);
        failures = 0;
      } catch (thrown) {
        if (this.#over(signal)) break;
        yield { kind: 'detached', cause: errorOf(thrown) };
        await this.#change(signal, Math.min(retryMsMin * 2 ** failures, retryMsMax));
        failures += 1;
        continue; // The same page: each stands by itself, so nothing is told twice.
      }
      if (page.kind === 'unproven') {
        proof = undefined;
        after = revision(0);
        every = false;
        yield { kind: 'snapshot' };
        continue;
      }
      for (const record of page.records) {
        if (this.#over(signal)) break;
        yield { kind: 'record', record };
        after = record.revision;
        // Deletions up to the first page's head are of keys that were never told, so a snapshot
        // proves that head until it has come so far; what it tells after that is history itself.
        if (proof !== undefined && after > proof.revision) proof = cursorOf(page.head, record);
      }
      proof ??= page.head;
      if (page.more || this.#over(signal)) continue;
      yield { kind: 'caughtUp', cursor: page.head };
      proof = yield* this.#watch(page.head, epoch, signal);
      after = proof.revision;
      every = true;
    }
    const cause = this.#end?.cause;
    if (cause !== undefined && !signal.aborted) yield { kind: 'detached', cause };
  }

  /** Tells what is kept, from `position` on; returns the reader's place when it fell off, or ends. */
  async *#watch(
    position: Cursor,
    epoch: number,
    signal: AbortSignal,
  ): AsyncGenerator<TailEvent, Cursor> {
    let at = position;
    let toldLost = false;
    while (!this.#over(signal)) {
      if (epoch !== this.#epoch) return at;
      if (this.#lost !== undefined) {
        if (toldLost) await this.#change(signal);
        else yield { kind: 'detached', cause: this.#lost };
        toldLost = true;
        continue;
      }
      const end = this.#head.revision;
      if (at.revision === end && !toldLost) {
        await this.#change(signal);
        continue;
      }
      while (at.revision < end) {
        const record = this.#kept.get(at.revision + 1);
        if (record === undefined || epoch !== this.#epoch || this.#over(signal)) return at;
        yield { kind: 'record', record };
        at = cursorOf(at, record);
      }
      toldLost = false;
      if (!this.#over(signal)) yield { kind: 'caughtUp', cursor: at };
    }
    return at;
  }

  #over(signal: AbortSignal): boolean {
    return signal.aborted || this.#end !== undefined;
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }

  /** Resolves at the next record, at the end, at an abort or after `delayMs`. */
  #change(signal: AbortSignal, delayMs?: number): Promise<void> {
    if (this.#over(signal)) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        cancel?.();
        resolve();
      };
      const cancel = delayMs === undefined ? undefined : this.#clock.after(delayMs, wake);
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}
