/**
 * Presence for the embedded home: which edges are live is a table in the memory of the one process
 * that has the log. Leases are counted on the monotonic clock, so that setting the machine's time
 * neither kills an edge nor keeps a dead one alive.
 *
 * The order of an edge's reports is its own (session, then beat), never that of their arrival: a
 * report that comes late, or twice, neither takes back what a later one said nor renews a lease.
 */
import assert from 'node:assert/strict';
import type { Clock } from '../base/clock.ts';
import type { ChangeLog } from './log.ts';
import type { Liveness, Presence, Report, ReportAnswer } from './presence.ts';

/** A name that no document holds is remembered for so many leases after its last report. */
export const strangerLeasesMax = 360;
const headTriesMax = 8;

export type LeaseTableOptions = {
  readonly log: Pick<ChangeLog, 'head' | 'proves'>;
  readonly clock: Clock;
  readonly leaseMs: number;
  /** The names of all edges that have a document in the log. */
  readonly registered: () => ReadonlySet<string>;
  /** Hears of each report that was taken. */
  readonly onReport?: (report: Report) => void;
};

type Lease = { readonly report: Report; readonly takenAtMs: number };

export class LeaseTable implements Presence {
  readonly #options: LeaseTableOptions;
  readonly #startedAtMs: number;
  /** The latest report of each edge. It stays when its lease ends, so that late ones are known. */
  readonly #leases = new Map<string, Lease>();

  constructor(options: LeaseTableOptions) {
    this.#options = options;
    this.#startedAtMs = options.clock.monotonicMs();
  }

  async report(report: Report, signal: AbortSignal): Promise<ReportAnswer> {
    const { session, beat, state, serving } = report;
    assert(Number.isSafeInteger(session) && Number.isSafeInteger(beat), 'reports are numbered');
    assert(state !== 'serving' || serving !== undefined, 'an edge that serves says up to where');
    signal.throwIfAborted();
    const early = this.#knownAlready(report);
    if (early !== undefined) return early;
    if (serving !== undefined) {
      const proven = await this.#options.log.proves(serving, signal);
      signal.throwIfAborted();
      const known = this.#knownAlready(report);
      if (known !== undefined) return known;
      if (!proven) return 'snapshot';
    }
    if (state === 'serving' && serving !== undefined && !this.#isLive(report)) {
      // Nothing may be awaited between this answer and the taking: what is appended after the head
      // was told waits for this edge, what was appended before is served by it.
      const head = await this.#options.log.head(signal);
      signal.throwIfAborted();
      const known = this.#knownAlready(report);
      if (known !== undefined) return known;
      if (serving.revision < head.revision) {
        this.#take({ ...report, state: 'joining' });
        return 'behind';
      }
    }
    this.#take(report);
    return 'held';
  }

  async live(signal: AbortSignal): Promise<Liveness> {
    for (let tries = 0; tries < headTriesMax; tries += 1) {
      const head = await this.#options.log.head(signal);
      signal.throwIfAborted();
      const nowMs = this.#options.clock.monotonicMs();
      const standing = [...this.#leases.values()].filter((lease) => this.#stands(lease, nowMs));
      const reports = standing.map(({ report }) => report);
      // An edge that took a record after the head was read: ask again, for one moment of both.
      if (reports.some(({ serving }) => serving && serving.revision > head.revision)) continue;
      return { head, reports, settled: this.#settled(nowMs) };
    }
    throw new Error('edges serve beyond the end of the log');
  }

  #take(report: Report): void {
    const takenAtMs = this.#options.clock.monotonicMs();
    if (!this.#leases.has(report.edge)) this.#dropStrangers(takenAtMs);
    this.#leases.set(report.edge, { report, takenAtMs });
    this.#options.onReport?.(report);
  }

  /**
   * The answer to a report that is no news; asked anew after each wait, as others may have come in.
   * The same report again (its answer was lost, or the network doubled it) is answered as at first
   * and renews nothing: it may have been sent long ago.
   */
  #knownAlready({ edge, session, beat, state }: Report): ReportAnswer | undefined {
    const known = this.#leases.get(edge)?.report;
    if (known === undefined) return undefined;
    const order = session === known.session ? beat - known.beat : session - known.session;
    if (order < 0) return 'older';
    if (order > 0) return undefined;
    return known.state === state ? 'held' : 'behind';
  }

  /** Whether this report only carries on what counts already: nothing it serves is taken back. */
  #isLive({ edge, session, serving }: Report): boolean {
    const lease = this.#leases.get(edge);
    return (
      lease !== undefined &&
      lease.report.session === session &&
      lease.report.state === 'serving' &&
      (lease.report.serving?.revision ?? 0) <= (serving?.revision ?? 0) &&
      this.#stands(lease, this.#options.clock.monotonicMs())
    );
  }

  #settled(nowMs: number): boolean {
    if (nowMs - this.#startedAtMs >= this.#options.leaseMs) return true;
    for (const name of this.#options.registered()) {
      if (!this.#leases.has(name)) return false;
    }
    return true;
  }

  #stands({ takenAtMs }: Lease, nowMs: number): boolean {
    return nowMs - takenAtMs < this.#options.leaseMs;
  }

  /** Names come and go; the table stays as large as the edges that are registered or talk. */
  #dropStrangers(nowMs: number): void {
    const registered = this.#options.registered();
    for (const [name, { takenAtMs }] of this.#leases) {
      const leases = (nowMs - takenAtMs) / this.#options.leaseMs;
      if (leases > strangerLeasesMax && !registered.has(name)) this.#leases.delete(name);
    }
  }
}
