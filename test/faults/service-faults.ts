/**
 * What is done to the machines of a round. Each fault stays until all is put right
 * (`Machines.putRight`), so several may stand at one time.
 */
import { pause, until } from '../harness/until.ts';
import type { SeededRandomness } from '../harness/seeded-randomness.ts';
import type { Estate } from './actors.ts';
import type { EtcdServer } from '../harness/etcd.ts';
import { type Api, type Edge, Machines } from './machines.ts';
import type { Known, Recording } from './recording.ts';

export type Scene = {
  readonly machines: Machines;
  readonly recording: Recording;
  readonly estate: Estate;
  /** A distribution that only these faults write to. */
  readonly victim: Known;
  readonly randomness: SeededRandomness;
  readonly told: { killedBetween: number };
};

type Act = (scene: Scene) => Promise<void> | void;

export const serviceFaults = {
  'kill -9 of the leader of etcd': async (scene) => (await leaderOf(scene))?.kill(),
  'kill -9 of all of etcd': async ({ machines: { etcd } }) => {
    await Promise.all(etcd.servers.map((server) => server.kill()));
  },
  'kill -9 of an API process': (scene) => anyApi(scene).kill(),
  'kill -9 of an API process between append and answer': killBetween,
  'kill -9 of an edge': (scene) => anyEdge(scene).kill(),
  'kill -9 of everything': async ({ machines: { apis, edges, etcd } }) => {
    await Promise.all([...etcd.servers, ...apis, ...edges].map((program) => program.kill()));
  },
  'SIGSTOP of the leader of etcd': async (scene) => (await leaderOf(scene))?.stop(),
  'SIGSTOP of an API process': (scene) => anyApi(scene).stopInPlace(),
  'SIGSTOP of an edge': (scene) => anyEdge(scene).stopInPlace(),
  'SIGSTOP of an edge, and on': async (scene) => {
    const edge = anyEdge(scene);
    edge.stopInPlace();
    await pause(scene.randomness.below(9_000));
    edge.goOn();
  },
  'the leader of etcd cut off from the others': async (scene) => {
    const leader = await leaderOf(scene);
    if (leader !== undefined) scene.machines.cutOffPeer(leader);
  },
  'an API process cut off from etcd': (scene) => {
    for (const link of logLinksOf(scene)) link.cut();
  },
  'an API process cut off from one server of etcd': (scene) => {
    scene.randomness.pick(logLinksOf(scene))?.cut();
  },
  'an API process that etcd hears and that hears nothing': (scene) => {
    for (const link of logLinksOf(scene)) link.cut({ directions: ['down'] });
  },
  'an edge cut off from all API processes': (scene) => {
    for (const link of feedLinksOf(scene)) link.cut();
  },
  'an edge that API processes hear and that hears nothing': (scene) => {
    for (const link of feedLinksOf(scene)) link.cut({ directions: ['down'] });
  },
  'an API process cut off from all edges': ({ machines: { feedLinks }, randomness }) => {
    const index = randomness.below(feedLinks[0]?.length ?? 0);
    for (const own of feedLinks) own[index]?.cut();
  },
} as const satisfies Readonly<Record<string, Act>>;

export type ServiceFault = keyof typeof serviceFaults;

export async function inflict(fault: ServiceFault, scene: Scene): Promise<void> {
  const act: Act = serviceFaults[fault];
  await act(scene);
}

/** Any that runs, where none leads. */
async function leaderOf({ machines, randomness }: Scene): Promise<EtcdServer | undefined> {
  const running = machines.etcd.servers.filter(({ isRunning }) => isRunning);
  return (await machines.leader()) ?? randomness.pick(running);
}

function anyApi({ machines: { apis }, randomness }: Scene): Api {
  const api = randomness.pick(apis.filter(({ isRunning }) => isRunning)) ?? apis[0];
  if (api === undefined) throw new Error('there are API processes');
  return api;
}

function anyEdge({ machines: { edges }, randomness }: Scene): Edge {
  const edge = randomness.pick(edges.filter(({ isRunning }) => isRunning)) ?? edges[0];
  if (edge === undefined) throw new Error('there are edges');
  return edge;
}

function logLinksOf({ machines: { logLinks }, randomness }: Scene) {
  return randomness.pick(logLinks) ?? [];
}

function feedLinksOf({ machines: { feedLinks }, randomness }: Scene) {
  return randomness.pick(feedLinks) ?? [];
}

const triesMax = 6;
const seenMsMax = 3_000;

/**
 * As soon as the transaction of a write passes on its way to etcd, nothing comes back any more to the
 * process that sent it. When another process has read what it wrote, it is killed. A write that
 * lost to another one is tried anew.
 */
async function killBetween(scene: Scene): Promise<void> {
  const { estate, machines, recording, told, victim } = scene;
  const api = anyApi(scene);
  const links = machines.logLinks[machines.apis.indexOf(api)] ?? [];
  const others = machines.apis.filter((other) => other !== api && other.isRunning);
  for (let tries = 0; tries < triesMax; tries += 1) {
    const read = await recording.read(api, victim);
    if (read === undefined || read.mayBeOld) {
      await pause(100);
      continue;
    }
    const stamp = estate.stamp();
    for (const link of links) {
      link.watch(stamp, () => {
        for (const each of links) each.cut({ directions: ['down'] });
      });
    }
    const makes = { ...read.state, number: read.state.number + 1, stamp };
    const follows = { etag: read.etag, stamp: read.state.stamp };
    const write = recording.update(api, victim, follows, makes);
    const stands = async (): Promise<true | undefined> => {
      const all = await Promise.all(others.map((other) => recording.read(other, victim)));
      return all.some((one) => one?.state.stamp === stamp) || undefined;
    };
    const isThere = await until('the write stands', stands, { msMax: seenMsMax }).catch(
      () => false,
    );
    if (isThere) {
      await api.kill();
      const { outcome } = await write;
      if (outcome === 'unknown') told.killedBetween += 1;
      return;
    }
    for (const link of links) link.heal();
    await write;
  }
  await api.kill();
}
