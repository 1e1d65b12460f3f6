/**
 * The log in one SQLite file, for one process: `log.sqlite` in the data directory. An append is on
 * the disk before it is answered; a second process is refused as soon as it opens the log. The
 * store works on a thread of its own, as each commit waits for the disk; tails read what was
 * committed from memory here and ask the store only for what is older. docs/decisions/0003
 */
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../base/clock.ts';
import { type Change, type Cursor, type Revision, logId, writeId } from '../base/log-record.ts';
import type { Randomness } from '../base/randomness.ts';
import { siblingModule, workerEnvironment } from '../base/worker-file.ts';
import { checkAppend, ownChanges } from './append-rules.ts';
import type { StoreOptions } from './embedded-store.ts';
import type { Call, Message, NumberedCall, Result } from './embedded-worker.ts';
import { LogClosed, errorOf } from './log-closed.ts';
import { LogUnavailable } from './log-unavailable.ts';
import {
  type Append,
  type AppendOutcome,
  type ChangeLog,
  type TailEvent,
  historyRecordsMax,
} from './log.ts';
import { type Page, type PageRequest, Tails } from './tail.ts';

/** A call that the disk has not answered for so long is given up; an append is then `unknown`. */
export const answerMsMax = 30_000;
/** So many calls may wait at once; more fail at once. */
const callsWaitingMax = 1_000;
/** The file's size at most, unless told otherwise: 4 GiB. */
export const bytesMaxDefault = 4 * 1_073_741_824;

export type EmbeddedLogOptions = {
  /** Where `log.sqlite` lies; made, for this user alone, where it is missing. */
  readonly directory: string;
  readonly randomness: Randomness;
  readonly clock: Clock;
  /** How many records history reaches back before it is forgotten by itself. */
  readonly historyRecordsMax?: number;
  /** Appends that would make the file larger are refused as `log-full`. */
  readonly bytesMax?: number;
};

/** Rejects with `LogUnavailable`. */
export function openEmbeddedLog(options: EmbeddedLogOptions): Promise<ChangeLog> {
  const { randomness } = options;
  const directory = resolve(options.directory);
  const storeOptions: StoreOptions = {
    of: 'log',
    directory,
    logId: logId(randomness.bytes(16)),
    writeId: writeId(randomness.bytes(16)),
    historyRecordsMax: options.historyRecordsMax ?? historyRecordsMax,
    bytesMax: options.bytesMax ?? bytesMaxDefault,
  };
  const thread = new Worker(siblingModule(import.meta.url, './embedded-worker'), {
    name: 'log',
    workerData: storeOptions,
    env: workerEnvironment(),
    // Older releases of Node 24 call node:sqlite experimental; docs/decisions/0003 says why not.
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  return new Promise((resolve, reject) => {
    const onFailure = (thrown: unknown): void => reject(errorOf(thrown));
    thread.once('error', onFailure);
    thread.once('exit', () => reject(new Error('the thread of the log ended as it began')));
    thread.once('message', (message: Message) => {
      thread.off('error', onFailure);
      if (message.kind === 'open') resolve(new EmbeddedLog(thread, message.head, options.clock));
      else if (message.kind === 'failed') reject(new LogUnavailable(message.failure));
    });
  });
}

type Waiting = {
  readonly settle: (result: Result) => void;
  readonly leave: (cause: Error) => void;
  /** What an append that is answered `appended` holds. */
  readonly changes: readonly Change[] | undefined;
};

class EmbeddedLog implements ChangeLog {
  readonly #thread: Worker;
  readonly #clock: Clock;
  readonly #tails: Tails;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: Promise<void>;
  #lastId = 0;
  #told: Revision;
  #closing: Promise<void> | undefined;
  #lost: Error | undefined;

  constructor(thread: Worker, head: Cursor, clock: Clock) {
    this.#thread = thread;
    this.#clock = clock;
    this.#told = head.revision;
    this.#tails = new Tails({
      head,
      clock,
      readPage: (request, signal) => this.#readPage(request, signal),
    });
    thread.on('message', (message: Message) => this.#hear(message));
    thread.on('error', (thrown) => this.#lose(errorOf(thrown)));
    this.#ended = new Promise((resolve) => {
      thread.once('exit', () => {
        this.#lose(new Error('the thread of the log has ended'));
        resolve();
      });
    });
  }

  async append(append: Append, signal: AbortSignal): Promise<AppendOutcome> {
    const size = checkAppend(append);
    if (size === 'too-large') return { kind: 'refused', reason: 'too-large' };
    const { at, writeId } = append;
    const changes = ownChanges(append.changes);
    try {
      const call: Call = { kind: 'append', append: { at, writeId, changes } };
      const result = await this.#call(call, signal, changes);
      assert(result.kind === 'append');
      return result.outcome;
    } catch (thrown) {
      return { kind: 'unknown', cause: errorOf(thrown) };
    }
  }

  tail(from: Cursor | undefined, signal: AbortSignal): AsyncIterable<TailEvent> {
    return this.#tails.tail(from, signal);
  }

  async head(signal: AbortSignal): Promise<Cursor> {
    const result = await this.#call({ kind: 'head' }, signal);
    assert(result.kind === 'head');
    return result.head;
  }

  async proves(cursor: Cursor, signal: AbortSignal): Promise<boolean> {
    const result = await this.#call({ kind: 'proves', cursor }, signal);
    assert(result.kind === 'proves');
    return result.proven;
  }

  async forget(floor: Revision, signal: AbortSignal): Promise<void> {
    await this.#call({ kind: 'forget', floor }, signal);
  }

  /** Calls made before are still answered. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const never = new AbortController().signal;
    // A thread that is lost, or that the disk holds up for too long, has nothing left to close.
    const closed = this.#call({ kind: 'close' }, never).catch(() => this.#thread.terminate());
    this.#tails.end();
    await closed;
    await this.#ended;
  }

  async #readPage(request: PageRequest, signal: AbortSignal): Promise<Page> {
    const result = await this.#call({ kind: 'page', request }, signal);
    assert(result.kind === 'page');
    return result.page;
  }

  /** Rejects when nobody can tell the answer any more; the call may have had its effect. */
  #call(call: Call, signal: AbortSignal, changes?: readonly Change[]): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#closing !== undefined && call.kind !== 'close') return reject(new LogClosed());
      if (this.#lost !== undefined) return reject(this.#lost);
      if (signal.aborted) return reject(errorOf(signal.reason));
      if (this.#waiting.size >= callsWaitingMax) {
        return reject(new Error(`${callsWaitingMax} calls wait for the disk of the log already`));
      }
      this.#lastId += 1;
      const id = this.#lastId;
      const tidy = (): void => {
        cancel();
        signal.removeEventListener('abort', onAbort);
      };
      const leave = (cause: Error): void => {
        tidy();
        reject(cause);
      };
      const onAbort = (): void => leave(errorOf(signal.reason));
      const cancel = this.#clock.after(answerMsMax, () =>
        leave(new Error(`the disk of the log has not answered for ${answerMsMax / 1_000} s`)),
      );
      const settle = (result: Result): void => {
        tidy();
        resolve(result);
      };
      // It stays here when the caller leaves: what was committed is told to the tails in any case.
      this.#waiting.set(id, { settle, leave, changes });
      signal.addEventListener('abort', onAbort, { once: true });
      const numbered: NumberedCall = { id, call };
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
      this.#thread.postMessage(numbered);
    });
  }

  #hear(message: Message): void {
    if (message.kind === 'failed') this.#lose(new LogUnavailable(message.failure));
    if (message.kind !== 'answers') return;
    for (const { id, result } of message.answers) {
      const waiting = this.#waiting.get(id);
      assert(waiting !== undefined, 'each call is answered once');
      this.#waiting.delete(id);
      if (result.kind === 'append') this.#tell(result.outcome, waiting.changes);
      waiting.settle(result);
    }
  }

  /** Answers come in the order of commits; one that repeats an earlier answer brings no record. */
  #tell(outcome: AppendOutcome, changes: readonly Change[] | undefined): void {
    if (outcome.kind !== 'appended' || outcome.cursor.revision <= this.#told) return;
    assert(changes !== undefined, 'an append that waits has its changes with it');
    const { revision, writeId } = outcome.cursor;
    this.#told = revision;
    this.#tails.push({ revision, writeId, changes });
  }

  #lose(cause: Error): void {
    if (this.#lost !== undefined) return;
    this.#lost = cause;
    for (const { leave } of this.#waiting.values()) leave(cause);
    this.#waiting.clear();
    this.#tails.end(cause);
  }
}
