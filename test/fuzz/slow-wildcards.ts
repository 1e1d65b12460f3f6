/** Wildcards as plainly as can be, to hold the quick ways against. */

/** All ways at once, by a table; only for short texts. */
export function fitsSlowly(pattern: string, text: string): boolean {
  let reached = new Set([0]);
  const spread = (from: Set<number>): Set<number> => {
    const all = new Set(from);
    for (const at of all) if (pattern[at] === '*') all.add(at + 1);
    return all;
  };
  reached = spread(reached);
  for (const character of text) {
    const next = new Set<number>();
    for (const at of reached) {
      if (pattern[at] === '*') next.add(at);
      else if (pattern[at] === '?' || pattern[at] === character) next.add(at + 1);
    }
    reached = spread(next);
  }
  return reached.has(pattern.length);
}
