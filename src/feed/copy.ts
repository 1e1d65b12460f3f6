/**
 * The edge machine's copy of the log: it follows an API once for all workers, keeps what it heard on
 * disk, and is what the workers read. So an edge that starts while no API answers serves its last
 * state, and a report never says more than the disk holds: records and the cursor behind them are one
 * transaction, synced before any worker hears of them.
 *
 * A whole state is gathered beside the one in use and takes its place in one step. Workers tail the
 * copy as they would the log; where records were skipped on the way here they read what changed.
 */
import { once } from 'node:events';
import { type Clock, pause } from '../base/clock.ts';
import type { Change, Cursor, Key, LogRecord } from '../base/log-record.ts';
import type { EmbeddedStore } from '../log/embedded-store.ts';
import { errorOf } from '../log/log-closed.ts';
import type { LogReader, TailEvent } from '../log/log.ts';
import { Tails } from '../log/tail.ts';

export type CopyParts = {
  readonly store: EmbeddedStore;
  readonly reader: LogReader;
  readonly clock: Clock;
  /** Called at each loss of contact. */
  readonly onDetached: (cause: Error) => void;
  /** Called where the disk did not take what was heard. */
  readonly onFailed: (cause: Error) => void;
  /** Called each time that all was heard. */
  readonly onCaughtUp: (cursor: Cursor) => void;
};

export type Mirrored = { readonly record: LogRecord; readonly change: Change };

const retryMs = 5_000;

export class EdgeCopy implements LogReader {
  readonly #parts: CopyParts;
  readonly #closed = new AbortController();
  #tails: Tails;
  #anew = new AbortController();
  #fromWhole: boolean;
  readonly #first = Promise.withResolvers<void>();

  /** `fromWhole`: what the store holds is served, but a whole state is asked for. */
  constructor(parts: CopyParts, { fromWhole }: { readonly fromWhole: boolean }) {
    this.#parts = parts;
    this.#fromWhole = fromWhole;
    this.#tails = this.#newTails();
  }

  /** The point up to which all is on this machine's disk; undefined: there is no state yet. */
  get cursor(): Cursor | undefined {
    return this.#parts.store.isBlank ? undefined : this.#parts.store.head();
  }

  /** Asks for a whole state: the history followed so far is gone. */
  beginAnew(): void {
    this.#fromWhole = true;
    this.#anew.abort();
  }

  /** Follows until `signal` is aborted. What the disk does not take is tried again after a while. */
  async follow(signal: AbortSignal): Promise<void> {
    const { clock, onFailed } = this.#parts;
    while (!signal.aborted) {
      this.#anew = new AbortController();
      try {
        const from = this.#fromWhole ? undefined : this.cursor;
        await this.#followFrom(from, AbortSignal.any([signal, this.#anew.signal]));
      } catch (error) {
        if (signal.aborted) return;
        onFailed(errorOf(error));
        await pause(clock, retryMs, signal).catch(() => undefined);
      }
    }
  }

  async *tail(from: Cursor | undefined, signal: AbortSignal): AsyncGenerator<TailEvent, void> {
    const ending = AbortSignal.any([signal, this.#closed.signal]);
    await this.#hasState(ending);
    let at = from;
    while (!ending.aborted) {
      let isWhole = true;
      for await (const event of this.#tails.tail(at, ending)) {
        if (event.kind === 'snapshot') isWhole = false;
        if (event.kind === 'record' && isWhole && at !== undefined) {
          at = { ...at, revision: event.record.revision, writeId: event.record.writeId };
        }
        if (event.kind === 'caughtUp') {
          at = event.cursor;
          isWhole = true;
        }
        yield event;
      }
      // The copy went on in another way than record by record.
      if (!isWhole) at = undefined;
    }
  }

  head(signal: AbortSignal): Promise<Cursor> {
    return this.#parts.reader.head(signal);
  }

  async close(): Promise<void> {
    this.#closed.abort(new Error('the copy of the log is closed'));
    this.#tails.end();
    this.#parts.store.close();
  }

  async #hasState(signal: AbortSignal): Promise<void> {
    if (this.cursor !== undefined || signal.aborted) return;
    await Promise.race([this.#first.promise, once(signal, 'abort')]);
  }

  async #followFrom(from: Cursor | undefined, signal: AbortSignal): Promise<void> {
    const { onCaughtUp, onDetached, reader } = this.#parts;
    let building: Map<Key, Mirrored> | undefined;
    let batch: LogRecord[] = [];
    for await (const event of reader.tail(from, signal)) {
      if (event.kind === 'snapshot') {
        building = new Map();
        batch = [];
      } else if (event.kind === 'record') {
        if (building === undefined) batch.push(event.record);
        else for (const change of event.record.changes) gather(building, event.record, change);
      } else if (event.kind === 'caughtUp') {
        if (building === undefined) this.#goOn(batch, event.cursor);
        else this.#replace(building, event.cursor);
        building = undefined;
        batch = [];
        onCaughtUp(event.cursor);
      } else {
        onDetached(event.cause);
      }
    }
  }

  #goOn(records: readonly LogRecord[], cursor: Cursor): void {
    const before = this.#parts.store.head();
    if (before.revision === cursor.revision) return;
    this.#parts.store.mirror(records, cursor);
    const isWithoutGap = records.every(({ revision }, index) => {
      return revision === before.revision + index + 1;
    });
    if (isWithoutGap && records.at(-1)?.revision === cursor.revision) {
      for (const record of records) this.#tails.push(record);
    } else {
      this.#turnOver();
    }
  }

  #replace(documents: ReadonlyMap<Key, Mirrored>, cursor: Cursor): void {
    this.#parts.store.replaceAll(documents.values(), cursor);
    this.#fromWhole = false;
    this.#turnOver();
    this.#first.resolve();
  }

  /** Those who tail begin again from where they are. */
  #turnOver(): void {
    const before = this.#tails;
    this.#tails = this.#newTails();
    before.end();
  }

  #newTails(): Tails {
    const { clock, store } = this.#parts;
    return new Tails({
      head: store.head(),
      clock,
      readPage: async (request) => store.readPage(request),
    });
  }
}

function gather(building: Map<Key, Mirrored>, record: LogRecord, change: Change): void {
  if (change.value === null) building.delete(change.key);
  else building.set(change.key, { record, change });
}
