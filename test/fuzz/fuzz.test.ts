/** Fuzzing with fixed seeds, as far as a test run has time for it; `npm run fuzz` goes on from there. */
import { test } from 'node:test';
import { tryTarget } from './engine.ts';
import { targets } from './targets.ts';

const casesEach = 1_500;
/** Where a case is a file or a whole call. */
const casesOfSlow = 300;
const slowMs = 500;

for (const target of targets) {
  const casesMax = (target.msMax ?? 0) < slowMs ? casesEach : casesOfSlow;
  test(`${target.name}: ${casesMax} inputs`, async () => {
    const effort = { seed: 1, casesMax, isEnough: () => false, time: undefined };
    const { findings } = await tryTarget(target, effort);
    await target.close?.();
    for (const { error, seed } of findings) {
      const again = `npm run fuzz -- --target '${target.name}' --seed ${seed} --cases 1`;
      throw new Error(`to repeat: ${again}`, { cause: error });
    }
  });
}
