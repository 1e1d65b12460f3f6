/**
 * An edge's reports, to whichever API it follows. The lease is counted from when the last report that
 * was answered was sent: near its end the edge counts as detached, before an API forgets it.
 */
import type { Clock } from '../base/clock.ts';
import type { Cursor } from '../base/log-record.ts';
import type { Presence, Report, ReportAnswer } from '../log/presence.ts';
import type { ApiContact } from './contact.ts';
import { readAnswer, writeReport } from './report-form.ts';

export type ReportsParts = {
  readonly contact: ApiContact;
  readonly clock: Clock;
  readonly leaseMs: () => number;
  /** Undefined, or why nothing is reported now: the lease lapses, and the edge holds no status back. */
  readonly unfit: () => Error | undefined;
  /** Hears the end of the log after each report. */
  readonly onHead: (head: Cursor) => void;
  /** The history that the edge follows is gone: it has to take a whole state. */
  readonly onUnproven: () => void;
};

/** So long before the end of a lease, and at most a fifth of it, contact counts as lost. */
const marginMs = 2_000;

export class Reports implements Pick<Presence, 'report'> {
  readonly #parts: ReportsParts;
  #heldFromMs: number | undefined;
  #isLive = false;

  constructor(parts: ReportsParts) {
    this.#parts = parts;
  }

  /** Whether an API counts this edge, as far as the edge can know. */
  get isLive(): boolean {
    const { clock, leaseMs } = this.#parts;
    if (this.#heldFromMs === undefined || !this.#isLive) return false;
    const lease = leaseMs();
    return clock.monotonicMs() - this.#heldFromMs < lease - Math.min(marginMs, lease / 5);
  }

  async report(report: Report, signal: AbortSignal): Promise<ReportAnswer> {
    const { clock, contact, onHead, onUnproven, unfit } = this.#parts;
    const why = unfit();
    if (why !== undefined) throw why;
    const sentMs = clock.monotonicMs();
    // The last word of an edge that stops goes out although the edge gives up all else.
    const until = report.state === 'draining' ? new AbortController().signal : signal;
    const body = writeReport(report);
    const path = '/_warmfront/report';
    const given = await contact.ask({ method: 'POST', path, body }, until);
    const { answer, head } = readAnswer(given);
    onHead(head);
    this.#isLive = answer === 'held' && report.state === 'serving';
    if (this.#isLive) this.#heldFromMs = sentMs;
    if (answer !== 'snapshot') return answer;
    onUnproven();
    // The workers follow this machine's copy, and hear of the whole state from there.
    return 'behind';
  }
}
