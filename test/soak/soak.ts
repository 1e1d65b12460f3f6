/**
 * A soak: the real server under a mixed load for a long time, while origins die, disks fill, viewers
 * dawdle and objects are invalidated. What must hold all the while: no byte is wrong, nothing that an
 * invalidation took away comes back once that is `Completed`, the process goes on, and its memory
 * stays where it is.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiCaller, assertStatus, etagOf, textAt } from '../harness/api-caller.ts';
import { create, customOrigin, download, namespace, untilDeployed } from '../harness/kinds.ts';
import { SeededRandomness } from '../harness/seeded-randomness.ts';
import { edgesOnFreePorts, freePorts, startServerProcess } from '../harness/server-process.ts';
import { flatness, type Flatness, residentBytes } from './memory.ts';
import { type Manner, SoakOrigin } from './origin.ts';
import { SmallDisk } from './small-disk.ts';
import { newTally, type Tally, type ViewerParts, watch } from './viewers.ts';

export type SoakOptions = {
  readonly seconds: number;
  readonly seed: number;
  readonly viewers: number;
  /** More flags of the server. */
  readonly flags: readonly string[];
  readonly tell: (line: string) => void;
};

export type SoakReport = {
  readonly tally: Tally;
  readonly originAsked: number;
  readonly invalidations: number;
  readonly updates: number;
  /** Changes that a full disk kept from being recorded. */
  readonly refused: number;
  readonly faults: number;
  readonly diskFilled: number | undefined;
  readonly memory: Flatness;
};

const originHost = 'origin.soak.example';
const manners: readonly Manner[] = ['errors', 'truncates', 'resets', 'slow', 'dead'];
const stepMsMax = 3_000;
/** A chance at which a step invalidates. */
const invalidating = 0.7;
const reportEveryMs = 30_000;
const diskBytes = 256 * 1_048_576;

/** Rejects where the server ends or the API refuses what it must do. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const { flags, seconds, seed, tell } = options;
  const randomness = new SeededRandomness(seed);
  const folder = await mkdtemp(join(tmpdir(), 'warmfront-soak-'));
  const disk = SmallDisk.mount(folder, diskBytes);
  const origin = new SoakOrigin(new SeededRandomness(seed + 1));
  await origin.listen();
  const server = await startServerProcess([
    '--data',
    join(folder, 'data'),
    ...freePorts,
    ...edgesOnFreePorts('one', 'two'),
    '--origin',
    `${originHost}=http://127.0.0.1:${origin.port}`,
    ...flags,
  ]);
  let ended = false;
  void server.exited.then(() => {
    ended = true;
  });
  const api = new ApiCaller(server.addresses.api);
  const stop = new AbortController();
  const tally = newTally();
  try {
    const made = await create(api, download, {
      reference: 'soak',
      origin: customOrigin(originHost, '', 'http-only'),
    });
    await untilDeployed(api, made.path);
    const least = new Map<string, number>();
    const paths = objects(randomness);
    const parts: ViewerParts = {
      edges: server.addresses.edges.map(({ http }) => http),
      host: made.domain,
      paths,
      randomness,
      tally,
      signal: stop.signal,
      leastVersion: (path) => least.get(path) ?? 0,
    };
    const watching = Array.from({ length: options.viewers }, () => watch(parts));
    const report = { invalidations: 0, updates: 0, refused: 0, faults: 0 };
    const samples: number[] = [];
    const endAt = performance.now() + seconds * 1_000;
    let tellAt = performance.now() + reportEveryMs;
    while (performance.now() < endAt) {
      if (ended) throw new Error(`the server has ended\n${server.output()}`);
      await sleep(randomness.below(stepMsMax));
      samples.push(residentBytes(server.pid) ?? 0);
      // However few steps there is time for, one of them is an invalidation.
      const chance = samples.length === 1 ? invalidating : randomness.fraction();
      if (chance < 0.3) {
        await origin.be(manners[randomness.below(manners.length)] ?? 'errors');
        report.faults += 1;
      } else if (chance < 0.6) await origin.be('healthy');
      else if (chance < 0.8) {
        const path = paths[randomness.below(paths.length)] ?? '/';
        const version = origin.change(path);
        if (await invalidate(api, made.path, path, `soak-${version}`)) {
          least.set(path, version);
          report.invalidations += 1;
        } else report.refused += 1;
      } else if (chance < 0.9) {
        for (let index = 0; index < 5; index += 1) {
          origin.change(paths[randomness.below(paths.length)] ?? '/');
        }
      } else if (chance < 0.95) {
        if (await update(api, made.path, `update ${report.updates}`)) report.updates += 1;
        else report.refused += 1;
      } else disk?.fillOrEmpty();
      if (performance.now() > tellAt) {
        tellAt += reportEveryMs;
        tell(`${tally.requests} requests, ${tally.wrong} wrong, ${mib(samples.at(-1))} MiB`);
      }
    }
    stop.abort();
    await origin.be('healthy');
    await Promise.all(watching);
    return {
      tally,
      originAsked: origin.asked,
      ...report,
      diskFilled: disk?.filled,
      memory: flatness(samples),
    };
  } finally {
    stop.abort();
    api.close();
    await server.stop().catch(() => undefined);
    await origin.close();
    disk?.unmount();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Small ones, large ones, such as go stale soon, and such as say no length. */
function objects(randomness: SeededRandomness): readonly string[] {
  const kinds = ['kept', 'kept', 'brief', 'chunked'] as const;
  const sizes = [200, 1_024, 20_000, 65_536, 300_000, 1_500_000, 6_000_000] as const;
  return Array.from({ length: 600 }, (_, index) => {
    const size = sizes[Math.floor(sizes.length * randomness.fraction() ** 2)] ?? 1_024;
    return `/${kinds[randomness.below(kinds.length)]}/${index}-${size + randomness.below(100) + 1}`;
  });
}

/**
 * Resolves when it is `Completed`: from then on, nothing older may be served. False: it was refused,
 * as a full disk takes no changes.
 */
async function invalidate(
  api: ApiCaller,
  distribution: string,
  path: string,
  reference: string,
): Promise<boolean> {
  const batch =
    `<InvalidationBatch xmlns="${namespace}"><Path>${path}</Path>` +
    `<CallerReference>${reference}</CallerReference></InvalidationBatch>`;
  const posted = await api.post(`${distribution}/invalidation`, batch);
  if (posted.status === 503) return false;
  assertStatus(posted, 201);
  const id = textAt(posted, 'Id');
  for (;;) {
    const read = await api.get(`${distribution}/invalidation/${id}`);
    if (textAt(read, 'Status') === 'Completed') return true;
    await sleep(5);
  }
}

async function update(api: ApiCaller, distribution: string, comment: string): Promise<boolean> {
  const config = await api.get(`${distribution}/config`);
  const body = config.body
    .replace(/<Comment>[^<]*<\/Comment>/, '')
    .replace('<Enabled>', `<Comment>${comment}</Comment><Enabled>`);
  const put = await api.put(`${distribution}/config`, etagOf(config), body);
  if (put.status === 503) return false;
  assertStatus(put, 200);
  await untilDeployed(api, distribution);
  return true;
}

function mib(bytes = 0): number {
  return Math.round(bytes / 1_048_576);
}
