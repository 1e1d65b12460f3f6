/**
 * Which parts of objects are stored (edge contract 6.1, rules 7 to 10). The bytes of each part are an
 * object of the store under a key of its own; here stands what they are parts of. Parts are joined
 * under one validator alone: another one, or another total length, discards what was there.
 */
import { BoundedMap } from '../base/bounded-map.ts';
import type { Part } from '../http/ranges.ts';

export type PartsOf = {
  /** The strong etag, or Last-Modified where there is none. */
  readonly validator: string;
  readonly total: number;
  /** The newest last; any may be gone from the store. */
  readonly parts: readonly Part[];
};

const objectsMax = 5_000;
const partsMax = 256;

export class PartIndex {
  readonly #byKey = new BoundedMap<string, PartsOf>(objectsMax);

  find(key: string): PartsOf | undefined {
    return this.#byKey.get(key);
  }

  add(key: string, { end, start }: Part, of: Omit<PartsOf, 'parts'>): void {
    const known = this.#byKey.get(key);
    const isSame = known?.validator === of.validator && known.total === of.total;
    const others = (isSame ? known.parts : []).filter(
      (part) => part.start !== start || part.end !== end,
    );
    const parts = [...others, { start, end }].slice(-partsMax);
    this.#byKey.set(key, { ...of, parts });
  }

  drop(key: string): void {
    this.#byKey.delete(key);
  }
}

/** So few of the parts as give all bytes of `wanted`, in order; undefined where some are missing. */
export function covering(parts: readonly Part[], wanted: Part): readonly Part[] | undefined {
  const chosen: Part[] = [];
  let at = wanted.start;
  while (at < wanted.end) {
    let best: Part | undefined;
    for (const part of parts) {
      if (part.start <= at && part.end > at && part.end > (best?.end ?? at)) best = part;
    }
    if (best === undefined) return undefined;
    chosen.push(best);
    at = best.end;
  }
  return chosen;
}
