/**
 * The long form: `npm run faults -- [--minutes N] [--seed N]`. Rounds of faults on a real cluster of
 * three servers of etcd, drawn by the seed, each fault as often as the others. Exit 1 at the first
 * promise that was not kept.
 */
import { parseArgs } from 'node:util';
import { Etcd } from '../harness/etcd.ts';
import { SeededRandomness } from '../harness/seeded-randomness.ts';
import { type FaultName, faults, type RoundReport, runRound } from './etcd-rounds.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const seed = Number(values.seed);
const endMs = performance.now() + Number(values.minutes) * 60_000;
const randomness = new SeededRandomness(seed);
const reports: RoundReport[] = [];

console.log(`${values.minutes} minutes, seed ${seed}`);
const etcd = await Etcd.start({ servers: 3 });
try {
  while (performance.now() < endMs && process.exitCode === undefined) {
    for (const fault of shuffled(Object.keys(faults))) {
      if (performance.now() >= endMs || process.exitCode !== undefined) break;
      const report = await runRound(etcd, fault, `round${reports.length}`);
      reports.push(report);
      const { appended, conflicts, found, pauseMs, unknown } = report;
      console.log(
        `${reports.length} ${fault}: ${appended} appended, ${conflicts} conflicts, ${unknown} unknown, ${Math.round(pauseMs)} ms without an answer`,
      );
      for (const breach of found) console.error(`  BROKEN ${breach}`);
      if (found.length > 0) process.exitCode = 1;
    }
  }
} finally {
  await etcd.remove();
}
console.log('\nfault: rounds; longest time without an answered write, median and most (ms)');
for (const fault of Object.keys(faults)) {
  const own = reports.filter((report) => report.fault === fault);
  const times = own.map(({ pauseMs }) => Math.round(pauseMs)).sort((a, b) => a - b);
  console.log(
    `${fault}: ${own.length}, ${times[Math.floor(times.length / 2)] ?? '-'}, ${times.at(-1) ?? '-'}`,
  );
}
const sum = (of: 'appended' | 'conflicts' | 'unknown'): number =>
  reports.reduce((total, report) => total + report[of], 0);
console.log(
  `${reports.length} rounds, ${sum('appended')} appends, ${sum('conflicts')} conflicts, ${sum('unknown')} unknown outcomes`,
);

function shuffled(names: readonly string[]): readonly FaultName[] {
  return names
    .filter((name): name is FaultName => name in faults)
    .map((name) => ({ name, at: randomness.fraction() }))
    .sort((a, b) => a.at - b.at)
    .map(({ name }) => name);
}
