/**
 * The long form of the rounds on the log alone: faults of a real cluster of three servers of etcd
 * under clients of the library, each fault as often as the others.
 */
import { Etcd } from '../harness/etcd.ts';
import { SeededRandomness } from '../harness/seeded-randomness.ts';
import { type FaultName, faults, type RoundReport, runRound } from './etcd-rounds.ts';
import { type LongRun, shuffled } from './long-run.ts';

/** Resolves with whether all promises were kept, when the time is over or at the first that was not. */
export async function runLogRounds({ minutes, seed }: LongRun): Promise<boolean> {
  const endMs = performance.now() + minutes * 60_000;
  const randomness = new SeededRandomness(seed);
  const reports: RoundReport[] = [];
  const isOver = (): boolean =>
    performance.now() >= endMs || reports.some(({ found }) => found.length > 0);
  const etcd = await Etcd.start({ servers: 3 });
  try {
    while (!isOver()) {
      for (const fault of shuffled(Object.keys(faults).filter(isFault), randomness)) {
        if (isOver()) break;
        const report = await runRound(etcd, fault, `round${reports.length}`);
        reports.push(report);
        const { appended, conflicts, found, pauseMs, unknown } = report;
        console.log(
          `${reports.length} ${fault}: ${appended} appended, ${conflicts} conflicts, ${unknown} unknown, ${Math.round(pauseMs)} ms without an answer`,
        );
        for (const breach of found) console.error(`  BROKEN ${breach}`);
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
  return reports.every(({ found }) => found.length === 0);
}

function isFault(name: string): name is FaultName {
  return name in faults;
}
