/**
 * The long form of the rounds on the whole service: in each, one to three faults, all of them as
 * often as each other. Where a promise was not kept, what was seen and what the programs said is left in a
 * folder, and its path is told.
 */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SeededRandomness } from '../harness/seeded-randomness.ts';
import type { Outcome } from './history.ts';
import { type LongRun, shuffled } from './long-run.ts';
import { type ServiceFault, serviceFaults } from './service-faults.ts';
import { Service, type ServiceRound } from './service-rounds.ts';

const togetherMax = 3;
/** Longer than a lease, so that edges lose theirs. */
const lastingMsMax = 8_000;

type Told = Omit<ServiceRound, 'history'>;

/** Resolves with whether all promises were kept, when the time is over or at the first that was not. */
export async function runServiceRounds({ minutes, seed }: LongRun): Promise<boolean> {
  const endMs = performance.now() + minutes * 60_000;
  const randomness = new SeededRandomness(seed);
  const rounds: Told[] = [];
  const service = await Service.start(seed);
  let kept = true;
  try {
    let left: readonly ServiceFault[] = [];
    while (kept && performance.now() < endMs) {
      if (left.length === 0)
        left = shuffled(Object.keys(serviceFaults).filter(isFault), randomness);
      const count = 1 + randomness.below(togetherMax);
      const faults = left.slice(0, count);
      left = left.slice(count);
      console.log(`${rounds.length + 1} ${faults.join(' + ')}`);
      const { history, ...round } = await service.round(faults, { lastingMsMax });
      rounds.push(round);
      console.log(`  ${lineOf(round)}`);
      if (round.found.length === 0) continue;
      kept = false;
      for (const breach of round.found) console.error(`  BROKEN ${breach}`);
      const folder = await mkdtemp(join(tmpdir(), 'warmfront-broken-'));
      const events = history.events.map((event) => JSON.stringify(event)).join('\n');
      await writeFile(join(folder, 'events.ndjson'), events);
      await writeFile(join(folder, 'programs.txt'), service.outputs());
      console.error(`  what was seen is in ${folder}`);
    }
  } catch (error) {
    console.error(service.outputs());
    throw error;
  } finally {
    await service.end();
  }
  tellAll(rounds);
  return kept;
}

function isFault(name: string): name is ServiceFault {
  return name in serviceFaults;
}

function lineOf({ counts, memory, recoveredMs, unknownMade, writes }: Told): string {
  const { completed, deployed, pauseMs, views } = counts;
  const { accepted, refused, unknown } = writes;
  return (
    `${accepted} accepted, ${refused} refused, ${unknown} unknown of which ${unknownMade} made; ` +
    `${deployed} Deployed and ${completed} Completed seen at all edges, ${views} views; ` +
    `${Math.round(pauseMs)} ms without an acknowledged write, went on after ${Math.round(recoveredMs)} ms; ` +
    `MiB: etcd ${memory.etcd}, API ${memory.api}, edge ${memory.edge}`
  );
}

function tellAll(rounds: readonly Told[]): void {
  const sum = (of: 'completed' | 'deployed' | 'invalidations' | 'views'): number =>
    rounds.reduce((all, { counts }) => all + counts[of], 0);
  const outcomes = (of: Outcome): number => rounds.reduce((all, { writes }) => all + writes[of], 0);
  const total = (of: 'unknownMade' | 'killedBetween' | 'positions'): number =>
    rounds.reduce((all, round) => all + round[of], 0);
  console.log(
    '\nfault: rounds it was in; longest time without an acknowledged write, median and most (ms)',
  );
  for (const fault of Object.keys(serviceFaults).filter(isFault)) {
    const own = rounds.filter(({ faults }) => faults.includes(fault));
    console.log(`${fault}: ${own.length}; ${spread(own.map(({ counts }) => counts.pauseMs))}`);
  }
  const inflicted = rounds.reduce((all, { faults }) => all + faults.length, 0);
  console.log(`
rounds          ${rounds.length}, ${inflicted} faults
writes          ${outcomes('accepted')} accepted, ${outcomes('refused')} refused, ${outcomes('unknown')} unknown of which ${total('unknownMade')} were made
killed between  append and answer: ${total('killedBetween')} API processes
positions       ${total('positions')}
invalidations   ${sum('invalidations')}
status          ${sum('deployed')} Deployed and ${sum('completed')} Completed, each with every edge live and asked
views           ${sum('views')} by viewers, beside those
went on         ${spread(rounds.map(({ recoveredMs }) => recoveredMs))} ms after all was put right, median and most`);
  const quarter = Math.ceil(rounds.length / 4);
  for (const [when, some] of [
    ['first quarter', rounds.slice(0, quarter)],
    ['last quarter', rounds.slice(-quarter)],
  ] as const) {
    const most = (kind: keyof ServiceRound['memory']): number =>
      Math.max(0, ...some.map(({ memory }) => memory[kind]));
    console.log(
      `memory          ${when}: at most ${most('etcd')} MiB a server of etcd, ${most('api')} an API process, ${most('edge')} an edge`,
    );
  }
}

function spread(times: readonly number[]): string {
  const sorted = times.map(Math.round).sort((a, b) => a - b);
  return `${sorted[Math.floor(sorted.length / 2)] ?? '-'}, ${sorted.at(-1) ?? '-'}`;
}
