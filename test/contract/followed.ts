/** A reader under test: follows a tail, keeps every event that it heard, and folds them. */
import assert from 'node:assert/strict';
import type { Cursor, Key } from '../../src/base/log-record.ts';
import type { LogReader, TailEvent } from '../../src/log/log.ts';

export type Documents = ReadonlyMap<Key, string>;

type Waiter = {
  readonly holds: () => boolean;
  readonly resolve: () => void;
  readonly reject: (cause: Error) => void;
};

export class Followed {
  readonly from: Cursor | undefined;
  readonly events: TailEvent[] = [];
  /** Resolves, whatever happens, once the tail has ended. */
  readonly ended: Promise<void>;
  readonly #stop = new AbortController();
  readonly #waiters = new Set<Waiter>();
  readonly #documents: Map<Key, string>;
  #building: Map<Key, string> | undefined;
  #over = false;
  failure: unknown;
  cursor: Cursor | undefined;

  /**
   * `known` is the fold at `from`. `pace` is awaited after each event, which makes the reader as
   * slow as a test wishes.
   */
  constructor(
    reader: Pick<LogReader, 'tail'>,
    from?: Cursor,
    known: Documents = new Map(),
    pace: (event: TailEvent) => Promise<void> = async () => undefined,
  ) {
    this.from = from;
    this.#documents = new Map(known);
    this.ended = this.#run(reader, pace);
  }

  /** The fold at the last `caughtUp`. */
  get documents(): Documents {
    return this.#documents;
  }

  /** Ids of the events' kinds and revisions, such as `snapshot`, `3`, `caughtUp 3`. */
  get told(): readonly string[] {
    return this.events.map((event) => {
      if (event.kind === 'record') return String(event.record.revision);
      return event.kind === 'caughtUp' ? `caughtUp ${event.cursor.revision}` : event.kind;
    });
  }

  /** Resolves at the `caughtUp` that is at `revision` or beyond. */
  reaches(revision: number): Promise<void> {
    return this.until(() => (this.cursor?.revision ?? -1) >= revision, `reach ${revision}`);
  }

  until(holds: () => boolean, what: string): Promise<void> {
    if (holds()) return Promise.resolve();
    const told = () => this.told.slice(-6).join(', ');
    if (this.#over) return Promise.reject(new Error(`it ended and did not ${what}: ${told()}`));
    return new Promise((resolve, reject) => {
      const fail = () => reject(new Error(`it ended and did not ${what}: ${told()}`));
      this.#waiters.add({ holds, resolve, reject: fail });
    });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.ended;
    assert.equal(this.failure, undefined, 'a tail ends without an error');
  }

  async #run(
    reader: Pick<LogReader, 'tail'>,
    pace: (event: TailEvent) => Promise<void>,
  ): Promise<void> {
    try {
      for await (const event of reader.tail(this.from, this.#stop.signal)) {
        this.events.push(event);
        this.#fold(event);
        const paced = pace(event);
        this.#wake();
        await paced;
        this.#wake();
      }
    } catch (thrown) {
      this.failure = thrown;
    }
    this.#over = true;
    for (const { reject } of this.#waiters) reject(new Error('over'));
    this.#waiters.clear();
  }

  #fold(event: TailEvent): void {
    if (event.kind === 'snapshot') this.#building = new Map();
    if (event.kind === 'record') {
      const fold = this.#building ?? this.#documents;
      for (const { key, value } of event.record.changes) {
        if (value === null) fold.delete(key);
        else fold.set(key, Buffer.from(value).toString());
      }
    }
    if (event.kind !== 'caughtUp') return;
    if (this.#building !== undefined) {
      this.#documents.clear();
      for (const [key, value] of this.#building) this.#documents.set(key, value);
    }
    this.#building = undefined;
    this.cursor = event.cursor;
  }

  #wake(): void {
    for (const waiter of this.#waiters) {
      if (!waiter.holds()) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }
}
