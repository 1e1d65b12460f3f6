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
  /** For each of them the place of the one that ends last of all up to it. */
  readonly longest: readonly number[];
  /** It speaks for all. */
  readonly newest: Part;
};

const objectsMax = 5_000;
/** Pieces of a large object are larger, the larger it is, so that they are no more than this. */
export const partsMax = 4_096;

type Known = { -readonly [Name in keyof PartsOf]: PartsOf[Name] } & {
  readonly parts: Part[];
  readonly longest: number[];
};

export class PartIndex {
  readonly #byKey = new BoundedMap<string, Known>(objectsMax);

  find(key: string): PartsOf | undefined {
    return this.#byKey.get(key);
  }

  add(key: string, part: Part, of: Pick<PartsOf, 'validator' | 'total'>): void {
    const known = this.#byKey.get(key);
    if (known?.validator !== of.validator || known.total !== of.total) {
      this.#byKey.set(key, { ...of, parts: [part], longest: [0], newest: part });
      return;
    }
    known.newest = part;
    const at = placeOf(known.parts, part);
    const there = known.parts[at];
    if (there?.start === part.start && there.end === part.end) return;
    known.parts.splice(at, 0, part);
    // Any may be forgotten; it is fetched again.
    const isTooMany = known.parts.length > partsMax;
    if (isTooMany) known.parts.shift();
    findLongest(known, isTooMany ? 0 : at);
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
    else findLongest(known, at);
  }

  drop(key: string): void {
    this.#byKey.delete(key);
  }

  clear(): void {
    this.#byKey.clear();
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

/** Anew from the place on; what stands before is right. */
function findLongest(
  { longest, parts }: { readonly longest: number[]; readonly parts: readonly Part[] },
  from: number,
): void {
  longest.length = from;
  for (let at = from; at < parts.length; at += 1) {
    const before = longest[at - 1] ?? at;
    longest.push((parts[at]?.end ?? 0) > (parts[before]?.end ?? 0) ? at : before);
  }
}

/** How many begin at `at` or before. */
function countUpTo(parts: readonly Part[], at: number): number {
  return placeOf(parts, { start: at, end: Number.POSITIVE_INFINITY });
}

export type Ordered = Pick<PartsOf, 'longest' | 'parts'>;

export function ordered(given: Iterable<Part>): Ordered {
  const parts = [...given].toSorted((a, b) => a.start - b.start);
  const longest: number[] = [];
  findLongest({ longest, parts }, 0);
  return { longest, parts };
}

/** So few of the parts as give all bytes of `wanted`, in order; undefined where some are missing. */
export function covering(known: Ordered, wanted: Part): readonly Part[] | undefined {
  const chosen: Part[] = [];
  let at = wanted.start;
  while (at < wanted.end) {
    const best = longestAt(known, at);
    if (best === undefined) return undefined;
    chosen.push(best);
    at = best.end;
  }
  return chosen;
}

/** The part that goes on longest from `at`. */
export function longestAt({ longest, parts }: Ordered, at: number): Part | undefined {
  const best = parts[longest[countUpTo(parts, at) - 1] ?? -1];
  return best !== undefined && best.end > at ? best : undefined;
}

/** Where the next part begins behind `at`. */
export function nextStart({ parts }: Pick<PartsOf, 'parts'>, at: number): number | undefined {
  return parts[countUpTo(parts, at)]?.start;
}
