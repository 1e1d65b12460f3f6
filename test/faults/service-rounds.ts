/**
 * Rounds of faults on the whole service. In each, actors ask all they can while things go wrong, one
 * after the other or together; then all is put right, and the service has to go on: writes are
 * acknowledged, changes are `Deployed` and invalidations `Completed` at every edge. At the end
 * all that stands is read, and the history goes to the checker.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { SeededRandomness } from '../harness/seeded-randomness.ts';
import { download } from '../harness/kinds.ts';
import { pause, until } from '../harness/until.ts';
import { Actors, type Counts, Estate, lookAt } from './actors.ts';
import { chainsOf } from './chain.ts';
import { breaches } from './checker.ts';
import type { Event, History, Outcome, Read, Standing } from './history.ts';
import { leaseMs, Machines } from './machines.ts';
import { objects } from './origin.ts';
import { idsIn, type Known, Recording } from './recording.ts';
import { inflict, type ServiceFault } from './service-faults.ts';

export type ServiceRound = {
  readonly faults: readonly ServiceFault[];
  readonly counts: Readonly<Counts>;
  readonly writes: Readonly<Record<Outcome, number>>;
  /** Writes without an answer that were made. */
  readonly unknownMade: number;
  /** API processes killed when etcd had taken a write and nobody been answered. */
  readonly killedBetween: number;
  /** From when all was put right until the service was seen to go on. */
  readonly recoveredMs: number;
  readonly positions: number;
  /** Resident memory in MiB: of the largest process of each kind. */
  readonly memory: Readonly<Record<'etcd' | 'api' | 'edge', number>>;
  /** Sentences, one a promise that was broken. */
  readonly found: readonly string[];
  readonly history: History;
};

const firstWrites = 10;
const writesAfter = 20;
const looksAfter = 3;
const betweenMsMax = 2_000;
const recoveryMsMax = 120_000;
const patiently = { msMax: recoveryMsMax };

export class Service {
  readonly machines: Machines;
  readonly #recording: Recording;
  readonly #estate: Estate;
  readonly #victim: Known;
  readonly #randomness: SeededRandomness;
  #standing: Standing;
  #rounds = 0;

  static async start(seed: number): Promise<Service> {
    let recording: Recording | undefined;
    const machines = await Machines.start({
      onEdgeStart: (edge) => recording?.note({ kind: 'started', edge, atMs: performance.now() }),
      onEnd: (what) => recording?.note({ kind: 'surprise', what }),
    });
    recording = new Recording(machines);
    try {
      const shared = await firstState(recording, 'shared');
      const victim = await firstState(recording, 'victim');
      const service = new Service(recording, { seed, shared, victim });
      service.#standing = {
        distributions: await service.#audit(),
        objects: new Map(service.#estate.versions),
      };
      recording.take();
      return service;
    } catch (error) {
      await recording.close();
      await machines.remove();
      throw error;
    }
  }

  private constructor(
    recording: Recording,
    parts: { readonly seed: number; readonly shared: Known; readonly victim: Known },
  ) {
    this.machines = recording.machines;
    this.#recording = recording;
    this.#estate = new Estate(parts.shared);
    this.#victim = parts.victim;
    this.#randomness = new SeededRandomness(parts.seed);
    this.#standing = { distributions: new Map(), objects: new Map() };
  }

  /** Faults stand together for a time below `lastingMsMax` when the last one has been inflicted. */
  async round(
    faults: readonly ServiceFault[],
    { lastingMsMax }: { readonly lastingMsMax: number },
  ): Promise<ServiceRound> {
    this.#rounds += 1;
    const { machines } = this;
    const recording = this.#recording;
    const estate = this.#estate;
    const randomness = this.#randomness;
    const told = { killedBetween: 0 };
    const actors = new Actors(recording, estate, { randomness, round: this.#rounds });
    const { counts } = actors;
    let recoveredMs = 0;
    const play = async (): Promise<void> => {
      const seen = (what: string, holds: () => boolean): Promise<unknown> =>
        until(what, () => recording.isSurprised || holds() || undefined, {
          msMax: recoveryMsMax,
          seen: () => JSON.stringify(counts),
        });
      await seen('writes are acknowledged', () => counts.accepted >= firstWrites);
      for (const fault of faults) {
        await inflict(fault, {
          machines,
          recording,
          estate,
          victim: this.#victim,
          randomness,
          told,
        });
        await pause(randomness.below(betweenMsMax));
      }
      await pause(randomness.below(lastingMsMax));
      await machines.putRight();
      const rightMs = performance.now();
      const before = { ...counts };
      await seen(
        'the service goes on',
        () =>
          counts.accepted >= before.accepted + writesAfter &&
          counts.deployed >= before.deployed + looksAfter &&
          counts.completed > before.completed,
      );
      recoveredMs = performance.now() - rightMs;
    };
    try {
      await Promise.race([play(), actors.acting]);
    } finally {
      await machines.putRight();
      await actors.end();
    }
    const end = await this.#audit();
    const events = recording.take();
    const history: History = {
      leaseMs,
      edges: machines.edges.map(({ name }) => name),
      start: this.#standing,
      events,
      end,
    };
    this.#standing = { distributions: end, objects: new Map(estate.versions) };
    return {
      faults,
      counts,
      writes: outcomesIn(events),
      unknownMade: unknownMade(history),
      killedBetween: told.killedBetween,
      recoveredMs,
      positions: new Set(events.flatMap((event) => (event.kind === 'told' ? [event.revision] : [])))
        .size,
      memory: await memoryOf(machines),
      found: breaches(history),
      history,
    };
  }

  /** What programs have said, for whoever looks into a breach. */
  outputs(): string {
    const { apis, edges } = this.machines;
    return [...apis, ...edges].map(({ name, output }) => `--- ${name}\n${output}`).join('\n');
  }

  async end(): Promise<void> {
    await this.#recording.close();
    await this.machines.remove();
  }

  /** Reads all that stands, once every edge is seen to serve it, and every follower has heard of it. */
  async #audit(): Promise<History['end']> {
    const recording = this.#recording;
    const estate = this.#estate;
    const { apis, edges } = this.machines;
    const [api] = apis;
    assert(api !== undefined);
    const all = await until('the list is whole', () => this.#list(), patiently);
    const end = new Map<string, Read['state'] & { readonly etag: string }>();
    for (const path of all) {
      const known = await until(`${path} is read`, () => this.#knownAt(path), patiently);
      await until(
        `${path} is Deployed at every edge`,
        async () => {
          return (await lookAt(recording, api, known)) || undefined;
        },
        patiently,
      );
      const read = await until(
        `${path} is read afresh`,
        async () => {
          const one = await recording.read(api, known);
          return one?.mayBeOld === false ? one : undefined;
        },
        patiently,
      );
      const { reference } = known;
      if (end.has(reference)) {
        recording.note({ kind: 'surprise', what: `${reference} was made twice` });
      }
      end.set(reference, { ...read.state, etag: read.etag });
      const isOwned = reference !== estate.shared.reference && reference !== this.#victim.reference;
      if (isOwned) estate.owned.set(reference, known);
    }
    for (const [reference, known] of estate.owned) {
      if (!end.has(reference)) estate.vanished(known);
    }
    for (const edge of edges) {
      await recording.isLive(edge);
      for (const known of [...estate.all(), ...estate.gone]) await recording.view(edge, known);
      for (const object of objects) await recording.viewObject(edge, estate.shared, object);
    }
    const head = await until('the head is told', () => headOf(recording), patiently);
    await until(
      'followers have heard of all',
      () => apis.every(({ name }) => (recording.told.get(name) ?? 0) >= head) || undefined,
      patiently,
    );
    return end;
  }

  async #list(): Promise<readonly string[] | undefined> {
    const [api] = this.machines.apis;
    assert(api !== undefined);
    const { reply } = await this.#recording.ask(api, (caller) => caller.get(download.path));
    if (reply?.status !== 200 || reply.headers['warmfront-as-of'] !== undefined) return undefined;
    assert.match(reply.body, /<IsTruncated>false</);
    return idsIn(reply).map((id) => `${download.path}/${id}`);
  }

  async #knownAt(path: string): Promise<Known | undefined> {
    const [api] = this.machines.apis;
    assert(api !== undefined);
    const { reply } = await this.#recording.ask(api, (caller) => caller.get(path));
    if (reply?.status !== 200) return undefined;
    const domain = /<DomainName>([^<]*)</.exec(reply.body)?.[1] ?? '';
    const reference = /<CallerReference>([^<]*)</.exec(reply.body)?.[1] ?? '';
    return { reference, path, domain };
  }
}

async function firstState(recording: Recording, reference: string): Promise<Known> {
  const [api] = recording.machines.apis;
  assert(api !== undefined);
  const stamp = `stamp-${reference}`;
  const state = { stamp, number: 1, enabled: true, cnames: [] };
  const { known } = await recording.create(api, reference, state);
  assert(known !== undefined, `${reference} is created`);
  return known;
}

async function headOf(recording: Recording): Promise<number | undefined> {
  const [api] = recording.machines.apis;
  assert(api !== undefined);
  const { reply } = await recording.ask(api, (caller) => caller.get('/_warmfront/edges'));
  const head = /"head": ?(\d+)/.exec(reply?.body ?? '')?.[1];
  return head === undefined ? undefined : Number(head);
}

function outcomesIn(events: readonly Event[]): ServiceRound['writes'] {
  const writes = { accepted: 0, refused: 0, unknown: 0 };
  for (const event of events) if (event.kind === 'write') writes[event.outcome] += 1;
  return writes;
}

function unknownMade(history: History): number {
  return chainsOf(history)
    .chains.flatMap(({ links }) => links)
    .filter(({ write }) => write?.outcome === 'unknown').length;
}

async function memoryOf(machines: Machines): Promise<ServiceRound['memory']> {
  const { api, edge, etcd } = machines.pids();
  return { etcd: await most(etcd), api: await most(api), edge: await most(edge) };
}

async function most(pids: readonly number[]): Promise<number> {
  const sizes = await Promise.all(
    pids.map(async (pid) => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024;
    }),
  );
  return Math.round(Math.max(...sizes));
}
