/** Randomness as a port, so that a simulation can repeat what it drew. */
import { randomBytes, randomUUID } from 'node:crypto';

export interface Randomness {
  bytes(count: number): Uint8Array;
  /** A version 4 UUID. */
  uuid(): string;
  /** 0 ≤ x < 1; for jitter, never for secrets. */
  fraction(): number;
}

export const systemRandomness: Randomness = {
  bytes: (count) => randomBytes(count),
  uuid: () => randomUUID(),
  fraction: () => Math.random(),
};
