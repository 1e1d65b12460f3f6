/**
 * The access logs of a server: gives each edge worker what its journal needs, and keeps the thread
 * that delivers. That thread starts when there is something to deliver and not before, since most
 * servers on a laptop log nothing.
 */
import { rm, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { Clock } from '../base/clock.ts';
import type { Randomness } from '../base/randomness.ts';
import type { Recorder, RecorderOptions } from '../base/recorder.ts';
import { siblingModule, workerEnvironment } from '../base/worker-file.ts';
import type { DeliveryStart, FromDelivery, ToDelivery } from './delivery-messages.ts';
import type { FieldSet } from './fields.ts';
import { nothingShipped, type ShippedCounts, sumOfCounts } from './shipped-counts.ts';
import { closedEnding, journalIdOf, openEnding, spoolFolderName } from './spool.ts';
import { namesIn, spoolFolders } from './spool-folders.ts';
import type { LogStore } from './store-destination.ts';

export type AccessLogSettings = {
  /** Absolute; holds a folder for each edge. Nothing is made there before the first line. */
  readonly root: string;
  /** The folder goes with the server, and what it holds with it. */
  readonly isTemporary: boolean;
  readonly fields: FieldSet;
  /** How long lines gather before they go to their bucket. */
  readonly intervalMs: number;
  readonly spoolBytesMax: number;
  readonly buckets: Readonly<Record<string, string>>;
  readonly store: LogStore | undefined;
  /** Of all edge locations together. */
  readonly workers: number;
};

export type AccessLogParts = {
  readonly settings: AccessLogSettings;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly recorder: Recorder;
  /** For the recorder of the thread. */
  readonly recorderOptions: RecorderOptions;
};

/** What an edge worker's thread makes its `Journal` from; crosses to it. */
export type JournalStart = {
  readonly folder: string;
  readonly id: string;
  readonly fields: FieldSet;
  readonly intervalMs: number;
  readonly fileBytesMax: number;
  /** Any message says that a file was closed. */
  readonly notices: MessagePort;
};

export type StartedJournal = {
  readonly start: JournalStart;
  /** The thread is gone, in whatever way: what it left open is closed. */
  readonly ended: () => void;
};

const fileBytesMax = 50_000_000;
const stopMs = 3_000;
const restartMs = 1_000;

export class AccessLogs {
  readonly #parts: AccessLogParts;
  readonly #root: string;
  /** Of journals that a thread may still write. */
  readonly #alive = new Set<string>();
  #thread: Worker | undefined;
  #stopping = false;
  #counts = nothingShipped;
  #tidying: Promise<void> = Promise.resolve();

  constructor(parts: AccessLogParts) {
    this.#parts = parts;
    this.#root = parts.settings.root;
  }

  /** What was delivered and dropped since the server started. */
  get counts(): ShippedCounts {
    return this.#counts;
  }

  /** Takes up what an earlier run left; resolves once it is closed, not once it is delivered. */
  start(): Promise<void> {
    return this.#takeUp();
  }

  /** For one thread of the edge location of that name. */
  startJournal(edge: string): StartedJournal {
    const { randomness, settings } = this.#parts;
    const { fields, intervalMs, spoolBytesMax, workers } = settings;
    const id = Buffer.from(randomness.bytes(10)).toString('hex');
    this.#alive.add(id);
    const { port1, port2 } = new MessageChannel();
    port1.on('message', () => this.#deliver());
    port1.unref();
    return {
      start: {
        folder: join(this.#root, edge, spoolFolderName),
        id,
        fields,
        intervalMs,
        // All files that are open take a quarter of the spool at most.
        fileBytesMax: Math.min(fileBytesMax, Math.floor(spoolBytesMax / 4 / workers)),
        notices: port2,
      },
      ended: () => {
        this.#alive.delete(id);
        port1.close();
        this.#tidying = this.#tidying.then(() => this.#takeUp());
      },
    };
  }

  /** Delivers what is there, for a few seconds at most. Comes after the last thread has ended. */
  async stop(): Promise<void> {
    await this.#tidying;
    this.#stopping = true;
    const thread = this.#thread;
    if (thread !== undefined) {
      const ended = new Promise((resolve) => thread.once('exit', resolve));
      say(thread, { kind: 'stop', graceMs: stopMs });
      const cancel = this.#parts.clock.after(stopMs * 1.5, () => void thread.terminate());
      await ended;
      cancel();
    }
    if (this.#parts.settings.isTemporary) await this.#remove();
  }

  /** Closes what no thread writes any more. */
  async #takeUp(): Promise<void> {
    try {
      let found = false;
      for (const folder of await spoolFolders(this.#root)) {
        for (const name of await namesIn(folder)) {
          found = true;
          const id = journalIdOf(name);
          if (!name.endsWith(openEnding) || id === undefined || this.#alive.has(id)) continue;
          await this.#close(join(folder, name));
        }
      }
      if (found) this.#deliver();
    } catch (error) {
      this.#parts.recorder.error({ error }, 'the spool of access logs cannot be read');
    }
  }

  async #close(path: string): Promise<void> {
    try {
      await rename(path, `${path.slice(0, -openEnding.length)}${closedEnding}`);
    } catch (error) {
      this.#parts.recorder.error({ path, error }, 'a journal of access logs cannot be closed');
    }
  }

  #deliver(): void {
    if (this.#stopping) return;
    if (this.#thread === undefined) this.#thread = this.#startThread();
    else say(this.#thread, { kind: 'look' });
  }

  #startThread(): Worker {
    const { clock, recorder, recorderOptions, settings } = this.#parts;
    const { buckets, spoolBytesMax, store } = settings;
    const start: DeliveryStart = {
      root: this.#root,
      buckets,
      store,
      spoolBytesMax,
      recorder: recorderOptions,
    };
    const thread = new Worker(siblingModule(import.meta.url, './delivery-worker'), {
      name: 'access log delivery',
      workerData: start,
      env: workerEnvironment(),
    });
    const before = this.#counts;
    thread.on('message', ({ counts }: FromDelivery) => {
      this.#counts = sumOfCounts(before, counts);
    });
    thread.once('error', (error) => {
      recorder.error({ error }, 'the delivery of access logs died');
    });
    thread.once('exit', () => {
      this.#thread = undefined;
      if (!this.#stopping) clock.after(restartMs, () => this.#deliver());
    });
    return thread;
  }

  async #remove(): Promise<void> {
    const left = (await Promise.all((await spoolFolders(this.#root)).map(namesIn))).flat();
    if (left.length > 0) {
      this.#parts.recorder.error(
        { files: left.length },
        'access logs that no bucket took go with the server, as it keeps nothing on disk',
      );
    }
    await rm(this.#root, { recursive: true, force: true });
  }
}

function say(thread: Worker, message: ToDelivery): void {
  thread.postMessage(message);
}
