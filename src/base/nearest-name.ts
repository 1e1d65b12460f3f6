/** Suggestions for misspelt names. */

/** At most a third of the letters may differ, so that nothing far-fetched is proposed. */
const lettersPerSlip = 3;
const lettersMax = 64;
/** So many letters of a name stand for it, as if the rest were one slip. */
const lettersOfBeginningMin = 3;

/** The one of `known` that was most likely meant, or undefined when none is near. */
export function nearestName(given: string, known: Iterable<string>): string | undefined {
  if (given.length > lettersMax) return undefined;
  let best: string | undefined;
  let least = Math.max(1, Math.floor(given.length / lettersPerSlip)) + 1;
  for (const name of known) {
    const isBeginning = given.length >= lettersOfBeginningMin && name.startsWith(given);
    const slips = isBeginning ? 1 : slipsBetween(given, name);
    if (slips < least) {
      best = name;
      least = slips;
    }
  }
  return best;
}

/** Letters left out, added, changed or swapped with their neighbour, each one slip. */
function slipsBetween(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let slips = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (row > 1 && column > 1 && swapped) {
        slips = Math.min(slips, (beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(slips);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}
