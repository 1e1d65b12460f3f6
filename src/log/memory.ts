/**
 * The log in memory: the whole contract and nothing on disk, for `--memory` and for simulations.
 * What it promises lasts as long as the process. Each call takes effect before it returns its
 * promise, so that a simulation with one seed always plays alike.
 */
import assert from 'node:assert/strict';
import type { Clock } from '../base/clock.ts';
import {
  type Cursor,
  type Key,
  type LogRecord,
  type Revision,
  type WriteId,
  logId,
  revision,
  writeId,
} from '../base/log-record.ts';
import type { Randomness } from '../base/randomness.ts';
import { checkAppend, cursorAfter, judgeAppend, ownChanges } from './append-rules.ts';
import { LogClosed, errorOf } from './log-closed.ts';
import {
  type Append,
  type AppendOutcome,
  type ChangeLog,
  type TailEvent,
  historyRecordsMax,
} from './log.ts';
import { type Page, type PageRequest, Tails } from './tail.ts';

export type MemoryLogOptions = {
  readonly randomness: Randomness;
  readonly clock: Clock;
  /** How many records history reaches back before it is forgotten by itself. */
  readonly historyRecordsMax?: number;
};

type Document = {
  readonly revision: Revision;
  readonly writeId: WriteId;
  readonly value: Uint8Array | null;
};

export class MemoryLog implements ChangeLog {
  readonly #historyRecordsMax: number;
  readonly #documents = new Map<Key, Document>();
  /** Revision → write id, oldest first; always holds the head. */
  readonly #past = new Map<number, WriteId>();
  readonly #tails: Tails;
  #head: Cursor;
  #floor = revision(0);
  #closed = false;

  constructor(options: MemoryLogOptions) {
    const { randomness } = options;
    this.#historyRecordsMax = options.historyRecordsMax ?? historyRecordsMax;
    this.#head = {
      logId: logId(randomness.bytes(16)),
      revision: revision(0),
      writeId: writeId(randomness.bytes(16)),
    };
    this.#past.set(0, this.#head.writeId);
    this.#tails = new Tails({
      head: this.#head,
      clock: options.clock,
      readPage: async (request) => this.#readPage(request),
    });
  }

  async append(append: Append, signal: AbortSignal): Promise<AppendOutcome> {
    const size = checkAppend(append);
    if (this.#closed) return { kind: 'unknown', cause: new LogClosed() };
    if (signal.aborted) return { kind: 'unknown', cause: errorOf(signal.reason) };
    if (size === 'too-large') return { kind: 'refused', reason: 'too-large' };
    const verdict = judgeAppend(append, this.#head, this.#past.get(append.at.revision + 1));
    if (verdict !== 'append') return verdict;
    const cursor = cursorAfter(append.at, append.writeId);
    const changes = ownChanges(append.changes);
    for (const { key, value } of changes) {
      this.#documents.set(key, { revision: cursor.revision, writeId: cursor.writeId, value });
    }
    this.#past.set(cursor.revision, cursor.writeId);
    this.#head = cursor;
    this.#boundHistory();
    this.#tails.push({ revision: cursor.revision, writeId: cursor.writeId, changes });
    return { kind: 'appended', cursor };
  }

  tail(from: Cursor | undefined, signal: AbortSignal): AsyncIterable<TailEvent> {
    return this.#tails.tail(from, signal);
  }

  async head(signal: AbortSignal): Promise<Cursor> {
    this.#checkOpen(signal);
    return this.#head;
  }

  async proves(cursor: Cursor, signal: AbortSignal): Promise<boolean> {
    this.#checkOpen(signal);
    return this.#holds(cursor);
  }

  async forget(floor: Revision, signal: AbortSignal): Promise<void> {
    this.#checkOpen(signal);
    this.#forget(floor);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#tails.end();
  }

  #checkOpen(signal: AbortSignal): void {
    signal.throwIfAborted();
    if (this.#closed) throw new LogClosed();
  }

  #holds(cursor: Cursor): boolean {
    return cursor.logId === this.#head.logId && this.#past.get(cursor.revision) === cursor.writeId;
  }

  /** All in one page: records only point at what is held anyway. */
  #readPage({ after, proof, every }: PageRequest): Page {
    if (proof !== undefined && !this.#holds(proof)) return { kind: 'unproven' };
    const records = new Map<
      number,
      LogRecord & { changes: { key: Key; value: Uint8Array | null }[] }
    >();
    const begin = (position: Revision, writeId: WriteId) => {
      const record = { revision: position, writeId, changes: [] };
      records.set(position, record);
      return record;
    };
    if (every) {
      for (let position = after + 1; position <= this.#head.revision; position += 1) {
        const writeId = this.#past.get(position);
        assert(writeId !== undefined, 'history reaches from any point that it proves to the head');
        begin(revision(position), writeId);
      }
    }
    for (const [key, { revision: position, writeId, value }] of this.#documents) {
      if (position <= after) continue;
      const record = records.get(position) ?? begin(position, writeId);
      record.changes.push({ key, value });
    }
    const ordered = [...records.values()].sort((a, b) => a.revision - b.revision);
    return { kind: 'page', records: ordered, head: this.#head, more: false };
  }

  /** Lets history grow a little beyond its bound, so that most appends have nothing to tidy. */
  #boundHistory(): void {
    const slack = Math.ceil(this.#historyRecordsMax / 10);
    const floor = this.#head.revision - this.#historyRecordsMax;
    if (floor - this.#floor >= slack) this.#forget(revision(floor));
  }

  #forget(floor: Revision): void {
    const kept = Math.min(floor, this.#head.revision);
    if (kept <= this.#floor) return;
    for (let position: number = this.#floor; position < kept; position += 1) {
      this.#past.delete(position);
    }
    this.#floor = revision(kept);
    for (const [key, { revision: position, value }] of this.#documents) {
      if (value === null && position < kept) this.#documents.delete(key);
    }
  }
}
