/**
 * What caches are compared on: keys by Zipf's law, as pages of a site are asked for, between which a
 * crawler now and then goes through what nobody asks for twice.
 */
import { SeededRandomness } from './seeded-randomness.ts';

export type TraceShape = {
  readonly keys: number;
  readonly requests: number;
  /** Exponent of the law. */
  readonly skew: number;
  /** Every so many requests a scan begins; 0: none does. */
  readonly scanEvery: number;
  readonly scanKeys: number;
};

/** One shape and one seed give one trace. */
export function* referenceTrace(shape: TraceShape, seed: number): Generator<string> {
  const { keys, requests, scanEvery, scanKeys, skew } = shape;
  const chance = new SeededRandomness(seed);
  const cumulated = new Float64Array(keys);
  let sum = 0;
  for (let rank = 0; rank < keys; rank += 1) {
    sum += 1 / (rank + 1) ** skew;
    cumulated[rank] = sum;
  }
  let scanned = 0;
  for (let request = 1; request <= requests; request += 1) {
    yield `k${rankOf(cumulated, chance.fraction() * sum)}`;
    if (scanEvery === 0 || request % scanEvery !== 0) continue;
    for (let step = 0; step < scanKeys; step += 1) {
      scanned += 1;
      yield `s${scanned}`;
    }
  }
}

/** The first rank whose sum reaches `drawn`. */
function rankOf(cumulated: Float64Array, drawn: number): number {
  let low = 0;
  let high = cumulated.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((cumulated[middle] ?? 0) < drawn) low = middle + 1;
    else high = middle;
  }
  return low;
}

export type Policy = {
  /** Whether the key is there; it is afterwards. */
  readonly asks: (key: string) => boolean;
};

/** The policy to compare with: the least recently used goes first. */
export function leastRecentlyUsed(entriesMax: number): Policy {
  const entries = new Set<string>();
  // One for all: what it has passed is deleted, or was used again and stands before it once more.
  const oldest = entries.values();
  return {
    asks(key) {
      const isThere = entries.delete(key);
      entries.add(key);
      if (entries.size > entriesMax) entries.delete(oldest.next().value ?? '');
      return isThere;
    },
  };
}

/** Of the requests that are no scan. */
export function hitRatio(policy: Policy, trace: Iterable<string>): number {
  let asked = 0;
  let hits = 0;
  for (const key of trace) {
    const isThere = policy.asks(key);
    if (!key.startsWith('k')) continue;
    asked += 1;
    hits += isThere ? 1 : 0;
  }
  return hits / asked;
}
