/**
 * Rounds of faults on a real cluster of three: writers and readers of one log, each with its own way
 * to the servers, while one thing goes wrong and is put right again. All that was asked, answered
 * and told goes to the checker of the contract.
 *
 * A fault lasts for as long as it takes to show: where a majority is left, until writes were
 * answered in spite of it; else until every writer has been told that nothing is known. Then it is
 * put right, and more writes have to be answered.
 */
import assert from 'node:assert/strict';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandomness } from '../../src/base/randomness.ts';
import { silentRecorder } from '../../src/base/recorder.ts';
import { openEtcd } from '../../src/log/etcd-opening.ts';
import type { ChangeLog } from '../../src/log/log.ts';
import { breaches } from '../contract/checker.ts';
import { runWorkload } from '../contract/workload.ts';
import type { Etcd, EtcdServer } from '../harness/etcd.ts';
import { pause, until } from '../harness/until.ts';

const writersCount = 3;
const writesToShow = 30;
const roundMsMax = 90_000;
const ports = { clock: systemClock, randomness: systemRandomness, recorder: silentRecorder };

type Act = (etcd: Etcd) => Promise<() => Promise<void>>;

type Fault = {
  /** Whether a majority is left that takes writes. */
  readonly goesOn: boolean;
  /** What it resolves to puts it right. */
  readonly act: Act;
};

export const faults = {
  'kill -9 of the leader': { goesOn: true, act: killing(async (etcd) => [await etcd.leader()]) },
  'kill -9 of a follower': { goesOn: true, act: killing(async (etcd) => [await follower(etcd)]) },
  'kill -9 of two': { goesOn: false, act: killing(async ({ servers }) => servers.slice(0, 2)) },
  'kill -9 of all': { goesOn: false, act: killing(async ({ servers }) => servers) },
  'SIGSTOP of the leader': { goesOn: true, act: stopping(async (etcd) => [await etcd.leader()]) },
  'SIGSTOP of a follower': { goesOn: true, act: stopping(async (etcd) => [await follower(etcd)]) },
  'SIGSTOP of two': { goesOn: false, act: stopping(async ({ servers }) => servers.slice(1)) },
  'SIGTERM of the leader': {
    goesOn: true,
    async act(etcd) {
      const leader = await etcd.leader();
      await leader.terminate();
      return () => startAgain([leader]);
    },
  },
  'compaction to the last revision': {
    goesOn: true,
    async act(etcd) {
      const said = etcd.control('endpoint', 'status', '-w', 'json');
      const revision = /"revision":(\d+)/.exec(said)?.[1];
      assert(revision !== undefined, said);
      etcd.control('compact', revision);
      return () => Promise.resolve();
    },
  },
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof faults;

export type RoundReport = {
  readonly fault: FaultName;
  readonly appended: number;
  readonly conflicts: number;
  readonly unknown: number;
  /** The longest time without an answered write, from the fault on. */
  readonly pauseMs: number;
  /** Sentences, one a promise that was broken. */
  readonly found: readonly string[];
};

export async function runRound(etcd: Etcd, name: FaultName, prefix: string): Promise<RoundReport> {
  const fault: Fault = faults[name];
  const logs = await Promise.all(
    Array.from({ length: writersCount * 2 }, (_, index) => openLog(etcd, prefix, index)),
  );
  const writers = logs.slice(0, writersCount).map(patient);
  const told = { appended: 0, conflicts: 0, unknown: 0 };
  let isOver = false;
  let pauseMs = 0;
  /** When a write was answered last, from the fault on. */
  let lastMs: number | undefined;
  const workload = runWorkload({
    writers,
    readers: logs.slice(writersCount),
    counters: 2,
    randomness: systemRandomness,
    writesEach: () => !isOver,
    onAttempt({ outcome: { kind } }) {
      if (kind === 'appended') {
        told.appended += 1;
        const nowMs = performance.now();
        if (lastMs === undefined) return;
        pauseMs = Math.max(pauseMs, nowMs - lastMs);
        lastMs = nowMs;
      } else if (kind === 'conflict') told.conflicts += 1;
      else told.unknown += 1;
    },
  });
  const appendsMore = (): Promise<unknown> => {
    const enough = told.appended + writesToShow;
    const seen = (): string => JSON.stringify(told);
    return until(`${enough} writes are answered`, () => told.appended >= enough || undefined, {
      msMax: roundMsMax,
      seen,
    });
  };
  try {
    const play = async (): Promise<void> => {
      await appendsMore();
      lastMs = performance.now();
      const putRight = await fault.act(etcd);
      if (fault.goesOn) {
        await appendsMore();
      } else {
        const before = told.unknown;
        const enough = before + writersCount;
        await until('nothing is known', () => told.unknown >= enough || undefined, {
          msMax: roundMsMax,
        });
      }
      await putRight();
      await appendsMore();
      isOver = true;
    };
    await Promise.race([play(), workload.then(() => undefined)]);
    const history = await workload;
    return { fault: name, ...told, pauseMs, found: breaches(history) };
  } finally {
    isOver = true;
    await Promise.all(logs.map((log) => log.close()));
  }
}

async function openLog(etcd: Etcd, prefix: string, index: number): Promise<ChangeLog> {
  const { addresses } = etcd;
  const first = index % addresses.length;
  const servers = [...addresses.slice(first), ...addresses.slice(0, first)];
  const settings = { servers, prefix, tls: undefined, quotaBytes: 2 ** 32 };
  return (await openEtcd(settings, ports)).log;
}

/** Waits a little where nothing is known, as a writer of the control plane does. */
function patient(log: ChangeLog): Pick<ChangeLog, 'append' | 'head' | 'tail'> {
  return {
    tail: (from, signal) => log.tail(from, signal),
    async append(append, signal) {
      const outcome = await log.append(append, signal);
      if (outcome.kind === 'unknown') await pause(50);
      return outcome;
    },
    head: (signal) =>
      until('the log says its head', () => log.head(signal).catch(() => undefined), {
        msMax: roundMsMax,
      }),
  };
}

async function follower(etcd: Etcd): Promise<EtcdServer> {
  const leader = await etcd.leader();
  const other = etcd.servers.find((server) => server !== leader);
  assert(other);
  return other;
}

function killing(whom: (etcd: Etcd) => Promise<readonly EtcdServer[]>): Act {
  return async (etcd) => {
    const servers = await whom(etcd);
    await Promise.all(servers.map((server) => server.kill()));
    return () => startAgain(servers);
  };
}

async function startAgain(servers: readonly EtcdServer[]): Promise<void> {
  for (const server of servers) server.start();
  await Promise.all(servers.map((server) => server.ready()));
}

function stopping(whom: (etcd: Etcd) => Promise<readonly EtcdServer[]>): Act {
  return async (etcd) => {
    const servers = await whom(etcd);
    await Promise.all(servers.map((server) => server.stop()));
    return async () => {
      for (const server of servers) server.goOn();
    };
  };
}
