/**
 * Asks presence which edges are live. An answer counts only for those who asked before the asking
 * began; all who ask while one is under way share the next one.
 */
import type { Liveness, Presence } from '../log/presence.ts';

export class LivenessAsker {
  readonly #presence: Pick<Presence, 'live'>;
  readonly #signal: AbortSignal;
  #underWay: Promise<Liveness> | undefined;
  #next: Promise<Liveness> | undefined;

  constructor(presence: Pick<Presence, 'live'>, signal: AbortSignal) {
    this.#presence = presence;
    this.#signal = signal;
  }

  /** Rejects where presence cannot tell; then nothing may be called `Deployed`. */
  ask(): Promise<Liveness> {
    if (this.#next !== undefined) return this.#next;
    if (this.#underWay === undefined) return this.#begin();
    const begin = (): Promise<Liveness> => {
      this.#next = undefined;
      return this.#begin();
    };
    this.#next = this.#underWay.then(begin, begin);
    return this.#next;
  }

  #begin(): Promise<Liveness> {
    const asked = this.#presence.live(this.#signal).finally(() => {
      if (this.#underWay === asked) this.#underWay = undefined;
    });
    this.#underWay = asked;
    return asked;
  }
}
