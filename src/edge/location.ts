/**
 * An edge location: worker threads that answer viewers, and the one number they have in common. It
 * starts them, starts a new one where one died, and reports the position that all of them serve.
 *
 * A report is sent only because the workers said so: a location whose workers hang lets its lease
 * lapse, and so holds nobody's status back with a promise that it cannot keep.
 */
import type { Worker } from 'node:worker_threads';
import { pause, type Clock } from '../base/clock.ts';
import type { Cursor } from '../base/log-record.ts';
import type { Randomness } from '../base/randomness.ts';
import type { Recorder } from '../base/recorder.ts';
import type { EdgeState, Presence } from '../log/presence.ts';
import type { FromWorker, ListeningAt, ToWorker } from './messages.ts';
import type { ListenAddress } from '../base/listen-address.ts';
import type { CertificateAndKey, EdgeSettings, TlsSettings } from './settings.ts';

export type LocationParts = {
  readonly settings: EdgeSettings;
  readonly workers: number;
  readonly leaseMs: number;
  readonly presence: Pick<Presence, 'report'>;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly recorder: Recorder;
  /** Of the local authority. */
  readonly certificateFor: (name: string) => Promise<CertificateAndKey>;
  /** Starts the thread of one worker, which speaks `FromWorker` and `ToWorker`. */
  readonly startWorker: (settings: EdgeSettings, index: number) => Worker;
};

type Member = {
  readonly worker: Worker;
  serving: Cursor | undefined;
  heardMs: number;
};

export const ticketKeysBytes = 48;
/** Whoever learns a key can read the TLS 1.2 sessions that were begun in this time. */
const ticketKeysMs = 12 * 3_600_000;
const restartMsMin = 100;
const restartMsMax = 5_000;

export class EdgeLocation {
  readonly #parts: LocationParts;
  readonly #session: number;
  readonly #members = new Map<number, Member>();
  readonly #stop = new AbortController();
  #settings: EdgeSettings;
  #beat = 0;
  #state: EdgeState = 'joining';
  #reporting = false;
  #reportAgain = false;
  #reportsFail = false;
  #cancelRenewal: (() => void) | undefined;

  constructor(parts: LocationParts) {
    this.#parts = parts;
    this.#settings = parts.settings;
    this.#session = parts.clock.now();
  }

  get name(): string {
    return this.#settings.name;
  }

  /** Resolves once every worker answers viewers; rejects where one cannot start. */
  async start(): Promise<ListeningAt> {
    const at = await this.#run(0);
    if (this.#settings.https !== undefined) this.#renewTicketKeys();
    // A port that was chosen freely is the same for all workers.
    this.#settings = listenAt(this.#settings, at);
    const others = Array.from({ length: this.#parts.workers - 1 }, (_, index) => index + 1);
    await Promise.all(others.map((index) => this.#run(index)));
    return at;
  }

  /** Serves on, and lets all who ask for an edge know that it is not to be named any more. */
  drain(): void {
    this.#state = 'draining';
    this.#report();
    this.#sayToAll({ kind: 'retire' });
  }

  /** Takes no more viewers, finishes what is in flight within `graceMs`, and ends the threads. */
  async stop(graceMs: number): Promise<void> {
    this.#state = 'draining';
    this.#report();
    this.#stop.abort(new Error('the edge location stops'));
    this.#cancelRenewal?.();
    await Promise.all(
      [...this.#members.values()].map(async ({ worker }) => {
        const ended = new Promise((resolve) => worker.once('exit', resolve));
        say(worker, { kind: 'stop', graceMs });
        const cancel = this.#parts.clock.after(graceMs * 1.5 + 500, () => void worker.terminate());
        await ended;
        cancel();
      }),
    );
  }

  /** Gives all workers another default certificate, those that start later too. */
  renewCertificate(renewed: CertificateAndKey): void {
    this.#changeTls(renewed);
    this.#sayToAll({ kind: 'default-certificate', renewed });
  }

  /** Ends one worker thread as a crash would; for tests of what follows from it. */
  async crashWorker(index: number): Promise<void> {
    await this.#members.get(index)?.worker.terminate();
  }

  /** Tickets of before are worth nothing then: viewers shake hands anew, once. */
  #renewTicketKeys(): void {
    const { clock, randomness } = this.#parts;
    this.#cancelRenewal = clock.after(ticketKeysMs, () => {
      const ticketKeys = randomness.bytes(ticketKeysBytes);
      this.#changeTls({ ticketKeys });
      this.#sayToAll({ kind: 'ticket-keys', keys: ticketKeys });
      this.#renewTicketKeys();
    });
  }

  #changeTls(changed: Partial<TlsSettings>): void {
    const { https } = this.#settings;
    if (https === undefined) return;
    this.#settings = { ...this.#settings, https: { ...https, ...changed } };
  }

  #sayToAll(message: ToWorker): void {
    for (const { worker } of this.#members.values()) say(worker, message);
  }

  #run(index: number): Promise<ListeningAt> {
    const { clock, recorder } = this.#parts;
    const worker = this.#parts.startWorker(this.#settings, index);
    const member: Member = { worker, serving: undefined, heardMs: clock.monotonicMs() };
    this.#members.set(index, member);
    return new Promise((resolve, reject) => {
      let listening = false;
      let failure: Error | undefined;
      worker.on('message', (message: FromWorker) => {
        member.heardMs = clock.monotonicMs();
        if (message.kind === 'listening') {
          listening = true;
          if (this.#state === 'draining') say(worker, { kind: 'retire' });
          resolve(message.at);
        } else if (message.kind === 'serving') {
          member.serving = message.cursor;
          if (this.#state === 'joining') this.#state = 'serving';
          this.#report();
        } else if (message.kind === 'certificate-wanted') {
          void this.#issueCertificate(worker, message.name);
        } else {
          failure = new Error(message.message);
          // Its follower and its port would keep the thread going.
          void worker.terminate();
        }
      });
      worker.once('error', (error) => {
        failure = error instanceof Error ? error : new Error(String(error));
      });
      worker.once('exit', (code) => {
        this.#members.delete(index);
        const error = failure ?? new Error(`the worker thread ended with code ${code}`);
        if (!listening) return reject(error);
        if (this.#stop.signal.aborted) return;
        recorder.error({ edge: this.name, worker: index, error }, 'an edge worker died');
        if (this.#state === 'serving' && this.#servingTogether() === undefined) {
          this.#state = 'joining';
        }
        this.#report();
        void this.#restart(index);
      });
    });
  }

  /** Always answered, so that no handshake waits for what does not come. */
  async #issueCertificate(worker: Worker, name: string): Promise<void> {
    let issued: CertificateAndKey | undefined;
    try {
      issued = await this.#parts.certificateFor(name);
    } catch (error) {
      const { recorder } = this.#parts;
      recorder.error({ edge: this.name, name, error }, 'no certificate could be made for a name');
    }
    say(worker, { kind: 'certificate', name, issued });
  }

  async #restart(index: number): Promise<void> {
    const { clock, recorder } = this.#parts;
    let waitMs = restartMsMin;
    while (!this.#stop.signal.aborted) {
      try {
        await pause(clock, waitMs, this.#stop.signal);
        await this.#run(index);
        recorder.info({ edge: this.name, worker: index }, 'an edge worker serves again');
        return;
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        recorder.error({ edge: this.name, worker: index, error }, 'an edge worker does not start');
        waitMs = Math.min(waitMs * 2, restartMsMax);
      }
    }
  }

  /** The least of what the workers that answer viewers serve. */
  #servingTogether(): Cursor | undefined {
    let least: Cursor | undefined;
    for (const { serving } of this.#members.values()) {
      if (serving !== undefined && (least === undefined || serving.revision < least.revision)) {
        least = serving;
      }
    }
    return least;
  }

  #allAreHeard(): boolean {
    const sinceMs = this.#parts.clock.monotonicMs() - this.#parts.leaseMs / 2;
    return [...this.#members.values()].every(
      ({ heardMs, serving }) => serving === undefined || heardMs >= sinceMs,
    );
  }

  /** One report is under way at a time; what comes meanwhile is in the next one. */
  #report(): void {
    if (this.#reporting) {
      this.#reportAgain = true;
      return;
    }
    if (!this.#allAreHeard()) return;
    this.#reporting = true;
    void this.#sendReport().finally(() => {
      this.#reporting = false;
      if (!this.#reportAgain) return;
      this.#reportAgain = false;
      this.#report();
    });
  }

  async #sendReport(): Promise<void> {
    const { presence, recorder } = this.#parts;
    this.#beat += 1;
    try {
      const answer = await presence.report(
        {
          edge: this.name,
          session: this.#session,
          beat: this.#beat,
          state: this.#state,
          serving: this.#servingTogether(),
        },
        this.#stop.signal,
      );
      if (this.#reportsFail)
        recorder.info({ edge: this.name }, 'reports of an edge are taken again');
      this.#reportsFail = false;
      if (answer === 'snapshot') {
        recorder.warn({ edge: this.name }, 'the history this edge follows is gone; it begins anew');
        for (const { worker } of this.#members.values()) say(worker, { kind: 'begin-anew' });
      } else if (answer === 'behind') {
        for (const { worker } of this.#members.values()) say(worker, { kind: 'catch-up' });
      }
    } catch (error) {
      // Told once: an edge machine without contact would say it several times a lease.
      if (this.#stop.signal.aborted || this.#reportsFail) return;
      this.#reportsFail = true;
      recorder.warn({ edge: this.name, error }, 'the report of an edge was not taken');
    }
  }
}

function say(worker: Worker, message: ToWorker): void {
  worker.postMessage(message);
}

function listenAt(settings: EdgeSettings, at: ListeningAt): EdgeSettings {
  const http: ListenAddress = { ...settings.http, port: at.http.port };
  const { https } = settings;
  if (https === undefined || at.https === undefined) return { ...settings, http };
  return { ...settings, http, https: { ...https, port: at.https.port } };
}
