/**
 * What a line of the access log costs a hit: one server, one object, and two distributions, of which
 * one logs. Each round loads both, in turns of who goes first. CPU time is told by thread: what a line
 * costs where viewers are answered, and what it costs elsewhere to write, part, compress and deliver
 * it, which is waited for.
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
import { allowedCores, pin, threadsCpuMs } from '../harness/machine.ts';
import { withOrigin } from '../harness/origin.ts';
import { withFolder, withServer } from '../harness/served.ts';
import { load } from '../harness/wrk.ts';

const bodyBytes = 1_024;
const connections = 32;
const originHost = 'origin.bench.example';
/** Lines go on their way after a second, and are delivered within the next ones. */
const interval = '1s';
const settleMs = 3_000;
/** The edge's thread bears its name. */
const edgeName = 'edge1';

/** Microseconds of a hit: on the edge's thread, and on all others. */
type Cost = { readonly edge: number; readonly elsewhere: number };

type Place = {
  readonly server: ServerProcess;
  readonly edge: string;
  readonly core: number;
  readonly seconds: number;
};

export const accessLog: Benchmark = {
  name: 'access-log',
  measures: 'CPU time of a hit with and without a line in the access log, by thread',
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
        const logs = join(folder, 'logs');
        await mkdir(logs);
        const more = [
          `--origin=${originHost}=http://127.0.0.1:${port}`,
          `--bucket=logs=${logs}`,
          `--access-log-interval=${interval}`,
        ];
        const figures = await withServer({ home: 'disk', edges: 1, more }, (running) => {
          pin(running.pid, server);
          return measure(running, generator, asked);
        });
        return { kind: 'figures', figures, notes: [] };
      }),
    );
  },
};

async function measure(
  server: ServerProcess,
  core: number,
  { quick, say }: Asked,
): Promise<readonly Figure[]> {
  const [roundCount, seconds] = quick ? [2, 1] : [9, 3];
  const edge = server.addresses.edges[0]?.http ?? '';
  const place = { server, edge, core, seconds };
  const plain = await distribute(server, edge, '');
  const logging = '<Logging><Bucket>logs.s3.amazonaws.com</Bucket><Prefix></Prefix></Logging>';
  const logged = await distribute(server, edge, logging);
  const without: number[] = [];
  const onEdge: number[] = [];
  const elsewhere: number[] = [];
  for (let round = 0; round < roundCount; round += 1) {
    say(`round ${round + 1} of ${roundCount}`);
    const isEven = round % 2 === 0;
    const first = await cost(place, isEven ? plain : logged);
    const second = await cost(place, isEven ? logged : plain);
    const [bare, full] = isEven ? [first, second] : [second, first];
    without.push(bare.edge);
    onEdge.push(full.edge - bare.edge);
    elsewhere.push(full.elsewhere - bare.elsewhere);
  }
  return [
    figure("a hit of 1 KB without a line, on the edge's thread", 'µs', without),
    figure('what a line adds to it there', 'µs', onEdge),
    figure('what a line costs on other threads', 'µs', elsewhere),
  ];
}

async function cost({ core, edge, seconds, server }: Place, host: string): Promise<Cost> {
  const before = threadsCpuMs(server.pid);
  const url = `${edge}/${bodyBytes}`;
  const { errors, requests } = await load({ url, host, connections, seconds, core });
  if (errors > 0) throw new Error(`${errors} errors in ${requests} requests`);
  await pause(settleMs);
  let onEdge = 0;
  let elsewhere = 0;
  for (const [name, ms] of threadsCpuMs(server.pid)) {
    const spent = ms - (before.get(name) ?? 0);
    if (name === `edge ${edgeName}`) onEdge += spent;
    else elsewhere += spent;
  }
  return { edge: (onEdge * 1_000) / requests, elsewhere: (elsewhere * 1_000) / requests };
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
