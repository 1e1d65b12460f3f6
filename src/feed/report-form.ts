/**
 * The report of an edge on the wire: what it says and what it is answered. Its name is not in it:
 * that is the name of the token.
 */
import type { Cursor } from '../base/log-record.ts';
import type { EdgeState, Report, ReportAnswer } from '../log/presence.ts';
import { FeedFault, type Form, isForm, readCursor } from './lines.ts';

export type AnsweredReport = {
  readonly answer: ReportAnswer;
  /** The end of the log, read after the report came. */
  readonly head: Cursor;
  readonly leaseMs: number;
};

const states: readonly EdgeState[] = ['joining', 'serving', 'draining'];
const answers: readonly ReportAnswer[] = ['held', 'older', 'snapshot', 'behind'];

export function writeReport({ beat, serving, session, state }: Omit<Report, 'edge'>): string {
  return JSON.stringify({ session, beat, state, serving: serving ?? null });
}

/** Throws a FeedFault. */
export function readReport(form: Form): Omit<Report, 'edge'> {
  const { beat, serving, session, state } = form;
  const known = states.find((one) => one === state);
  if (known === undefined) throw new FeedFault('state is none of joining, serving and draining');
  const cursor = isForm(serving) ? readCursor(serving) : undefined;
  if (known === 'serving' && cursor === undefined) {
    throw new FeedFault('an edge that serves says up to where');
  }
  return {
    session: readCount('session', session),
    beat: readCount('beat', beat),
    state: known,
    serving: cursor,
  };
}

function readCount(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new FeedFault(`${name} is no whole number`);
}

/** Throws a FeedFault. */
export function readAnswer({ answer, head, leaseMs }: Form): AnsweredReport {
  const known = answers.find((one) => one === answer);
  if (known === undefined || !isForm(head) || typeof leaseMs !== 'number') {
    throw new FeedFault('the answer to a report is not in the form expected');
  }
  return { answer: known, head: readCursor(head), leaseMs };
}
