/** Tries targets with inputs by a seed: the same seed gives the same input, so a finding is repeated by it. */
import { SeededRandomness } from '../harness/seeded-randomness.ts';
import { makeInput } from './mutation.ts';
import type { Target } from './target.ts';

export type Finding = {
  readonly target: string;
  /** Gives this one input again. */
  readonly seed: number;
  readonly input: string;
  readonly error: unknown;
};

export type Tried = {
  readonly cases: number;
  /** Of one input, the least of three measurements where it was long. */
  readonly slowestMs: number;
  readonly findings: readonly Finding[];
};

export type Effort = {
  readonly seed: number;
  readonly casesMax: number;
  /** Asked now and then; true: enough. */
  readonly isEnough: () => boolean;
  /** Milliseconds of work, where inputs that take too long are findings too. */
  readonly time: (() => number) | undefined;
};

const msMaxDefault = 50;
const findingsMax = 5;
const askedEach = 64;

export async function tryTarget(target: Target, effort: Effort): Promise<Tried> {
  const findings: Finding[] = [];
  let slowestMs = 0;
  let cases = 0;
  while (cases < effort.casesMax && findings.length < findingsMax) {
    if (cases % askedEach === 0 && effort.isEnough()) break;
    const seed = (effort.seed + cases) % 4_294_967_296;
    cases += 1;
    const input = inputOf(target, seed);
    try {
      slowestMs = Math.max(slowestMs, await tryOnce(target, seed, input, effort.time));
    } catch (error) {
      findings.push({ target: target.name, seed, input, error });
    }
  }
  return { cases, slowestMs, findings };
}

function inputOf(target: Target, seed: number): string {
  return makeInput(target, new SeededRandomness(seed));
}

async function tryOnce(
  target: Target,
  seed: number,
  input: string,
  time: (() => number) | undefined,
): Promise<number> {
  const { msMax = msMaxDefault } = target;
  let leastMs = Number.POSITIVE_INFINITY;
  // What is tidied up in between, such as garbage, is not the parser's fault.
  for (let measured = 0; measured < 3; measured += 1) {
    const begunMs = time?.() ?? 0;
    const holding = target.holds(input, new SeededRandomness(seed));
    if (holding instanceof Promise) await holding;
    leastMs = Math.min(leastMs, (time?.() ?? 0) - begunMs);
    if (leastMs <= msMax) return leastMs;
  }
  throw new Error(`it takes ${leastMs.toFixed(0)} ms, more than ${msMax}`);
}
