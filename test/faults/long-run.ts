/** What the long forms have in common. */
import type { SeededRandomness } from '../harness/seeded-randomness.ts';

export type LongRun = { readonly minutes: number; readonly seed: number };

export function shuffled<Item>(
  items: readonly Item[],
  randomness: SeededRandomness,
): readonly Item[] {
  return items
    .map((item) => ({ item, at: randomness.fraction() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
