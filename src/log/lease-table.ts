/**
 * Presence for the embedded home: which edges are live is a table in the memory of the one process
 * that has the log. Leases are counted on the monotonic clock, so that setting the machine's time
 * neither kills an edge nor keeps a dead one alive.
 *
 * The order of an edge's reports is its own (session, then beat), never that of their arrival: a
 * report that comes late, or twice, neither takes back what a later one said nor renews a lease.
 */
import type { Clock } from '../base/clock.ts';
import type { Cursor } from '../base/log-record.ts';
import type { ChangeLog } from './log.ts';
import type { Liveness, Presence, Report, ReportAnswer } from './presence.ts';
import { answerIfKnown, carriesOn, checkReport, isFurther } from './report-rules.ts';

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
  #reached: Cursor | undefined;

  constructor(options: LeaseTableOptions) {
    this.#options = options;
    this.#startedAtMs = options.clock.monotonicMs();
  }

  async report(report: Report, signal: AbortSignal): Promise<ReportAnswer> {
    checkReport(report);
    const { state, serving } = report;
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
      return { head, reports, settled: this.#settled(nowMs), reached: this.#reached };
    }
    throw new Error('edges serve beyond the end of the log');
  }

  async latch(reached: Cursor): Promise<void> {
    if (isFurther(reached, this.#reached)) this.#reached = reached;
  }

  #take(report: Report): void {
    const takenAtMs = this.#options.clock.monotonicMs();
    if (!this.#leases.has(report.edge)) this.#dropStrangers(takenAtMs);
    this.#leases.set(report.edge, { report, takenAtMs });
    this.#options.onReport?.(report);
  }

  /** Asked anew after each wait, as others may have come in. */
  #knownAlready(report: Report): ReportAnswer | undefined {
    return answerIfKnown(report, this.#leases.get(report.edge)?.report);
  }

  #isLive(report: Report): boolean {
    const lease = this.#leases.get(report.edge);
    if (lease === undefined || !this.#stands(lease, this.#options.clock.monotonicMs()))
      return false;
    return carriesOn(report, lease.report);
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
