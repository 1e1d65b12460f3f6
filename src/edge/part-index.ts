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
  /** In the order of their starts; any may be gone from the store. */
  readonly parts: readonly Part[];
  /** It speaks for all. */
  readonly newest: Part;
};

const objectsMax = 5_000;
/** Pieces of a large object are larger, the larger it is, so that they are no more than this. */
export const partsMax = 4_096;

type Known = { -readonly [Name in keyof PartsOf]: PartsOf[Name] } & { readonly parts: Part[] };

export class PartIndex {
  readonly #byKey = new BoundedMap<string, Known>(objectsMax);

  find(key: string): PartsOf | undefined {
    return this.#byKey.get(key);
  }

  add(key: string, part: Part, of: Pick<PartsOf, 'validator' | 'total'>): void {
    const known = this.#byKey.get(key);
    if (known?.validator !== of.validator || known.total !== of.total) {
      this.#byKey.set(key, { ...of, parts: [part], newest: part });
      return;
    }
    known.newest = part;
    const at = placeOf(known.parts, part);
    const there = known.parts[at];
    if (there?.start === part.start && there.end === part.end) return;
    known.parts.splice(at, 0, part);
    // Any may be forgotten; it is fetched again.
    if (known.parts.length > partsMax) known.parts.shift();
  }

  /** It is in the store no more. */
  remove(key: string, part: Part): void {
    const known = this.#byKey.get(key);
    if (known === undefined) return;
    const at = placeOf(known.parts, part);
    const there = known.parts[at];
    if (there?.start !== part.start || there.end !== part.end) return;
    known.parts.splice(at, 1);
    if (known.parts.length === 0) this.#byKey.delete(key);
  }

  drop(key: string): void {
    this.#byKey.delete(key);
  }
}

/** Where it stands, or has to stand: by start, then by end. */
function placeOf(parts: readonly Part[], { end, start }: Part): number {
  let low = 0;
  let high = parts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const there = parts[middle];
    if (
      there !== undefined &&
      (there.start < start || (there.start === start && there.end < end))
    ) {
      low = middle + 1;
    } else high = middle;
  }
  return low;
}

/** So few of the parts as give all bytes of `wanted`, in order; undefined where some are missing. */
export function covering(parts: readonly Part[], wanted: Part): readonly Part[] | undefined {
  const chosen: Part[] = [];
  let at = wanted.start;
  let next = 0;
  let best: Part | undefined;
  while (at < wanted.end) {
    for (let part = parts[next]; part !== undefined && part.start <= at; part = parts[next]) {
      if (best === undefined || part.end > best.end) best = part;
      next += 1;
    }
    if (best === undefined || best.end <= at) return undefined;
    chosen.push(best);
    at = best.end;
  }
  return chosen;
}

/** The part that goes on longest from `at`. */
export function longestAt(parts: readonly Part[], at: number): Part | undefined {
  let best: Part | undefined;
  for (const part of parts) {
    if (part.start > at) break;
    if (part.end > at && part.end > (best?.end ?? at)) best = part;
  }
  return best;
}

/** Where the next part begins behind `at`. */
export function nextStart(parts: readonly Part[], at: number): number | undefined {
  return parts.find(({ start }) => start > at)?.start;
}
