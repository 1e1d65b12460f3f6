/**
 * The time for which a viewer may be waited for while it sends a body: some to begin with, more for
 * what comes, never more than at first. So a body of any size may come at a fair speed, and one that
 * comes a byte at a time ends soon. Only time spent waiting counts, not that of a busy origin.
 */
export class Allowance {
  readonly #msMax: number;
  readonly #bytesPerS: number;
  #leftMs: number;
  #sinceMs: number | undefined;

  constructor(msMax: number, bytesPerS: number) {
    this.#msMax = msMax;
    this.#bytesPerS = bytesPerS;
    this.#leftMs = msMax;
  }

  /** Waiting begins; how long it may last. */
  begin(nowMs: number): number {
    this.#sinceMs ??= nowMs;
    return this.#leftMs - (nowMs - this.#sinceMs);
  }

  /** Waiting is over. */
  end(nowMs: number): void {
    if (this.#sinceMs === undefined) return;
    this.#leftMs -= nowMs - this.#sinceMs;
    this.#sinceMs = undefined;
  }

  /** So many bytes have come. */
  earn(bytes: number): void {
    this.#leftMs = Math.min(this.#msMax, this.#leftMs + (bytes / this.#bytesPerS) * 1_000);
  }
}
