/**
 * Presence: which edges are live, and up to which point each serves. Only a report from an edge
 * renews its lease, so a status that is computed from `live()` is a fact and not a guess.
 */
import type { Cursor } from '../base/log-record.ts';

export type EdgeState = 'joining' | 'serving' | 'draining';

export type Report = {
  readonly edge: string;
  /** Rises with each start of the edge. */
  readonly session: number;
  /** Rises with each report of a session. */
  readonly beat: number;
  readonly state: EdgeState;
  /** The point up to which all workers of the edge serve; undefined while joining for the first time. */
  readonly serving: Cursor | undefined;
};

export type ReportAnswer =
  | 'held'
  /** A later report of this edge is known. */
  | 'older'
  /** `serving` is no point of this log's history, so the edge has to begin anew. */
  | 'snapshot'
  /**
   * The edge was not live, and serves less than the head. Something may have been called `Deployed`
   * without it, so it counts as joining until it has caught up: it takes what it has heard at once.
   */
  | 'behind';

export type Liveness = {
  readonly head: Cursor;
  /** Every report whose lease stands, whatever its state. */
  readonly reports: readonly Report[];
  /**
   * False for one lease after the log starts, unless every registered edge has reported: edges that
   * run may not have reported yet, so nothing new may be called `Deployed`.
   */
  readonly settled: boolean;
  /** The furthest point that any API process gave to `latch`. */
  readonly reached: Cursor | undefined;
};

export interface Presence {
  /** Resolves once every API process would see it; the lease runs on from there. */
  report(report: Report, signal: AbortSignal): Promise<ReportAnswer>;
  /** At one moment for every API process; rejects rather than guess. */
  live(signal: AbortSignal): Promise<Liveness>;
  /**
   * Keeps, for every API process, that all live edges have served up to here at one moment: what was
   * once said to be deployed stays said, whoever is asked, and when no edge is left.
   */
  latch(reached: Cursor, signal: AbortSignal): Promise<void>;
}
