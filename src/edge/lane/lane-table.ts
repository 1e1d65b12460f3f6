/**
 * What the lane knows how to answer, by the hash of a request. Each hash has one place, so nothing is
 * ever searched for, and who sends many requests of one hash gains nothing: they go through the
 * pipeline as if there were no lane. A record that is in use is not pushed out by the first that comes.
 */
export type Placed = {
  readonly hash: number;
  /** About, in memory. */
  readonly bytes: number;
  /** Since room was looked for in its place. */
  wasUsed: boolean;
};

const placesMax = 65_536;

export class LaneTable<Record extends Placed> {
  readonly #bytesMax: number;
  readonly #places: (Record | undefined)[] = Array.from({ length: placesMax });
  #bytes = 0;
  /** Where room is made next. */
  #hand = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** What its records take, about. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What stands in the place of the hash, which may be of another request. */
  at(hash: number): Record | undefined {
    return this.#places[placeOf(hash)];
  }

  learn(record: Record): void {
    const place = placeOf(record.hash);
    const there = this.#places[place];
    if (there?.wasUsed === true && there.hash !== record.hash) {
      there.wasUsed = false;
      return;
    }
    this.#forgetAt(place);
    this.#places[place] = record;
    this.#bytes += record.bytes;
    this.#makeRoom();
  }

  forget({ hash }: Record): void {
    this.#forgetAt(placeOf(hash));
  }

  clear(): void {
    this.#places.fill(undefined);
    this.#bytes = 0;
  }

  #forgetAt(place: number): void {
    this.#bytes -= this.#places[place]?.bytes ?? 0;
    this.#places[place] = undefined;
  }

  #makeRoom(): void {
    while (this.#bytes > this.#bytesMax) {
      const record = this.#places[this.#hand];
      if (record?.wasUsed === true) record.wasUsed = false;
      else this.#forgetAt(this.#hand);
      this.#hand = (this.#hand + 1) % placesMax;
    }
  }
}

/** The lower bits of a product of FNV are mixed well enough, once the upper ones are folded in. */
function placeOf(hash: number): number {
  return (hash ^ (hash >>> 16)) & (placesMax - 1);
}
