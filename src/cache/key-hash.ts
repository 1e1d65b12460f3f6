/**
 * Hashes of cache keys, 52 bits as one number: where a store keeps a hash and not the key, what it
 * finds there is compared with the whole key before it counts. The seed is drawn by chance, so that
 * nobody outside can make up keys that collide.
 */
import type { Randomness } from '../base/randomness.ts';

export type HashSeed = { readonly low: number; readonly high: number };

/** Both halves are whole numbers below this. */
export const hashSeedBound = 0x1_0000_0000;

export function drawHashSeed(randomness: Randomness): HashSeed {
  const bytes = Buffer.from(randomness.bytes(8));
  return { low: bytes.readUInt32LE(0), high: bytes.readUInt32LE(4) };
}

/** 0 < hash < 2^52, so that 0 can stand for none. */
export function hashKey(key: string, { low: seedLow, high: seedHigh }: HashSeed): number {
  let low = seedLow ^ 0x85eb_ca6b;
  let high = seedHigh ^ 0xc2b2_ae35;
  for (let index = 0; index < key.length; index += 1) {
    const code = key.charCodeAt(index);
    low = Math.imul(low ^ code, 0x9e37_79b1);
    low ^= low >>> 15;
    high = Math.imul((high << 13) | (high >>> 19), 0x27d4_eb2f) + code;
  }
  low = mixed(low ^ Math.imul(high, 0x1656_67b1));
  high = mixed(high + Math.imul(low, 0x85eb_ca77));
  return (high & 0xf_ffff) * 0x1_0000_0000 + low + (low === 0 ? 1 : 0);
}

function mixed(given: number): number {
  let bits = given;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
