/**
 * A load beside other programs: each round loads all of them, in turns of who goes first, and a ratio is
 * taken inside a round, since machines differ, and so do hours. The server stands on one core with
 * all its threads and the load generator on another, so that CPU time tells programs apart even
 * where the load generator is what gives out first.
 */
import { headerValue } from '../../src/http/header-list.ts';
import { ApiCaller, assertStatus } from '../../test/harness/api-caller.ts';
import { create, customOrigin, download, untilDeployed } from '../../test/harness/kinds.ts';
import { needs } from '../../test/harness/programs.ts';
import type { ServerProcess } from '../../test/harness/server-process.ts';
import { view } from '../../test/harness/viewing.ts';
import { type Figure, figure, percentile, type Unit } from './figure.ts';
import { allowedCores, cpuMs, machineMs, ownMs, untilQuiet } from './machine.ts';
import type { BenchOrigin } from './origin.ts';
import type { Load } from './load.ts';

export const connections = 32;
/** So long each one is loaded before it is measured: code that runs for the first time is slow. */
const warmUpSeconds = 2;
/** A run of which others took more of the machine than this (in cores) is made again. */
const foreignShareMax = 0.06;
const triesMax = 4;
export const originHost = 'origin.bench.example';
/** From here on the load generator may be what limited the rate, and only CPU time tells. */
const generatorShareMax = 0.95;

export type Cores = { readonly server: number; readonly generator: number };

export type Target = {
  readonly name: string;
  readonly pid: number;
  /** What is loaded. */
  readonly url: string;
  /** The same over plain HTTP. */
  readonly plainUrl: string;
  readonly host: string;
};

/** Of one target in one round. */
export type Result = {
  readonly rate: number;
  readonly cpuUs: number;
  readonly generatorShare: number;
  /** What others took of the machine meanwhile, in cores. */
  readonly foreignShare: number;
};
export type Round = { readonly ours: Result; readonly peers: ReadonlyMap<string, Result> };

export type GeneratorName = 'wrk' | 'h2load';

/** Two cores to stand on, or why there is nothing to measure. */
export function coresForLoad(name: GeneratorName): Cores | { readonly why: string } {
  for (const needed of ['nginx', name, 'taskset'] as const) {
    const { skip } = needs(needed);
    if (skip !== false) return { why: skip };
  }
  const [server, generator] = allowedCores();
  if (server !== undefined && generator !== undefined) return { server, generator };
  return { why: 'two cores are needed, one of them for the load generator' };
}

/**
 * Makes the distribution that the load is for, and resolves with its name. `conformance`: what is
 * set on it beyond the API that makes it.
 */
export async function distribute(
  { addresses }: ServerProcess,
  conformance?: Readonly<Record<string, unknown>>,
): Promise<string> {
  const api = new ApiCaller(addresses.api);
  const said = { reference: 'hits', origin: customOrigin(originHost, '', 'http-only') };
  const { domain, id, path } = await create(api, download, said);
  if (conformance !== undefined) {
    const body = JSON.stringify(conformance);
    assertStatus(await api.call('PUT', `/_warmfront/conformance/${id}`, { body }), 200);
  }
  await untilDeployed(api, path);
  api.close();
  return domain;
}

export type Loading = {
  /** For notes and progress. */
  readonly said: string;
  readonly bytes: number;
  /** Of the object; `/BYTES` unless told otherwise. */
  readonly path?: string;
  /** No request is for what was asked for before, so each goes to the origin. */
  readonly misses?: boolean;
  readonly load: Load;
  readonly origin: BenchOrigin;
  readonly core: number;
  readonly roundCount: number;
  readonly seconds: number;
  readonly say: (progress: string) => void;
};

/** Rounds of one load; the first target is ours. */
export async function runRounds(
  targets: readonly [Target, ...Target[]],
  {
    bytes,
    core,
    load,
    misses = false,
    origin,
    path = `/${bytes}`,
    roundCount,
    said,
    say,
    seconds,
  }: Loading,
): Promise<readonly Round[]> {
  const how = { path, load, core, seconds };
  for (const target of targets) {
    await store(target, how.path, bytes);
    await loadOne(target, { ...how, seconds: warmUpSeconds });
  }
  const fetched = origin.requests();
  const rounds: Round[] = [];
  for (let index = 0; index < roundCount; index += 1) {
    say(`${said}, round ${index + 1} of ${roundCount}`);
    rounds.push(await runRound(targets, how, index));
  }
  const missed = origin.requests() - fetched;
  if (missed > 0 && !misses)
    throw new Error(`${missed} requests that were to be hits went to the origin`);
  return rounds;
}

/** What one has to know to read the figures of these rounds. */
export function notesOn(said: string, rounds: readonly Round[]): readonly string[] {
  return [...generatorNotes(said, rounds), ...foreignNotes(said, rounds)];
}

/** The object is in the cache, whole, and said to be a hit. */
async function store({ host, name, plainUrl }: Target, path: string, bytes: number): Promise<void> {
  await view(plainUrl, host, path);
  const { body, headers, status } = await view(plainUrl, host, path);
  const cache = headerValue(headers, 'x-cache') ?? 'none';
  if (status === 200 && body.length === bytes && /^hit/i.test(cache)) return;
  throw new Error(`${name} does not hit: ${status}, ${body.length} bytes, X-Cache: ${cache}`);
}

type OneLoad = {
  readonly path: string;
  readonly load: Load;
  readonly seconds: number;
  readonly core: number;
};

async function runRound(
  targets: readonly [Target, ...Target[]],
  how: OneLoad,
  index: number,
): Promise<Round> {
  const results = new Map<Target, Result>();
  for (let turn = 0; turn < targets.length; turn += 1) {
    const target = targets[(index + turn) % targets.length] ?? targets[0];
    results.set(target, await runOne(target, how));
  }
  const [own, ...others] = targets;
  const resultOf = (target: Target): Result => {
    const result = results.get(target);
    if (result === undefined) throw new Error(`${target.name} had no turn`);
    return result;
  };
  return {
    ours: resultOf(own),
    peers: new Map(others.map((target) => [target.name, resultOf(target)])),
  };
}

/** The quietest of a few tries. */
async function runOne(target: Target, how: OneLoad): Promise<Result> {
  let best: Result | undefined;
  for (let tries = 0; tries < triesMax; tries += 1) {
    await untilQuiet();
    const result = await loadOne(target, how);
    if (best === undefined || result.foreignShare < best.foreignShare) best = result;
    if (best.foreignShare <= foreignShareMax) break;
  }
  if (best === undefined) throw new Error('not tried');
  return best;
}

async function loadOne(target: Target, { core, load, path, seconds }: OneLoad): Promise<Result> {
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
export function beside(
  what: string,
  unit: Unit,
  rounds: readonly Round[],
  of: (result: Result) => number,
): Figure {
  const peers = peerNames(rounds).map((name) => {
    const theirs = resultsOf(rounds, name).map(of);
    const ratios = rounds.map(({ ours }, index) => {
      const their = theirs[index] ?? Number.NaN;
      return unit === '1/s' ? of(ours) / their : their / of(ours);
    });
    return { name, median: percentile(theirs, 50), ratio: percentile(ratios, 50) };
  });
  const ours = rounds.map((round) => of(round.ours));
  return figure(what, unit, ours, { peers });
}

function peerNames([first]: readonly Round[]): readonly string[] {
  return [...(first?.peers.keys() ?? [])];
}

function resultsOf(rounds: readonly Round[], name: string): readonly Result[] {
  return rounds.flatMap(({ peers }) => peers.get(name) ?? []);
}

function generatorNotes(said: string, rounds: readonly Round[]): string[] {
  const ours = rounds.map((round) => round.ours);
  const all = [
    ['ours', ours] as const,
    ...peerNames(rounds).map((name) => [name, resultsOf(rounds, name)] as const),
  ];
  return all.flatMap(([name, results]) => {
    const share = percentile(
      results.map(({ generatorShare }) => generatorShare),
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
    ...rounds.flatMap(({ ours, peers }) =>
      [ours, ...peers.values()].map(({ foreignShare }) => foreignShare),
    ),
  );
  return most <= foreignShareMax
    ? []
    : [`${said}: others took up to ${Math.round(most * 100)} % of a core meanwhile.`];
}
