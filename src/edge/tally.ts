/** How much of something is in use by all exchanges of a worker, against the most of it. */
export class Tally {
  readonly #max: number;
  #inUse = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get inUse(): number {
    return this.#inUse;
  }

  /** As much as there may be, or more. */
  get isFull(): boolean {
    return this.#inUse >= this.#max;
  }

  /** More than there may be. */
  get isOver(): boolean {
    return this.#inUse > this.#max;
  }

  take(amount: number): void {
    this.#inUse += amount;
  }

  giveBack(amount: number): void {
    this.#inUse -= amount;
  }
}
