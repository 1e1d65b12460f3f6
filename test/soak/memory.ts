/** The memory of a process over time, and whether it stays where it is. */
import { readFileSync } from 'node:fs';

const mebibyte = 1_048_576;

/** Bytes that the process has in memory; undefined where the system does not tell. */
export function residentBytes(pid: number): number | undefined {
  try {
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return kib === undefined ? undefined : Number(kib) * 1_024;
  } catch {
    return undefined;
  }
}

export type Flatness = {
  /** In MiB: the medians of the second and of the last quarter, and the most of all. */
  readonly second: number;
  readonly last: number;
  readonly most: number;
  readonly isFlat: boolean;
};

const growthMax = 1.15;
const growthBytesMax = 16 * mebibyte;

/** The first quarter fills caches and does not count. */
export function flatness(samples: readonly number[]): Flatness {
  const quarter = Math.floor(samples.length / 4);
  const second = median(samples.slice(quarter, 2 * quarter));
  const last = median(samples.slice(-quarter));
  return {
    second: Math.round(second / mebibyte),
    last: Math.round(last / mebibyte),
    most: Math.round(Math.max(...samples) / mebibyte),
    isFlat: last <= second * growthMax + growthBytesMax,
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
