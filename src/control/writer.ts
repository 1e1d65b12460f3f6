/**
 * Writing: decide, append, know. Writes of this process go one after another; each is decided on
 * the catalog as it stands, and appended on condition that nothing came since. What came first is
 * folded and the decision made again; an unknown outcome is settled by asking the log again.
 */
import { pause, type Clock } from '../base/clock.ts';
import { writeId, type Cursor } from '../base/log-record.ts';
import type { Randomness } from '../base/randomness.ts';
import type { Append, AppendOutcome, ChangeLog } from '../log/log.ts';
import type { Decision } from '../model/decision.ts';
import { Refusal } from '../model/refusal.ts';

const triesMax = 20;
const decidingMsMax = 5_000;
const unknownMsMax = 10_000;
const backOffMsMin = 50;
const backOffMsMax = 1_000;
/** Where the log has been out of reach for longer, changes are refused at once. */
const lostMsMax = 3_000;
const writeIdBytes = 16;
/** Commands that may wait for their turn; more are refused at once. */
const waitingMax = 1_000;

export type WriterParts = {
  readonly log: Pick<ChangeLog, 'append'>;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly signal: AbortSignal;
  /** The cursor that the catalog stands at; undefined while it is behind or being rebuilt. */
  readonly standing: () => Cursor | undefined;
  /** How long the log has been out of reach. */
  readonly lostForMs: () => number;
  /** Resolves when the catalog stands at a revision of at least this; 0 for any. */
  readonly folded: (revision: number, signal: AbortSignal) => Promise<void>;
};

export class Writer {
  readonly #parts: WriterParts;
  #queue: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(parts: WriterParts) {
    this.#parts = parts;
  }

  /** Rejects with a Refusal of the decision, or with ServiceUnavailable where the log cannot take it. */
  write<Answer>(decide: () => Decision<Answer> | Promise<Decision<Answer>>): Promise<Answer> {
    if (this.#waiting >= waitingMax) {
      return Promise.reject(unavailable('too many changes wait for their turn.'));
    }
    if (this.#parts.lostForMs() > lostMsMax) return Promise.reject(unavailable(outOfReach));
    this.#waiting += 1;
    const turn = this.#queue
      .then(() => this.#decideAndAppend(decide))
      .finally(() => {
        this.#waiting -= 1;
      });
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  async #decideAndAppend<Answer>(
    decide: () => Decision<Answer> | Promise<Decision<Answer>>,
  ): Promise<Answer> {
    const { clock, randomness, signal, standing } = this.#parts;
    const giveUp = clock.monotonicMs() + decidingMsMax;
    const identity = writeId(randomness.bytes(writeIdBytes));
    for (let tries = 0; tries < triesMax; tries += 1) {
      if (this.#parts.lostForMs() > lostMsMax) throw unavailable(outOfReach);
      const at = standing();
      if (at === undefined) {
        await this.#foldedUntil(0, giveUp);
        continue;
      }
      const { answer, changes } = await decide();
      if (changes.length === 0) return answer;
      const stillAt = standing();
      if (stillAt === undefined || stillAt.revision !== at.revision) continue;
      const outcome = await this.#append({ at, changes, writeId: identity });
      if (outcome.kind === 'appended') {
        await this.#foldedUntil(outcome.cursor.revision, clock.monotonicMs() + decidingMsMax);
        return answer;
      }
      if (outcome.kind === 'refused') {
        throw unavailable(
          outcome.reason === 'log-full'
            ? 'the log is full; its operator has to make room.'
            : 'the change is larger than the log takes.',
        );
      }
      if (clock.monotonicMs() > giveUp) break;
      await pause(clock, randomness.fraction() * backOffMsMin, signal);
      await this.#foldedUntil(at.revision + 1, giveUp);
    }
    throw unavailable('other changes came first each time.');
  }

  /** Repeats the very same call until the log says which it is. */
  async #append(append: Append): Promise<Exclude<AppendOutcome, { kind: 'unknown' }>> {
    const { clock, log, randomness, signal } = this.#parts;
    const giveUp = clock.monotonicMs() + unknownMsMax;
    for (let backOff = backOffMsMin; ; backOff = Math.min(backOff * 2, backOffMsMax)) {
      const outcome = await log.append(append, signal);
      if (outcome.kind !== 'unknown') return outcome;
      if (clock.monotonicMs() > giveUp) {
        throw unavailable('whether it was recorded is not known yet.', outcome.cause);
      }
      await pause(clock, backOff * (0.5 + randomness.fraction() / 2), signal);
    }
  }

  async #foldedUntil(revision: number, giveUp: number): Promise<void> {
    const { clock, folded, signal } = this.#parts;
    const late = new AbortController();
    const cancel = clock.after(Math.max(0, giveUp - clock.monotonicMs()), () =>
      late.abort(unavailable('the log has not answered.')),
    );
    try {
      await folded(revision, AbortSignal.any([signal, late.signal]));
    } finally {
      cancel();
    }
  }
}

const outOfReach = 'the log is out of reach.';

function unavailable(why: string, cause?: Error): Refusal {
  const refusal = new Refusal('ServiceUnavailable', { why });
  if (cause !== undefined) refusal.cause = cause;
  return refusal;
}
