/**
 * Path patterns of behaviors (edge contract 3.1): `*` is any run of characters, `?` any one, all else
 * stands for itself; the leading slash may be left out. The first pattern in the list that takes a
 * path counts.
 *
 * Most patterns are a whole path, a beginning or an end. Those are looked up by their text, once for
 * each length there is, so that a path costs about the same with one pattern and with many; only the
 * others are tried one after another.
 */
import { wildcardFits } from '../http/resource-pattern.ts';

/** Text → the first place in the list where it stands. */
type Places = Map<string, number>;
type ByLength = Map<number, Places>;

const nowhere = Number.POSITIVE_INFINITY;

export class PathPatterns {
  readonly #whole: Places = new Map();
  readonly #beginnings: ByLength = new Map();
  readonly #ends: ByLength = new Map();
  readonly #others: { readonly place: number; readonly pattern: string }[] = [];
  /** Of the first pattern that takes every path. */
  #everything = nowhere;

  constructor(patterns: readonly string[]) {
    for (const [place, pattern] of patterns.entries()) {
      const isRooted = pattern.startsWith('/') || pattern.startsWith('*');
      this.#add(isRooted ? pattern : `/${pattern}`, place);
    }
  }

  /** The place in the list of the first that takes `path`; undefined: none does. */
  first(path: string): number | undefined {
    let first = Math.min(this.#everything, this.#whole.get(path) ?? nowhere);
    for (const [length, places] of this.#beginnings) {
      if (length <= path.length)
        first = Math.min(first, places.get(path.slice(0, length)) ?? first);
    }
    for (const [length, places] of this.#ends) {
      if (length <= path.length) first = Math.min(first, places.get(path.slice(-length)) ?? first);
    }
    for (const { pattern, place } of this.#others) {
      if (place >= first) break;
      if (wildcardFits(pattern, path)) return place;
    }
    return first === nowhere ? undefined : first;
  }

  #add(pattern: string, place: number): void {
    if (/^\*+$/.test(pattern)) this.#everything = Math.min(this.#everything, place);
    else if (!/[*?]/.test(pattern)) keepFirst(this.#whole, pattern, place);
    else if (/^[^*?]+\*$/.test(pattern))
      keepByLength(this.#beginnings, pattern.slice(0, -1), place);
    else if (/^\*[^*?]+$/.test(pattern)) keepByLength(this.#ends, pattern.slice(1), place);
    else this.#others.push({ place, pattern });
  }
}

function keepByLength(byLength: ByLength, text: string, place: number): void {
  const places: Places = byLength.get(text.length) ?? new Map();
  byLength.set(text.length, places);
  keepFirst(places, text, place);
}

function keepFirst(places: Places, text: string, place: number): void {
  if (!places.has(text)) places.set(text, place);
}
