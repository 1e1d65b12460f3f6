/**
 * Figures: what a benchmark hands back. A figure is made of samples, never of one number, and says
 * how far they lie apart; a target and peers stand beside it where there are some.
 */

export type Unit = 'ms' | 'µs' | '1/s' | 'MB' | '%';

export type Target = {
  /** Which of the figure's numbers has to stay below it. */
  readonly of: 'median' | 'p99' | 'max';
  readonly below: number;
};

/** Another program, measured in the same run. */
export type Peer = {
  readonly name: string;
  readonly median: number;
  /** Median of the rounds' ratios, above 1 where we are better, whatever the unit. */
  readonly ratio: number;
};

export type Figure = {
  readonly what: string;
  readonly unit: Unit;
  readonly median: number;
  /** Undefined where there are too few samples to speak of one. */
  readonly p99: number | undefined;
  readonly min: number;
  readonly max: number;
  readonly samples: number;
  readonly target: Target | undefined;
  readonly peers: readonly Peer[];
};

/** With fewer samples the 99th percentile would only be the maximum by another name. */
export const samplesForP99 = 100;

export type Beside = { readonly target?: Target; readonly peers?: readonly Peer[] };

/** Throws where there is no sample. */
export function figure(
  what: string,
  unit: Unit,
  samples: readonly number[],
  { peers = [], target }: Beside = {},
): Figure {
  if (samples.length === 0) throw new RangeError(`no sample of ${what}`);
  return {
    what,
    unit,
    median: percentile(samples, 50),
    p99: samples.length < samplesForP99 ? undefined : percentile(samples, 99),
    min: Math.min(...samples),
    max: Math.max(...samples),
    samples: samples.length,
    target,
    peers,
  };
}

/** By nearest rank, but the middle of an even number of samples is the mean of the two there. */
export function percentile(samples: readonly number[], percent: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (rank: number): number =>
    sorted[Math.min(Math.max(rank, 1), sorted.length) - 1] ?? Number.NaN;
  const rank = (sorted.length * percent) / 100;
  if (percent === 50 && Number.isInteger(rank)) return (at(rank) + at(rank + 1)) / 2;
  return at(Math.ceil(rank));
}

/** Whether the target is held; undefined without a target, or without the number it is about. */
export function isHeld({ max, median, p99, target }: Figure): boolean | undefined {
  if (target === undefined) return undefined;
  const value = { median, p99, max }[target.of];
  return value === undefined ? undefined : value < target.below;
}
