/** Randomness as a port, so that a simulation can repeat what it drew. */
import { randomBytes, randomFillSync, randomUUID } from 'node:crypto';

export interface Randomness {
  bytes(count: number): Uint8Array;
  /** A version 4 UUID. */
  uuid(): string;
  /** 0 ≤ x < 1; for jitter, never for secrets. */
  fraction(): number;
}

/** A call to the system for each id was a tenth of the CPU time of a cache hit. */
const reserveBytes = 4_096;
const fromReserveMax = 64;

/** Few bytes at a time come from a reserve, each of them once; more are no matter of speed. */
function reservedBytes(): (count: number) => Uint8Array {
  const reserve = new Uint8Array(reserveBytes);
  let taken = reserveBytes;
  return (count) => {
    if (count > fromReserveMax) return randomBytes(count);
    if (taken + count > reserveBytes) {
      randomFillSync(reserve);
      taken = 0;
    }
    const bytes = reserve.slice(taken, taken + count);
    reserve.fill(0, taken, taken + count);
    taken += count;
    return bytes;
  };
}

export const systemRandomness: Randomness = {
  bytes: reservedBytes(),
  uuid: () => randomUUID(),
  fraction: () => Math.random(),
};
