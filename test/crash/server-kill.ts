/**
 * The long form: `node test/crash/server-kill.ts [--rounds 200] [--seed N]`. Kills the real server at
 * random moments, under writes and while it starts, and prints what was seen. Exit 1 at the first
 * promise that was not kept, with the seed that draws the same rounds (though not the same races).
 */
import { parseArgs } from 'node:util';
import { runRounds } from './server-rounds.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const rounds = Number(values.rounds);
const seed = Number(values.seed);

function spread(figures: readonly number[]): string {
  const sorted = figures.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    `${Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)} ms`;
  return `median ${at(0.5)}, p95 ${at(0.95)}, most ${at(1)}`;
}

console.log(`${rounds} rounds, seed ${seed}`);
const report = await runRounds({
  rounds,
  seed,
  by: 'mixed',
  roundsPerFolder: 25,
  tell: (line) => console.log(line),
});
const { acknowledged, deployedMs, killedWhileStarting, startMs, unanswered, viewerRequests } =
  report;
console.log(`
rounds kept              ${report.rounds}, and ${killedWhileStarting} starts killed before they were ready
acknowledged writes      ${Object.entries(acknowledged)
  .map(([kind, count]) => `${count} ${kind}`)
  .join(', ')}: none lost
writes without an answer ${(['create', 'update', 'delete'] as const)
  .map((kind) => {
    const own = unanswered.filter((one) => one.kind === kind);
    return `${own.length} ${kind} (${own.filter(({ happened }) => happened).length} had happened)`;
  })
  .join(', ')}
viewer requests          ${viewerRequests}, each as the last acknowledged configuration says
start to ready           ${spread(startMs)}
ready to all Deployed    ${spread(deployedMs)}, with the audit between`);
