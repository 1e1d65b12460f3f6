/** What an edge location and its worker threads say to each other; plain data, by structured clone. */
import type { MessagePort } from 'node:worker_threads';
import type { JournalStart } from '../access-log/access-logs.ts';
import type { Cursor } from '../base/log-record.ts';
import type { RecorderOptions } from '../base/recorder.ts';
import type { ListenAddress } from '../base/listen-address.ts';
import type { EdgeSettings } from './settings.ts';

export type WorkerStart = {
  readonly settings: EdgeSettings;
  readonly propagationDelayMs: number;
  /** How often the worker says that it lives. */
  readonly beatMs: number;
  readonly recorder: RecorderOptions;
  readonly accessLog: JournalStart;
  /** The log, read across the thread boundary. */
  readonly log: MessagePort;
};

export type ListeningAt = {
  readonly http: ListenAddress;
  readonly https: ListenAddress | undefined;
};

export type FromWorker =
  /** The whole state was taken and viewers are answered. */
  | { readonly kind: 'listening'; readonly at: ListeningAt }
  /** Sent at each step and at each beat. */
  | { readonly kind: 'serving'; readonly cursor: Cursor }
  /** It cannot start; the thread ends after it. */
  | { readonly kind: 'failed'; readonly message: string };

export type ToWorker =
  | { readonly kind: 'begin-anew' }
  | { readonly kind: 'catch-up' }
  | { readonly kind: 'stop'; readonly graceMs: number };
