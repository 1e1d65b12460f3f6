/**
 * One question that many ask at a time. An answer counts only for those who asked before the asking
 * began; all who ask while one is under way share the next one.
 */
export class SharedAsking<Answer> {
  readonly #ask: () => Promise<Answer>;
  #underWay: Promise<Answer> | undefined;
  #next: Promise<Answer> | undefined;

  constructor(ask: () => Promise<Answer>) {
    this.#ask = ask;
  }

  /** Rejects where the question does. */
  ask(): Promise<Answer> {
    if (this.#next !== undefined) return this.#next;
    if (this.#underWay === undefined) return this.#begin();
    const begin = (): Promise<Answer> => {
      this.#next = undefined;
      return this.#begin();
    };
    this.#next = this.#underWay.then(begin, begin);
    return this.#next;
  }

  #begin(): Promise<Answer> {
    const asked = this.#ask().finally(() => {
      if (this.#underWay === asked) this.#underWay = undefined;
    });
    this.#underWay = asked;
    return asked;
  }
}
