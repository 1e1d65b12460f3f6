/**
 * The log in etcd, for any number of API processes at once. An append is one transaction on
 * condition that `log/head` still is what it was decided at; whatever becomes of the call, history
 * says for good who stands at the next place. A majority of the servers has it on disk before it is
 * answered. Reading: etcd-reading.ts; following for all tails of this process: etcd-follower.ts.
 */
import type { Clock } from '../base/clock.ts';
import { type Cursor, type Revision, revision } from '../base/log-record.ts';
import type { Recorder } from '../base/recorder.ts';
import { checkAppend, cursorAfter, judgeAppend } from './append-rules.ts';
import { EtcdFailure, type EtcdConnection, unavailable } from './etcd-connection.ts';
import { EtcdFollower } from './etcd-follower.ts';
import { keepEtcdTidy, type EtcdRoom } from './etcd-housekeeping.ts';
import { encodeCursor, encodeDocument, type EtcdKeys } from './etcd-keys.ts';
import { EtcdReading, provedBy } from './etcd-reading.ts';
import { type KeyValue, type TxnRequest, txn } from './etcd-schema.ts';
import { errorOf } from './log-closed.ts';
import {
  type Append,
  type AppendOutcome,
  type ChangeLog,
  historyRecordsMax,
  type TailEvent,
} from './log.ts';
import { type Page, type PageRequest, Tails } from './tail.ts';

/** What a page holds has to be heard by the watch within so long; else contact counts as lost. */
const heardMsMax = 5_000;
/** A transaction of etcd holds 128 operations; a deletion is compared and deleted. */
const deletionsPerCall = 60;

const put = (key: Buffer, value: Buffer) => ({ request_put: { key, value } });

export type EtcdLogParts = {
  /** Closed with the log. */
  readonly connection: EtcdConnection;
  readonly keys: EtcdKeys;
  /** The end of the log when it was opened. */
  readonly head: Cursor;
  readonly clock: Clock;
  readonly recorder: Recorder;
  /** Bytes that the servers were given for all they hold. */
  readonly quotaBytes: number;
};

export class EtcdLog implements ChangeLog {
  readonly #connection: EtcdConnection;
  readonly #keys: EtcdKeys;
  readonly #clock: Clock;
  readonly #reading: EtcdReading;
  readonly #tails: Tails;
  readonly #follower: EtcdFollower;
  readonly #room: EtcdRoom = { isFull: false, usedBytes: 0 };
  readonly #closing = new AbortController();
  readonly #working: Promise<unknown>;

  constructor({ clock, connection, head, keys, quotaBytes, recorder }: EtcdLogParts) {
    this.#connection = connection;
    this.#keys = keys;
    this.#clock = clock;
    this.#reading = new EtcdReading(connection, keys);
    this.#tails = new Tails({
      head,
      clock,
      readPage: (request, signal) => this.#readPage(request, signal),
    });
    const { signal } = this.#closing;
    this.#follower = new EtcdFollower({
      connection,
      keys,
      reading: this.#reading,
      tails: this.#tails,
      clock,
      recorder,
    });
    const tidying = {
      connection,
      clock,
      recorder,
      room: this.#room,
      quotaBytes,
      forgetOld: () => this.#forgetOld(signal),
    };
    this.#working = Promise.all([this.#follower.run(signal), keepEtcdTidy(tidying, signal)]);
  }

  get room(): Readonly<EtcdRoom> {
    return this.#room;
  }

  async append(append: Append, signal: AbortSignal): Promise<AppendOutcome> {
    const size = checkAppend(append);
    if (size === 'too-large') return { kind: 'refused', reason: 'too-large' };
    const { at, writeId } = append;
    const place = revision(at.revision + 1);
    const request: TxnRequest = {
      compare: [
        { result: 'EQUAL', target: 'VALUE', key: this.#keys.head, value: encodeCursor(at) },
      ],
      success: [
        put(this.#keys.head, encodeCursor(cursorAfter(at, writeId))),
        put(this.#keys.pastOf(place), Buffer.from(writeId)),
        ...append.changes.map(({ key, value }) =>
          put(this.#keys.document(key), encodeDocument({ revision: place, writeId, value })),
        ),
      ],
      failure: [
        { request_range: { key: this.#keys.head } },
        { request_range: { key: this.#keys.pastOf(place) } },
      ],
    };
    try {
      const answer = await this.#connection.call(txn, request, signal);
      if (answer.succeeded) {
        this.#room.isFull = false;
        return { kind: 'appended', cursor: cursorAfter(at, writeId) };
      }
      const { head, past } = this.#reading.standingOf(answer);
      const verdict = judgeAppend(append, head, past?.writeId);
      if (verdict !== 'append') return verdict;
      return { kind: 'unknown', cause: new Error('etcd holds the head in another form') };
    } catch (thrown) {
      if (thrown instanceof EtcdFailure && thrown.isFull) {
        this.#room.isFull = true;
        return { kind: 'refused', reason: 'log-full' };
      }
      return { kind: 'unknown', cause: errorOf(thrown) };
    }
  }

  tail(from: Cursor | undefined, signal: AbortSignal): AsyncIterable<TailEvent> {
    return this.#tails.tail(from, signal);
  }

  async head(signal: AbortSignal): Promise<Cursor> {
    const { head } = await this.#reading.standing(revision(0), signal);
    return head;
  }

  async proves(cursor: Cursor, signal: AbortSignal): Promise<boolean> {
    return provedBy(cursor, await this.#reading.standing(cursor.revision, signal));
  }

  async forget(floor: Revision, signal: AbortSignal): Promise<void> {
    const { head } = await this.#reading.standing(floor, signal);
    const kept = revision(Math.min(floor, head.revision));
    // History first: a deletion may go only once no reader can come from before it.
    await this.#delete({ key: this.#keys.pastOf(0), range_end: this.#keys.pastOf(kept) }, signal);
    let batch: KeyValue[] = [];
    for await (const deleted of this.#reading.deletedBefore(kept, signal)) {
      batch.push(deleted);
      if (batch.length < deletionsPerCall) continue;
      await this.#deleteUnchanged(batch, signal);
      batch = [];
    }
    if (batch.length > 0) await this.#deleteUnchanged(batch, signal);
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the log is closed'));
    this.#tails.end();
    this.#connection.close();
    await this.#working;
  }

  async #forgetOld(signal: AbortSignal): Promise<void> {
    const floor = this.#tails.head.revision - historyRecordsMax;
    if (floor > 0) await this.forget(revision(floor), signal);
  }

  async #delete(
    request_delete_range: { readonly key: Buffer; readonly range_end: Buffer },
    signal: AbortSignal,
  ): Promise<void> {
    const request = { compare: [], success: [{ request_delete_range }], failure: [] };
    await this.#connection.read(txn, request, signal);
  }

  /** All of them if none was written since it was read, else each by itself. */
  async #deleteUnchanged(batch: readonly KeyValue[], signal: AbortSignal): Promise<void> {
    const request: TxnRequest = {
      compare: batch.map(({ key, mod_revision }) => {
        return { result: 'EQUAL', target: 'MOD', key, mod_revision };
      }),
      success: batch.map(({ key }) => ({ request_delete_range: { key } })),
      failure: [],
    };
    const { succeeded } = await this.#connection.read(txn, request, signal);
    if (succeeded || batch.length === 1) return;
    for (const one of batch) await this.#deleteUnchanged([one], signal);
  }

  /** Nothing that the page covers may be told once more: it waits until the watch has told it all. */
  async #readPage(request: PageRequest, signal: AbortSignal): Promise<Page> {
    const { page } = await this.#reading.page(request, signal);
    if (page.kind === 'unproven') return page;
    const giveUpAtMs = this.#clock.monotonicMs() + heardMsMax;
    while (!this.#tails.agrees(page.head)) {
      signal.throwIfAborted();
      const leftMs = giveUpAtMs - this.#clock.monotonicMs();
      if (leftMs <= 0) {
        const why = `the watch has not told revision ${page.head.revision}`;
        throw unavailable(this.#connection.server, why);
      }
      await this.#follower.change(leftMs, AbortSignal.any([signal, this.#closing.signal]));
      if (this.#closing.signal.aborted) throw errorOf(this.#closing.signal.reason);
    }
    return page;
  }
}
