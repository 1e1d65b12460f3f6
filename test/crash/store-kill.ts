/**
 * The long form: `node test/crash/store-kill.ts [--rounds 200] [--seed N]`. Kills the real server under
 * load, with its cache on disk, and judges every byte that it serves afterwards. Exit 1 at the first
 * that is wrong, with the seed that draws the same rounds (though not the same races).
 */
import { parseArgs } from 'node:util';
import { describe, runStoreRounds } from './store-rounds.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});

console.log(`${values.rounds} rounds, seed ${values.seed}`);
const report = await runStoreRounds({
  rounds: Number(values.rounds),
  seed: Number(values.seed),
  roundsPerFolder: 20,
  tell: (line) => console.log(line),
});
console.log(describe(report));
