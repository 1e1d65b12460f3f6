/**
 * Rounds of: start the real server on a data folder, write to it from several sides at once, end it
 * at a random moment, start it again on the same data, and hold it to all that it promised.
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiCaller } from '../harness/api-caller.ts';
import { untilDeployed } from '../harness/kinds.ts';
import { SeededRandomness } from '../harness/seeded-randomness.ts';
import {
  beginServerProcess,
  edgesOnFreePorts,
  freePorts,
  type ServerProcess,
  startServerProcess,
} from '../harness/server-process.ts';
import { pause } from '../harness/until.ts';
import { view } from '../harness/viewing.ts';
import { audit, type Entry, type Resolved } from './server-ledger.ts';
import { Contended, type Counts, type Ending, write } from './server-writers.ts';

export type RoundsOptions = {
  readonly rounds: number;
  readonly seed: number;
  /** How a round ends. `mixed`: mostly by kill -9. */
  readonly by: 'SIGKILL' | 'SIGTERM' | 'mixed';
  /** After so many rounds a new data folder is begun, so that first starts are killed as well. */
  readonly roundsPerFolder: number;
  readonly tell?: (line: string) => void;
};

export type RoundsReport = {
  readonly rounds: number;
  readonly killedWhileStarting: number;
  readonly acknowledged: Counts;
  readonly unanswered: readonly Resolved[];
  /** Process start to ready line, of starts on data that was there. */
  readonly startMs: readonly number[];
  /** Ready line until every distribution was Deployed again. */
  readonly deployedMs: readonly number[];
  readonly viewerRequests: number;
};

const writers = 4;
const body = 'an object\n';
const lifeMsMax = 400;
const startMsMax = 900;
const goneKept = 12;

export async function runRounds(options: RoundsOptions): Promise<RoundsReport> {
  const counts: Counts = { create: 0, update: 0, delete: 0, contended: 0 };
  const unanswered: Resolved[] = [];
  const startMs: number[] = [];
  const deployedMs: number[] = [];
  let killedWhileStarting = 0;
  let viewerRequests = 0;
  let data: DataFolder | undefined;
  const randomness = new SeededRandomness(options.seed);
  try {
    for (let round = 0; round < options.rounds; round += 1) {
      if (round % options.roundsPerFolder === 0) {
        await data?.remove();
        data = await DataFolder.make();
      }
      assert(data !== undefined);
      const starts = await killWhileStarting(data, randomness);
      killedWhileStarting += starts;
      const server = await startServerProcess(data.args);
      const ready = performance.now();
      if (data.used) startMs.push(server.startMs);
      const api = new ApiCaller(server.addresses.api);
      const ending: Ending = { ended: false };
      try {
        viewerRequests += await auditViewers(server, data.entries, randomness);
        unanswered.push(...(await audit(api, data.entries, data.contended?.path)));
        await data.contended?.audit(api);
        await allDeployed(api, data);
        if (data.used) deployedMs.push(performance.now() - ready);
        viewerRequests += await auditViewers(server, data.entries, randomness);
        data.forgetOldest();
        data.contended ??= await Contended.create(api, 'contended');
        const working = work({ api, data, counts, ending, randomness, round });
        await Promise.race([working, pause(randomness.below(lifeMsMax))]);
        ending.ended = true;
        await end(server, options, randomness);
        await working;
        data.used = true;
      } catch (error) {
        throw new Error(`round ${round} of seed ${options.seed}:\n${server.output()}`, {
          cause: error,
        });
      } finally {
        ending.ended = true;
        api.close();
        await server.kill();
      }
      const living = data.entries.filter(({ isGone }) => !isGone).length;
      options.tell?.(
        `round ${round + 1}: ready in ${Math.round(server.startMs)} ms, ${living} distributions, ` +
          `${starts} starts killed, ${Object.values(counts).reduce((a, b) => a + b)} writes so far`,
      );
    }
  } finally {
    await data?.remove();
  }
  return {
    rounds: options.rounds,
    killedWhileStarting,
    acknowledged: counts,
    unanswered,
    startMs,
    deployedMs,
    viewerRequests,
  };
}

class DataFolder {
  readonly args: readonly string[];
  readonly entries: Entry[] = [];
  contended: Contended | undefined;
  /** Whether a server was ready on it once. */
  used = false;
  readonly #folder: string;

  static async make(): Promise<DataFolder> {
    const folder = await mkdtemp(join(tmpdir(), 'warmfront-crash-'));
    await mkdir(join(folder, 'pics'));
    await writeFile(join(folder, 'pics', 'a.txt'), body);
    return new DataFolder(folder);
  }

  private constructor(folder: string) {
    this.#folder = folder;
    this.args = [
      '--data',
      join(folder, 'data'),
      '--bucket',
      `pics=${join(folder, 'pics')}`,
      ...freePorts,
      ...edgesOnFreePorts('a', 'b'),
    ];
  }

  /** Of what is gone, the last few are still asked for. */
  forgetOldest(): void {
    const gone = this.entries.filter(({ isGone }) => isGone).slice(0, -goneKept);
    for (const entry of gone) this.entries.splice(this.entries.indexOf(entry), 1);
  }

  remove(): Promise<void> {
    return rm(this.#folder, { recursive: true, force: true });
  }
}

/** Now and then some starts are killed before they are ready; the answer is how many. */
async function killWhileStarting(data: DataFolder, randomness: SeededRandomness): Promise<number> {
  let killed = 0;
  while (randomness.chance(0.3)) {
    const starting = beginServerProcess(data.args);
    await pause(randomness.below(startMsMax));
    const exit = await starting.kill();
    assert(exit.signal === 'SIGKILL', `a start ended by itself, with ${exit.code}`);
    killed += 1;
  }
  return killed;
}

async function work(parts: {
  readonly api: ApiCaller;
  readonly data: DataFolder;
  readonly counts: Counts;
  readonly ending: Ending;
  readonly randomness: SeededRandomness;
  readonly round: number;
}): Promise<void> {
  const { data, randomness, round } = parts;
  const { contended } = data;
  assert(contended !== undefined);
  const own = Array.from({ length: writers }, (_, turn) => {
    const name = `round ${round}, writer ${turn}`;
    // Writers share the list of entries, but each touches those of its own turn alone.
    const entries = data.entries.filter((_entry, index) => index % writers === turn);
    const known = entries.length;
    return write({ ...parts, name, entries, randomness: forked(randomness) }).finally(() => {
      data.entries.push(...entries.slice(known));
    });
  });
  const contending = ['x', 'y'].map((name) =>
    contended.contend({ ...parts, name: `round ${round}, ${name}` }),
  );
  await Promise.all([...own, ...contending]);
}

function forked(randomness: SeededRandomness): SeededRandomness {
  return new SeededRandomness(randomness.below(2 ** 31));
}

async function end(
  server: ServerProcess,
  { by }: RoundsOptions,
  randomness: SeededRandomness,
): Promise<void> {
  if (by === 'SIGTERM' || (by === 'mixed' && randomness.chance(0.15))) {
    const exit = await server.stop();
    assert.deepEqual(exit, { code: 0, signal: null }, `SIGTERM: ${server.output()}`);
  } else {
    await server.kill();
  }
}

async function allDeployed(api: ApiCaller, { contended, entries }: DataFolder): Promise<void> {
  for (const { isGone, known } of entries) {
    if (!isGone && known !== undefined) await untilDeployed(api, known.path);
  }
  if (contended !== undefined) await untilDeployed(api, contended.path);
}

/** Viewers at each edge get what is enabled, and no more; of writes without an answer nobody knows. */
async function auditViewers(
  server: ServerProcess,
  entries: readonly Entry[],
  randomness: SeededRandomness,
): Promise<number> {
  const certain = entries.filter(
    ({ known, pending }) => known !== undefined && pending === undefined,
  );
  const asked = Array.from({ length: Math.min(8, certain.length) }, () => randomness.pick(certain));
  let requests = 0;
  for (const entry of asked) {
    const { isGone, known, words } = entry ?? {};
    if (known === undefined || words === undefined) continue;
    for (const edge of server.addresses.edges) {
      const seen = await view(edge.http, known.domain, '/a.txt');
      const isServed: boolean = isGone !== true && known.enabled && words.kind === 'download';
      assert.equal(seen.status, isServed ? 200 : 403, `edge ${edge.name} and ${entry?.reference}`);
      if (isServed) assert.equal(seen.body, body);
      requests += 1;
    }
  }
  return requests;
}
