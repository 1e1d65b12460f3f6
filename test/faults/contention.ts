/**
 * What it costs that several write to one log: `node test/faults/contention.ts [--servers 3]
 * [--seconds 5]`. Each writer counts as fast as it is answered, decides again at each conflict, and
 * has its own connection, as an API process has. Prints answered writes a second, conflicts a write,
 * and how long one write took from its first decision to its answer.
 */
import { parseArgs } from 'node:util';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandomness } from '../../src/base/randomness.ts';
import { silentRecorder } from '../../src/base/recorder.ts';
import { openEtcd } from '../../src/log/etcd-opening.ts';
import type { ChangeLog } from '../../src/log/log.ts';
import { breaches } from '../contract/checker.ts';
import { runWorkload } from '../contract/workload.ts';
import { Etcd } from '../harness/etcd.ts';

const { values } = parseArgs({
  options: {
    servers: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
  },
});
const ports = { clock: systemClock, randomness: systemRandomness, recorder: silentRecorder };

const etcd = await Etcd.start({ servers: values.servers === '1' ? 1 : 3 });
try {
  console.log(`${etcd.servers.length} servers of etcd on this machine`);
  for (const count of [1, 2, 8]) console.log(await contention(count));
} finally {
  await etcd.remove();
}

async function contention(count: number): Promise<string> {
  const settings = {
    servers: etcd.addresses,
    prefix: `contention${count}`,
    tls: undefined,
    quotaBytes: 2 ** 32,
  };
  const logs = await Promise.all(
    Array.from({ length: count }, async () => (await openEtcd(settings, ports)).log),
  );
  const tookMs: number[] = [];
  let conflicts = 0;
  const endMs = performance.now() + Number(values.seconds) * 1_000;
  const begunMs = performance.now();
  const history = await runWorkload({
    writers: logs.map((log) => timed(log, tookMs, () => (conflicts += 1))),
    readers: [],
    counters: 8,
    randomness: systemRandomness,
    writesEach: () => performance.now() < endMs,
  });
  const seconds = (performance.now() - begunMs) / 1_000;
  await Promise.all(logs.map((log) => log.close()));
  for (const breach of breaches(history)) {
    console.error(`BROKEN ${breach}`);
    process.exitCode = 1;
  }
  const sorted = tookMs.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    `${(sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1)} ms`;
  return `${count} writers: ${Math.round(tookMs.length / seconds)} writes a second, ${(conflicts / tookMs.length).toFixed(2)} conflicts a write, p50 ${at(0.5)}, p99 ${at(0.99)}`;
}

function timed(
  log: ChangeLog,
  tookMs: number[],
  onConflict: () => void,
): Pick<ChangeLog, 'append' | 'head' | 'tail'> {
  let sinceMs: number | undefined;
  return {
    head: (signal) => log.head(signal),
    tail: (from, signal) => log.tail(from, signal),
    async append(append, signal) {
      sinceMs ??= performance.now();
      const outcome = await log.append(append, signal);
      if (outcome.kind === 'conflict') onConflict();
      if (outcome.kind === 'appended') {
        tookMs.push(performance.now() - sinceMs);
        sinceMs = undefined;
      }
      return outcome;
    },
  };
}
