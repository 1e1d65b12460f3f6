/** `npm run sim -- [--seed N] [--steps N] [--runs N]`: plays simulated lives; a failure names its seed. */
import { parseArgs } from 'node:util';
import { simulateLife } from './life.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    steps: { type: 'string', default: '2000' },
    runs: { type: 'string', default: '10' },
  },
});
const steps = Number(values.steps);
const first = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
const runs = values.seed === undefined ? Number(values.runs) : 1;

for (let seed = first; seed < first + runs; seed += 1) {
  try {
    console.log(`seed ${seed}: ${JSON.stringify(await simulateLife(seed, steps))}`);
  } catch (error) {
    console.error(`seed ${seed} failed; to repeat: npm run sim -- --seed ${seed} --steps ${steps}`);
    throw error;
  }
}
