/**
 * A clock that moves only when told. What is due happens in the order of its time; between two such
 * moments everything that was set off by the one before comes to rest.
 */
import { instant, type Clock, type Instant } from '../../src/base/clock.ts';

type Due = { readonly atMs: number; readonly order: number; readonly act: () => void };

export class ManualClock implements Clock {
  readonly #startedAt: number;
  #elapsedMs = 0;
  #order = 0;
  #due: Due[] = [];

  constructor(startedAt = Date.UTC(2026, 0, 1)) {
    this.#startedAt = startedAt;
  }

  now(): Instant {
    return instant(this.#startedAt + Math.floor(this.#elapsedMs));
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  after(delayMs: number, act: () => void): () => void {
    this.#order += 1;
    const due = { atMs: this.#elapsedMs + Math.max(0, delayMs), order: this.#order, act };
    this.#due.push(due);
    return () => {
      this.#due = this.#due.filter((other) => other !== due);
    };
  }

  /** Moves time on by `ms`. */
  async passes(ms: number): Promise<void> {
    const end = this.#elapsedMs + ms;
    await settle();
    for (let due = this.#takeDue(end); due !== undefined; due = this.#takeDue(end)) {
      this.#elapsedMs = Math.max(this.#elapsedMs, due.atMs);
      due.act();
      await settle();
    }
    this.#elapsedMs = end;
  }

  #takeDue(end: number): Due | undefined {
    let first: Due | undefined;
    for (const due of this.#due) {
      if (due.atMs > end) continue;
      if (
        first === undefined ||
        due.atMs < first.atMs ||
        (due.atMs === first.atMs && due.order < first.order)
      ) {
        first = due;
      }
    }
    if (first !== undefined) this.#due = this.#due.filter((other) => other !== first);
    return first;
  }
}

/** Resolves once every chain of promises that could go on has gone on. */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
