/**
 * What a line of the access log costs a hit: the same server, the same object, and two distributions,
 * of which one logs. Each round loads both, in turns of who goes first. Once with the usual interval,
 * where lines go to disk and are not yet delivered while it is measured, and once with one second,
 * where all threads are on one core: parting, compressing and delivering are in it too.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ApiCaller } from '../../test/harness/api-caller.ts';
import { create, customOrigin, download, untilDeployed } from '../../test/harness/kinds.ts';
import { pause } from '../../test/harness/until.ts';
import { needs } from '../../test/harness/programs.ts';
import type { ServerProcess } from '../../test/harness/server-process.ts';
import { view } from '../../test/harness/viewing.ts';
import type { Asked, Benchmark, Outcome } from '../harness/benchmark.ts';
import { type Figure, figure } from '../harness/figure.ts';
import { allowedCores, cpuMs, pin } from '../harness/machine.ts';
import { withOrigin } from '../harness/origin.ts';
import { withFolder, withServer } from '../harness/served.ts';
import { load } from '../harness/wrk.ts';

const bodyBytes = 1_024;
const connections = 32;
const originHost = 'origin.bench.example';
const intervals = [
  { interval: '5m', said: 'written', settleMs: 500 },
  // What came last is closed after a second and delivered within the next.
  { interval: '1s', said: 'written, parted, compressed and delivered', settleMs: 3_000 },
] as const;

type Place = {
  readonly server: ServerProcess;
  readonly edge: string;
  readonly core: number;
  readonly seconds: number;
  /** After the load, until nothing is left to do. */
  readonly settleMs: number;
};

export const accessLog: Benchmark = {
  name: 'access-log',
  measures: 'CPU time of a hit with and without a line in the access log',
  async run(asked) {
    for (const name of ['wrk', 'taskset'] as const) {
      const { skip } = needs(name);
      if (skip !== false) return { kind: 'skipped', why: skip };
    }
    const [server, generator] = allowedCores();
    if (server === undefined || generator === undefined) {
      return { kind: 'skipped', why: 'two cores are needed, one of them for the load generator' };
    }
    return withOrigin([bodyBytes], ({ port }) =>
      withFolder(async (folder): Promise<Outcome> => {
        const figures: Figure[] = [];
        for (const { interval, said, settleMs } of intervals) {
          const logs = join(folder, interval);
          await mkdir(logs);
          const more = [
            `--origin=${originHost}=http://127.0.0.1:${port}`,
            `--bucket=logs=${logs}`,
            `--access-log-interval=${interval}`,
          ];
          const measured = await withServer({ home: 'disk', edges: 1, more }, (running) => {
            pin(running.pid, server);
            return measure(running, { generator, said, settleMs }, asked);
          });
          figures.push(...measured);
        }
        return { kind: 'figures', figures, notes: [] };
      }),
    );
  },
};

type Measured = {
  readonly generator: number;
  readonly said: string;
  readonly settleMs: number;
};

async function measure(
  server: ServerProcess,
  { generator, said, settleMs }: Measured,
  { quick, say }: Asked,
): Promise<readonly Figure[]> {
  const [roundCount, seconds] = quick ? [2, 1] : [9, 3];
  const edge = server.addresses.edges[0]?.http ?? '';
  const place = { server, edge, core: generator, seconds, settleMs };
  const plain = await distribute(server, edge, '');
  const logging = '<Logging><Bucket>logs.s3.amazonaws.com</Bucket><Prefix></Prefix></Logging>';
  const logged = await distribute(server, edge, logging);
  const without: number[] = [];
  const more: number[] = [];
  for (let round = 0; round < roundCount; round += 1) {
    say(`a line ${said}, round ${round + 1} of ${roundCount}`);
    const hosts = round % 2 === 0 ? [plain, logged] : [logged, plain];
    const costs = new Map<string, number>();
    for (const host of hosts) costs.set(host, await cost(place, host));
    const base = costs.get(plain) ?? 0;
    without.push(base);
    more.push((costs.get(logged) ?? 0) - base);
  }
  return [
    figure('CPU of a hit of 1 KB that is not logged', 'µs', without),
    figure(`CPU that a line adds, ${said}`, 'µs', more),
  ];
}

/** Microseconds of CPU time of a hit, all threads of the server together. */
async function cost(
  { core, edge, seconds, server, settleMs }: Place,
  host: string,
): Promise<number> {
  const before = cpuMs(server.pid);
  const url = `${edge}/${bodyBytes}`;
  const { errors, requests } = await load({ url, host, connections, seconds, core });
  if (errors > 0) throw new Error(`${errors} errors in ${requests} requests`);
  await pause(settleMs);
  return ((cpuMs(server.pid) - before) * 1_000) / requests;
}

/** Makes a distribution, has its object stored, and resolves with its name. */
async function distribute(server: ServerProcess, edge: string, more: string): Promise<string> {
  const api = new ApiCaller(server.addresses.api);
  const { domain, path } = await create(api, download, {
    reference: `access log ${more.length}`,
    origin: customOrigin(originHost, '', 'http-only'),
    more,
  });
  await untilDeployed(api, path);
  api.close();
  await view(edge, domain, `/${bodyBytes}`);
  return domain;
}
