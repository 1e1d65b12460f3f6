/**
 * What is written down of an exchange: the way it took and why, for those who look for a cause, and
 * the line of the access log; and it is counted.
 */
import type { Clock } from '../base/clock.ts';
import type { Recorder } from '../base/recorder.ts';
import type { OriginFailure } from '../origin/origin-failure.ts';
import { logAccess, sentBytesOf } from './access-line.ts';
import type { Exchange } from './exchange.ts';
import { resultTypes } from './result-types.ts';
import { routed } from './routed.ts';
import type { ViewerCounts } from './viewer-counts.ts';

export function recordExchange(x: Exchange): void {
  x.edge.recorder.debug(
    {
      requestId: x.id,
      distribution: x.entry?.distributionId,
      tenant: x.entry?.tenantId,
      method: x.request.method,
      path: x.request.path,
      result: x.result,
      steps: x.steps,
    },
    'exchange',
  );
  const account = x.answer.account();
  const types = resultTypes(x, account);
  // What another edge asks its shield for is no viewer's; that edge counts it.
  if (x.shieldNote === undefined) {
    const status = account.head?.status ?? 0;
    x.edge.counts.answered(types.resultType, status, sentBytesOf(x, account));
  }
  logAccess(x, account, types);
}

export function recordBug(x: Exchange, error: unknown): void {
  x.edge.recorder.error({ requestId: x.id, steps: x.steps, error }, 'a bug ended an exchange');
}

const quietMs = 10_000;
const distributionsMax = 1_000;

type Quiet = { readonly untilMs: number; unsaid: number };

/**
 * Failures of origins, told to the operator once in ten seconds for each distribution: an origin that
 * is down fails for every viewer, and the record is written at once by the thread that answers them.
 */
export class FailureRecord {
  readonly #clock: Clock;
  readonly #recorder: Recorder;
  readonly #counts: ViewerCounts;
  readonly #quiet = new Map<string, Quiet>();

  constructor(clock: Clock, recorder: Recorder, counts: ViewerCounts) {
    this.#clock = clock;
    this.#recorder = recorder;
    this.#counts = counts;
  }

  tell(x: Exchange, error: OriginFailure, attempts: number): void {
    this.#counts.originFailed();
    const { behavior, distributionId } = routed(x);
    const nowMs = this.#clock.monotonicMs();
    const quiet = this.#quiet.get(distributionId);
    if (quiet !== undefined && nowMs < quiet.untilMs) {
      quiet.unsaid += 1;
      return;
    }
    this.#quiet.delete(distributionId);
    const [oldest] = this.#quiet.keys();
    if (this.#quiet.size >= distributionsMax && oldest !== undefined) this.#quiet.delete(oldest);
    this.#quiet.set(distributionId, { untilMs: nowMs + quietMs, unsaid: 0 });
    this.#recorder.warn(
      {
        requestId: x.id,
        distribution: distributionId,
        origin: behavior.origin.domainName,
        at: error.at,
        reason: error.reason,
        attempts,
        moreLikeIt: quiet?.unsaid ?? 0,
        error: error.cause,
      },
      'an origin failed',
    );
  }
}
