/**
 * Bytes that wait for the disk, of all bodies that a store is being given. Who fills a body waits
 * while they are many; who cannot wait is refused once they are too many.
 */
import type { Clock } from '../base/clock.ts';

/** A disk that makes no room for so long is one that hangs. */
const waitMsMax = 2_000;

export class DiskBacklog {
  readonly bytesMax: number;
  readonly #clock: Clock;
  #bytes = 0;
  #waiting: (() => void)[] = [];

  constructor(bytesMax: number, clock: Clock) {
    this.bytesMax = bytesMax;
    this.#clock = clock;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** False: too many wait already. */
  take(count: number): boolean {
    if (this.#bytes + count > this.bytesMax) return false;
    this.#bytes += count;
    return true;
  }

  give(count: number): void {
    this.#bytes -= count;
    if (this.#isFull) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** Undefined: there is room. Resolves to false where the disk makes none in time. */
  room(): Promise<boolean> | undefined {
    if (!this.#isFull) return undefined;
    return new Promise((resolve) => {
      const cancel = this.#clock.after(waitMsMax, () => resolve(false));
      this.#waiting.push(() => {
        cancel();
        resolve(true);
      });
    });
  }

  get #isFull(): boolean {
    return this.#bytes > this.bytesMax / 2;
  }
}
