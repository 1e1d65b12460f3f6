/** What an edge location and its worker threads say to each other; plain data, by structured clone. */
import type { MessagePort } from 'node:worker_threads';
import type { JournalStart } from '../access-log/access-logs.ts';
import type { Cursor } from '../base/log-record.ts';
import type { RecorderOptions } from '../base/recorder.ts';
import type { ListenAddress } from '../base/listen-address.ts';
import type { CertificateAndKey, EdgeSettings } from './settings.ts';

export type WorkerStart = {
  readonly settings: EdgeSettings;
  /** Of the workers of its location, from 0. */
  readonly index: number;
  readonly propagationDelayMs: number;
  /** How often the worker says that it lives. */
  readonly beatMs: number;
  readonly recorder: RecorderOptions;
  readonly accessLog: JournalStart;
  /** Where it counts what it answers (viewer-counts.ts). */
  readonly counts: SharedArrayBuffer;
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
  /** The local authority is asked for a certificate for this name. */
  | { readonly kind: 'certificate-wanted'; readonly name: string }
  /** It cannot start; the thread ends after it. */
  | { readonly kind: 'failed'; readonly message: string };

export type ToWorker =
  | { readonly kind: 'begin-anew' }
  | { readonly kind: 'catch-up' }
  /** The answer to `certificate-wanted`; undefined where there is none now. */
  | {
      readonly kind: 'certificate';
      readonly name: string;
      readonly issued: CertificateAndKey | undefined;
    }
  | { readonly kind: 'default-certificate'; readonly renewed: CertificateAndKey }
  | { readonly kind: 'ticket-keys'; readonly keys: Uint8Array }
  /** Viewers are asked to go elsewhere next time; `stop` follows. */
  | { readonly kind: 'retire' }
  | { readonly kind: 'stop'; readonly graceMs: number };
