/**
 * Rounds of: start the real server on what its disk cache has, hold every byte that it serves against
 * what the origin had, load it with viewers and invalidations, and kill it. Now and then files of the
 * cache are harmed in between, as a power failure would.
 *
 * Bodies tell whose they are and of which version (test/soak/bodies.ts), so any byte of another object,
 * version or place is seen, and so is an object that was invalidated before the kill.
 */
import assert from 'node:assert/strict';
import { mkdtemp, open, readdir, rm, stat, truncate } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiCaller } from '../harness/api-caller.ts';
import { invalidate, untilCompleted } from '../harness/content.ts';
import { create, customOrigin, download, untilDeployed } from '../harness/kinds.ts';
import { SeededRandomness } from '../harness/seeded-randomness.ts';
import {
  beginServerProcess,
  edgesOnFreePorts,
  freePorts,
  type ServerProcess,
  startServerProcess,
} from '../harness/server-process.ts';
import { pause } from '../harness/until.ts';
import { isPieceOf, versionOf } from '../soak/bodies.ts';
import { SoakOrigin } from '../soak/origin.ts';
import { newTally, type Tally, watch } from '../soak/viewers.ts';

export type StoreRounds = {
  readonly rounds: number;
  readonly seed: number;
  /** After so many rounds an empty folder is begun with. */
  readonly roundsPerFolder: number;
  readonly tell?: (line: string) => void;
};

export type StoreReport = {
  readonly rounds: number;
  readonly killedWhileStarting: number;
  /** Times that files were harmed between two rounds. */
  readonly harmed: number;
  /** Of the objects asked for after each restart. */
  readonly asked: number;
  readonly bytes: number;
  /** Given without a word to the origin, so out of what an earlier run had put on disk. */
  readonly fromDisk: number;
  /** Answers that ended early; only of folders with harmed files. */
  readonly cut: number;
  /** Acknowledged, and held against all that was served later. */
  readonly invalidations: number;
  readonly underLoad: Tally;
  readonly startMs: readonly number[];
};

const originHost = 'origin.crash.example';
const viewers = 8;
const lifeMsMax = 900;
const auditedPerRound = 60;
const mebibyte = 1_048_576;

export async function runStoreRounds(options: StoreRounds): Promise<StoreReport> {
  const randomness = new SeededRandomness(options.seed);
  const origin = new SoakOrigin(new SeededRandomness(options.seed + 1));
  await origin.listen();
  const report = {
    rounds: options.rounds,
    killedWhileStarting: 0,
    harmed: 0,
    asked: 0,
    bytes: 0,
    fromDisk: 0,
    cut: 0,
    invalidations: 0,
    underLoad: newTally(),
    startMs: new Array<number>(),
  };
  let world: World | undefined;
  try {
    for (let round = 0; round < options.rounds; round += 1) {
      if (round % options.roundsPerFolder === 0) {
        await world?.remove();
        world = await World.make(origin, randomness);
      }
      assert(world !== undefined);
      const before = { ...report };
      await playRound(world, { origin, randomness, round, seed: options.seed }, report);
      options.tell?.(
        `round ${round + 1}: ${report.asked - before.asked} asked, ` +
          `${report.fromDisk - before.fromDisk} from disk, ${report.cut - before.cut} cut, ` +
          `${report.invalidations - before.invalidations} invalidations`,
      );
    }
  } finally {
    await world?.remove();
    await origin.close();
  }
  assert.deepEqual(report.underLoad.told, []);
  return report;
}

type Mutable = { -readonly [Name in keyof StoreReport]: StoreReport[Name] };
type Round = {
  readonly origin: SoakOrigin;
  readonly randomness: SeededRandomness;
  readonly round: number;
  readonly seed: number;
};

async function playRound(
  world: World,
  { origin, randomness, round, seed }: Round,
  report: Omit<Mutable, 'startMs'> & { readonly startMs: number[] },
): Promise<void> {
  const isHarmed = world.domain !== undefined && randomness.chance(0.25) && (await world.harm());
  if (isHarmed) report.harmed += 1;
  if (randomness.chance(0.15)) {
    const starting = beginServerProcess(world.args);
    await pause(randomness.below(700));
    await starting.kill();
    report.killedWhileStarting += 1;
  }
  const server = await startServerProcess(world.args);
  report.startMs.push(server.startMs);
  const api = new ApiCaller(server.addresses.api);
  const killed = new AbortController();
  try {
    const { domain, path } = await world.distribution(api);
    const edge = server.addresses.edges[0]?.http ?? '';
    for (const one of world.someObjects(auditedPerRound)) {
      const askedBefore = origin.asked;
      const given = await take(edge, domain, one, world.leastVersion(one));
      report.asked += 1;
      report.bytes += given.bytes;
      if (given.isWhole && origin.asked === askedBefore) report.fromDisk += 1;
      if (!given.isWhole) report.cut += 1;
      assert(given.isWhole || world.isHarmed, `${one} was cut, and nothing was harmed`);
    }
    const watching = Array.from({ length: viewers }, () =>
      watch({
        edges: [edge],
        host: domain,
        paths: world.paths,
        randomness: new SeededRandomness(randomness.below(2 ** 31)),
        tally: report.underLoad,
        signal: killed.signal,
        leastVersion: (one) => world.leastVersion(one),
      }),
    );
    const changing = change(world, origin, { api, path, signal: killed.signal, round });
    await pause(100 + randomness.below(lifeMsMax));
    await kill(server, killed);
    report.invalidations += await changing;
    await Promise.all(watching);
    world.keepAcknowledged();
  } catch (error) {
    throw new Error(`round ${round} of seed ${seed}:\n${server.output()}`, { cause: error });
  } finally {
    killed.abort();
    api.close();
    await server.kill();
  }
}

async function kill(server: ServerProcess, killed: AbortController): Promise<void> {
  await server.kill();
  killed.abort();
}

/** New versions, each with an invalidation of what was before; the answer is how many were accepted. */
async function change(
  world: World,
  origin: SoakOrigin,
  {
    api,
    path,
    round,
    signal,
  }: {
    readonly api: ApiCaller;
    readonly path: string;
    readonly round: number;
    readonly signal: AbortSignal;
  },
): Promise<number> {
  let accepted = 0;
  try {
    for (let turn = 0; !signal.aborted; turn += 1) {
      const [object] = world.someObjects(1);
      assert(object !== undefined);
      const version = origin.change(object);
      const made = await invalidate(api, path, `round ${round}, ${turn}`, [object]);
      accepted += 1;
      world.acknowledged.set(object, version);
      await untilCompleted(api, made.path);
      world.least.set(object, version);
      await pause(30);
    }
  } catch {
    // The server was killed in the midst of it; what it had acknowledged counts all the same.
  }
  return accepted;
}

class World {
  readonly args: readonly string[];
  readonly paths: readonly string[];
  /** What may not be served any more is older: at once, and from the next start on. */
  readonly least = new Map<string, number>();
  readonly acknowledged = new Map<string, number>();
  /** Whether any file was; what harm was done is found out when it is read, rounds later perhaps. */
  isHarmed = false;
  readonly #folder: string;
  readonly #randomness: SeededRandomness;
  #made: { readonly domain: string; readonly path: string } | undefined;

  static async make(origin: SoakOrigin, randomness: SeededRandomness): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'warmfront-store-crash-'));
    return new World(folder, origin, randomness);
  }

  private constructor(folder: string, origin: SoakOrigin, randomness: SeededRandomness) {
    this.#folder = folder;
    this.#randomness = randomness;
    const sizes = [1, 300, 4_096, 70_000, 262_144, 500_000, 1_500_000, 5_000_000];
    this.paths = Array.from({ length: 120 }, (_, index) => {
      const size = (sizes[index % sizes.length] ?? 1) + randomness.below(1_000);
      return `/${index % 10 === 9 ? 'chunked' : 'kept'}/${index}-${size}`;
    });
    this.args = [
      '--data',
      join(folder, 'data'),
      ...freePorts,
      ...edgesOnFreePorts('a'),
      '--edge-workers',
      '2',
      '--origin',
      `${originHost}=http://127.0.0.1:${origin.port}`,
      // Less than all objects take, so that there is eviction too; memory has hardly anything.
      '--cache-disk=48MiB',
      '--cache-memory=2MiB',
      '--cached-body=256KiB',
    ];
  }

  get domain(): string | undefined {
    return this.#made?.domain;
  }

  async distribution(api: ApiCaller): Promise<{ readonly domain: string; readonly path: string }> {
    if (this.#made === undefined) {
      const origin = customOrigin(originHost, '', 'http-only');
      this.#made = await create(api, download, { reference: 'crash', origin });
    }
    await untilDeployed(api, this.#made.path);
    return this.#made;
  }

  leastVersion(path: string): number {
    return this.least.get(path) ?? 0;
  }

  /** Whoever starts again has read the whole log before it answers viewers. */
  keepAcknowledged(): void {
    for (const [path, version] of this.acknowledged) this.least.set(path, version);
  }

  /** No two alike. */
  someObjects(count: number): readonly string[] {
    const some = new Set<string>();
    while (some.size < count) some.add(this.#randomness.pick(this.paths) ?? '/');
    return [...some];
  }

  /** Cuts some files and changes bytes of others; false: there were none. */
  async harm(): Promise<boolean> {
    const cache = join(this.#folder, 'data', 'edges', 'a', 'cache');
    const found = await readdir(cache, { recursive: true, withFileTypes: true });
    const files = found
      .filter((one) => one.isFile() && /heads|bodies/.test(one.parentPath))
      .map((one) => join(one.parentPath, one.name));
    for (let index = 0; index < Math.min(10, files.length); index += 1) {
      const path = this.#randomness.pick(files) ?? '';
      const { size } = await stat(path);
      const at = this.#randomness.below(Math.max(size, 1));
      if (this.#randomness.chance(0.5)) await truncate(path, at);
      else await overwrite(path, at, this.#randomness.bytes(1 + this.#randomness.below(5_000)));
    }
    this.isHarmed ||= files.length > 0;
    return files.length > 0;
  }

  remove(): Promise<void> {
    return rm(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function overwrite(path: string, at: number, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'r+');
  await file.write(bytes, 0, bytes.length, at);
  await file.close();
}

/** Asks for an object, and judges all that comes of it. */
async function take(
  edge: string,
  host: string,
  path: string,
  least: number,
): Promise<{ readonly isWhole: boolean; readonly bytes: number }> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${edge}${path}`, { headers: { host } }, resolve).on('error', reject);
  });
  assert.equal(answer.statusCode, 200, path);
  const version = versionOf(path, answer.headers.etag);
  assert(version !== undefined, `${path} has the ETag ${answer.headers.etag}`);
  assert(version >= least, `${path} is of version ${version}, invalidated up to ${least}`);
  let bytes = 0;
  try {
    for await (const chunk of answer) {
      const piece: Uint8Array = chunk;
      assert(isPieceOf({ path, version }, bytes, piece), `${path} has other bytes after ${bytes}`);
      bytes += piece.length;
    }
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    return { isWhole: false, bytes };
  }
  if (answer.complete) assert.equal(bytes, Number(/-(\d+)$/.exec(path)?.[1]), path);
  return { isWhole: answer.complete, bytes };
}

export function describe(report: StoreReport): string {
  const { asked, bytes, cut, fromDisk, harmed, invalidations, killedWhileStarting, rounds } =
    report;
  const { cut: cutUnderLoad, requests, wrong } = report.underLoad;
  const starts = report.startMs.toSorted((a, b) => a - b);
  const median = Math.round(starts[Math.floor(starts.length / 2)] ?? 0);
  return `
kills              ${rounds} under load, and ${killedWhileStarting} starts; files were harmed ${harmed} times
after restarts     ${asked} objects asked for, ${Math.round(bytes / mebibyte)} MiB, every byte right
from disk          ${fromDisk} of them, without a word to the origin
cut                ${cut} of them, of folders with harmed files only
under load         ${requests} requests, ${wrong} wrong, ${cutUnderLoad} cut by the kills
invalidations      ${invalidations} acknowledged, none undone
start to ready     ${median} ms as a median, ${Math.round(starts.at(-1) ?? 0)} ms at most`;
}
