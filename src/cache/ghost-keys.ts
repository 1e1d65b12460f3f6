/**
 * Ghosts: the hashes of keys whose objects were evicted not long ago. One that comes back was not
 * asked for only once, which is all that a store needs to know of it (docs/decisions/0015).
 *
 * A table of buckets in flat arrays, since there are as many ghosts as objects. How long a ghost
 * lasts is counted in ghosts that came after it; in a full bucket the oldest makes room.
 */

const bucketSlots = 4;
const bucketsMin = 64;

export class GhostKeys {
  readonly #slotsMax: number;
  #hashes = new Float64Array(bucketsMin * bucketSlots);
  /** The number that the ghost had when it came. */
  #numbers = new Float64Array(bucketsMin * bucketSlots);
  #lastNumber = 0;

  constructor(keysMax: number) {
    this.#slotsMax = keysMax * 2;
  }

  /** `last`: how many ghosts at a time are to be kept, at least roughly. */
  add(hash: number, last: number): void {
    const slots = this.#hashes.length;
    if (last * 2 > slots && slots * 2 <= this.#slotsMax) this.#grow(last);
    this.#lastNumber += 1;
    this.#put(hash, this.#lastNumber);
  }

  /** Whether it is one of the `last` ghosts; it is none from then on. */
  take(hash: number, last: number): boolean {
    const first = this.#bucketOf(hash);
    for (let slot = first; slot < first + bucketSlots; slot += 1) {
      if (this.#hashes[slot] !== hash) continue;
      this.#hashes[slot] = 0;
      return this.#lastNumber - (this.#numbers[slot] ?? 0) < last;
    }
    return false;
  }

  clear(): void {
    this.#hashes = new Float64Array(bucketsMin * bucketSlots);
    this.#numbers = new Float64Array(bucketsMin * bucketSlots);
  }

  #put(hash: number, number: number): void {
    const first = this.#bucketOf(hash);
    let oldest = first;
    for (let slot = first; slot < first + bucketSlots; slot += 1) {
      const there = this.#hashes[slot] ?? 0;
      if (there === 0 || there === hash) {
        oldest = slot;
        break;
      }
      if ((this.#numbers[slot] ?? 0) < (this.#numbers[oldest] ?? 0)) oldest = slot;
    }
    this.#hashes[oldest] = hash;
    this.#numbers[oldest] = number;
  }

  #grow(last: number): void {
    const hashes = this.#hashes;
    const numbers = this.#numbers;
    let slots = hashes.length;
    while (slots < last * 2 && slots * 2 <= this.#slotsMax) slots *= 2;
    this.#hashes = new Float64Array(slots);
    this.#numbers = new Float64Array(slots);
    for (const [slot, hash] of hashes.entries()) {
      if (hash !== 0) this.#put(hash, numbers[slot] ?? 0);
    }
  }

  #bucketOf(hash: number): number {
    const buckets = this.#hashes.length / bucketSlots;
    return (hash % buckets) * bucketSlots;
  }
}
