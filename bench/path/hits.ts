/**
 * Cache hits a second, and the CPU time of one, beside nginx in the same run. Each round loads both,
 * in turns of who goes first, and a ratio is taken inside a round: machines differ, and so do hours.
 * The server stands on one core with all its threads and the load generator on another, so that CPU
 * time tells programs apart even where the load generator is what gives out first.
 */
import { headerValue } from '../../src/http/header-list.ts';
import { ApiCaller } from '../../test/harness/api-caller.ts';
import { create, customOrigin, download, untilDeployed } from '../../test/harness/kinds.ts';
import { needs } from '../../test/harness/programs.ts';
import type { ServerProcess } from '../../test/harness/server-process.ts';
import { view } from '../../test/harness/viewing.ts';
import type { Asked, Benchmark, Outcome } from '../harness/benchmark.ts';
import { type Figure, figure, percentile, type Unit } from '../harness/figure.ts';
import { allowedCores, cpuMs, machineMs, ownMs, pin, untilQuiet } from '../harness/machine.ts';
import { withNginx } from '../harness/nginx.ts';
import { type BenchOrigin, withOrigin } from '../harness/origin.ts';
import { withServer } from '../harness/served.ts';
import { load } from '../harness/wrk.ts';

const sizes = [
  { said: '1 KB', bytes: 1_024 },
  { said: '10 KB', bytes: 10_240 },
  { said: '100 KB', bytes: 102_400 },
] as const;
const connections = 32;
/** So long each one is loaded before it is measured: code that runs for the first time is slow. */
const warmUpSeconds = 2;
/** A run of which others took more of the machine than this (in cores) is made again. */
const foreignShareMax = 0.06;
const triesMax = 4;
const originHost = 'origin.bench.example';
/** From here on the load generator may be what limited the rate, and only CPU time tells. */
const generatorShareMax = 0.95;

type Cores = { readonly server: number; readonly generator: number };

type Target = {
  readonly name: 'ours' | 'nginx';
  readonly pid: number;
  readonly url: string;
  readonly host: string;
};

/** Of one target in one round. */
type Result = {
  readonly rate: number;
  readonly cpuUs: number;
  readonly generatorShare: number;
  /** What others took of the machine meanwhile, in cores. */
  readonly foreignShare: number;
};
type Round = { readonly ours: Result; readonly nginx: Result };

export const hits: Benchmark = {
  name: 'hits',
  measures: 'cache hits a second and CPU time of a hit, beside nginx',
  async run(asked) {
    for (const name of ['nginx', 'wrk', 'taskset'] as const) {
      const { skip } = needs(name);
      if (skip !== false) return { kind: 'skipped', why: skip };
    }
    const [server, generator] = allowedCores();
    if (server === undefined || generator === undefined) {
      return { kind: 'skipped', why: 'two cores are needed, one of them for the load generator' };
    }
    return withOrigin(
      sizes.map(({ bytes }) => bytes),
      (origin) => besideNginx(origin, { server, generator }, asked),
    );
  },
};

function besideNginx(origin: BenchOrigin, cores: Cores, asked: Asked): Promise<Outcome> {
  const more = ['--origin', `${originHost}=http://127.0.0.1:${origin.port}`];
  return withServer({ home: 'memory', edges: 1, more }, async (server) => {
    const host = await distribute(server);
    const [edge] = server.addresses.edges;
    if (edge === undefined) throw new Error('the server has no edge');
    return withNginx(origin.port, (nginx) => {
      const targets = [
        { name: 'ours', pid: server.pid, url: edge.http, host },
        { name: 'nginx', pid: nginx.pid, url: nginx.url, host },
      ] as const;
      for (const pid of [server.pid, ...nginx.processes()]) pin(pid, cores.server);
      return measureAll(origin, targets, cores, asked);
    });
  });
}

/** Makes the distribution that the load is for, and resolves with its name. */
async function distribute({ addresses }: ServerProcess): Promise<string> {
  const api = new ApiCaller(addresses.api);
  const said = { reference: 'hits', origin: customOrigin(originHost, '', 'http-only') };
  const { domain, path } = await create(api, download, said);
  await untilDeployed(api, path);
  api.close();
  return domain;
}

async function measureAll(
  origin: BenchOrigin,
  targets: readonly [Target, Target],
  { generator }: Cores,
  { quick, say }: Asked,
): Promise<Outcome> {
  const figures: Figure[] = [];
  const notes: string[] = [];
  const [roundCount, seconds] = quick ? [2, 1] : [7, 3];
  for (const { bytes, said } of sizes) {
    const path = `/${bytes}`;
    for (const target of targets) {
      await store(target, path, bytes);
      await loadOne(target, path, { seconds: warmUpSeconds, core: generator });
    }
    const fetched = origin.requests();
    const rounds: Round[] = [];
    for (let index = 0; index < roundCount; index += 1) {
      say(`${said}, round ${index + 1} of ${roundCount}`);
      rounds.push(await runRound(targets, path, { seconds, core: generator }, index));
    }
    const missed = origin.requests() - fetched;
    if (missed > 0) throw new Error(`${missed} requests that were to be hits went to the origin`);
    figures.push(
      beside(`hits of ${said}, ${connections} connections`, '1/s', rounds, ({ rate }) => rate),
      beside(`CPU of a hit of ${said}`, 'µs', rounds, ({ cpuUs }) => cpuUs),
    );
    notes.push(...generatorNotes(said, rounds), ...foreignNotes(said, rounds));
  }
  return { kind: 'figures', figures, notes };
}

/** The object is in the cache, whole, and said to be a hit. */
async function store({ host, name, url }: Target, path: string, bytes: number): Promise<void> {
  await view(url, host, path);
  const { body, headers, status } = await view(url, host, path);
  const cache = headerValue(headers, 'x-cache') ?? 'none';
  if (status === 200 && body.length === bytes && /^hit/i.test(cache)) return;
  throw new Error(`${name} does not hit: ${status}, ${body.length} bytes, X-Cache: ${cache}`);
}

type Load = { readonly seconds: number; readonly core: number };

async function runRound(
  [ours, nginx]: readonly [Target, Target],
  path: string,
  how: Load,
  index: number,
): Promise<Round> {
  if (index % 2 === 0) {
    const first = await runOne(ours, path, how);
    return { ours: first, nginx: await runOne(nginx, path, how) };
  }
  const first = await runOne(nginx, path, how);
  return { ours: await runOne(ours, path, how), nginx: first };
}

/** The quietest of a few tries. */
async function runOne(target: Target, path: string, how: Load): Promise<Result> {
  let best: Result | undefined;
  for (let tries = 0; tries < triesMax; tries += 1) {
    await untilQuiet();
    const result = await loadOne(target, path, how);
    if (best === undefined || result.foreignShare < best.foreignShare) best = result;
    if (best.foreignShare <= foreignShareMax) break;
  }
  if (best === undefined) throw new Error('not tried');
  return best;
}

async function loadOne(target: Target, path: string, { core, seconds }: Load): Promise<Result> {
  const { host, name, pid, url } = target;
  const before = { target: cpuMs(pid), machine: machineMs(), own: ownMs() };
  const asked = { url: `${url}${path}`, host, connections, seconds, core };
  const { cpuMs: generatorMs, errors, rate, requests } = await load(asked);
  const spentMs = cpuMs(pid) - before.target;
  const foreignMs = machineMs() - before.machine - spentMs - generatorMs - (ownMs() - before.own);
  if (errors > 0) throw new Error(`${name}: ${errors} errors in ${requests} requests`);
  return {
    rate,
    cpuUs: (spentMs * 1_000) / requests,
    generatorShare: generatorMs / (seconds * 1_000),
    foreignShare: foreignMs / (seconds * 1_000),
  };
}

/** A rate is better when it is higher, a time when it is lower. */
function beside(
  what: string,
  unit: Unit,
  rounds: readonly Round[],
  of: (result: Result) => number,
): Figure {
  const ratios = rounds.map(({ nginx, ours }) =>
    unit === '1/s' ? of(ours) / of(nginx) : of(nginx) / of(ours),
  );
  const median = percentile(
    rounds.map(({ nginx }) => of(nginx)),
    50,
  );
  const peer = { name: 'nginx', median, ratio: percentile(ratios, 50) };
  return figure(
    what,
    unit,
    rounds.map(({ ours }) => of(ours)),
    { peer },
  );
}

function generatorNotes(said: string, rounds: readonly Round[]): string[] {
  return (['ours', 'nginx'] as const).flatMap((name) => {
    const share = percentile(
      rounds.map((round) => round[name].generatorShare),
      50,
    );
    return share < generatorShareMax
      ? []
      : [
          `${said}, ${name}: the load generator was busy ${Math.round(share * 100)} % of the time, so its rate is no limit of the server's; the CPU time is.`,
        ];
  });
}

function foreignNotes(said: string, rounds: readonly Round[]): string[] {
  const most = Math.max(
    ...rounds.flatMap((round) => [round.ours.foreignShare, round.nginx.foreignShare]),
  );
  return most <= foreignShareMax
    ? []
    : [`${said}: others took up to ${Math.round(most * 100)} % of a core meanwhile.`];
}
