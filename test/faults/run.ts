/**
 * The long form: `npm run faults -- [service|log] [--minutes N] [--seed N]`. Rounds of faults, drawn by
 * the seed: on the whole service, or on the log alone (`log`). A seed draws the same faults, though
 * not the same races. Exit 1 at the first promise that was not kept, with what was seen.
 */
import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import { runLogRounds } from './etcd-run.ts';
import { runServiceRounds } from './service-run.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '30' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const [what = 'service', ...others] = positionals;
assert(others.length === 0 && ['service', 'log'].includes(what), 'say service, or log');
const given = { minutes: Number(values.minutes), seed: Number(values.seed) };
assert(given.minutes > 0 && Number.isSafeInteger(given.seed), 'minutes and seed are numbers');

console.log(`${what}: ${given.minutes} minutes, seed ${given.seed}`);
const kept = what === 'log' ? await runLogRounds(given) : await runServiceRounds(given);
if (!kept) process.exitCode = 1;
