/**
 * How a report of an edge is judged by the one that is known of it; alike wherever reports are kept.
 * The order of an edge's reports is its own (session, then beat), never that of their arrival.
 */
import assert from 'node:assert/strict';
import type { Cursor } from '../base/log-record.ts';
import type { Report, ReportAnswer } from './presence.ts';

/** Throws for what only a bug can ask for. */
export function checkReport({ beat, serving, session, state }: Report): void {
  assert(Number.isSafeInteger(session) && Number.isSafeInteger(beat), 'reports are numbered');
  assert(state !== 'serving' || serving !== undefined, 'an edge that serves says up to where');
}

/**
 * The answer to a report that is no news. The same report again (its answer was lost, or the
 * network doubled it) is answered as at first and renews nothing: it may have been sent long ago.
 */
export function answerIfKnown(report: Report, known: Report | undefined): ReportAnswer | undefined {
  if (known === undefined) return undefined;
  const { beat, session, state } = report;
  const order = session === known.session ? beat - known.beat : session - known.session;
  if (order < 0) return 'older';
  if (order > 0) return undefined;
  return known.state === state ? 'held' : 'behind';
}

/**
 * Whether a report only carries on what counts already, so that nothing an edge serves is taken
 * back; `standing` is what its lease stands for.
 */
export function carriesOn({ serving, session }: Report, standing: Report | undefined): boolean {
  return (
    standing !== undefined &&
    standing.session === session &&
    standing.state === 'serving' &&
    (standing.serving?.revision ?? 0) <= (serving?.revision ?? 0)
  );
}

/** Whether `reached` says more than what was reached before; points of another log say nothing. */
export function isFurther(reached: Cursor, before: Cursor | undefined): boolean {
  return (
    before === undefined || before.logId !== reached.logId || before.revision < reached.revision
  );
}
