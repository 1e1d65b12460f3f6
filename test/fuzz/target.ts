/** A target of fuzzing: something that takes bytes from outside, and what has to hold for any of them. */
import type { SeededRandomness } from '../harness/seeded-randomness.ts';

export type Target = {
  readonly name: string;
  /** Good inputs, which others are made from; one character is one byte. */
  readonly seeds: readonly string[];
  /** What means something to the parser. */
  readonly tokens: readonly string[];
  /** Throws where a promise does not hold. */
  readonly holds: (text: string, random: SeededRandomness) => void | Promise<void>;
  /** How long one input may take; 50 unless said. */
  readonly msMax?: number;
  /** When nothing more is tried. */
  readonly close?: () => Promise<void>;
};

/** Undefined where it throws what it is said to throw. */
export function unlessRefused<Result>(
  kinds: readonly (abstract new (...given: never[]) => Error)[],
  act: () => Result,
): Result | undefined {
  try {
    return act();
  } catch (error) {
    if (kinds.some((kind) => error instanceof kind)) return undefined;
    throw error;
  }
}

export function bytesOf(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
