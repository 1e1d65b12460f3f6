/**
 * The whole service as programs of their own on one machine: three servers of etcd, three API
 * processes on their log, five edge machines that join all three, and an origin. Between etcd's
 * servers, from each API process to each of them, and from each edge to each API process there is a
 * link that can be cut. Each program keeps its ports and its folder over its starts.
 */
import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiCaller, assertStatus } from '../harness/api-caller.ts';
import { goOn, stopInPlace } from '../harness/edge-machines.ts';
import { Etcd, type EtcdServer } from '../harness/etcd.ts';
import { lastingPorts } from '../harness/ports.ts';
import { NotReady, type ServerProcess, startServerProcess } from '../harness/server-process.ts';
import { TcpLink } from '../harness/tcp-link.ts';
import { until } from '../harness/until.ts';
import { FaultOrigin, originHost } from './origin.ts';

export const apisCount = 3;
export const edgesCount = 5;
export const leaseMs = 5_000;

const startMsMax = 120_000;
const shared = ['ca.pem', 'ca-key.pem', 'certificate-key'];
/** The name of the token by which followers of the log, which are no edges, are let in. */
export const followerName = 'follower';

type ProgramHears = {
  /** It is about to start. */
  readonly onStart?: () => void;
  /** It was ready, and ended though nobody had asked it to. */
  readonly onEnd: (what: string) => void;
};

/** A program of ours: it may be killed, stopped in place, and started again. */
export class Program {
  readonly name: string;
  readonly #args: readonly string[];
  readonly #hears: ProgramHears;
  #process: ServerProcess | undefined;

  constructor(name: string, args: readonly string[], hears: ProgramHears) {
    this.name = name;
    this.#args = args;
    this.#hears = hears;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get isRunning(): boolean {
    return this.#process !== undefined;
  }

  get output(): string {
    return this.#process?.output() ?? '';
  }

  /** Tried again where it ends by itself, as it may while what it needs is still starting. */
  async start(): Promise<void> {
    assert(this.#process === undefined, `${this.name} does not run`);
    let last = '';
    const started = await until(
      `${this.name} starts`,
      async () => {
        this.#hears.onStart?.();
        try {
          return await startServerProcess(this.#args);
        } catch (error) {
          if (!(error instanceof NotReady)) throw error;
          last = error.message;
          return undefined;
        }
      },
      { msMax: startMsMax, seen: () => last },
    );
    this.#process = started;
    void started.exited.then(({ code, signal }) => {
      if (this.#process !== started) return;
      this.#process = undefined;
      const what = `${this.name} ended by itself with ${code ?? signal}`;
      this.#hears.onEnd(`${what}\n${started.output()}`);
    });
  }

  async kill(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    await running?.kill();
  }

  stopInPlace(): void {
    if (this.#process !== undefined) stopInPlace(this.#process);
  }

  goOn(): void {
    if (this.#process !== undefined) goOn(this.#process);
  }
}

export type Api = Program & { readonly url: string };
export type Edge = Program & { readonly viewerPort: number; readonly healthPort: number };

export type MachinesOptions = {
  /** Hears of each start of an edge, before its process is there. */
  readonly onEdgeStart: (edge: string) => void;
  readonly onEnd: ProgramHears['onEnd'];
};

export class Machines {
  readonly origin: FaultOrigin;
  readonly etcd: Etcd;
  readonly apis: readonly Api[];
  readonly edges: readonly Edge[];
  /** In the order of etcd's servers. */
  readonly peerLinks: readonly TcpLink[];
  /** By API process, then by server of etcd. */
  readonly logLinks: readonly (readonly TcpLink[])[];
  /** By edge, then by API process. */
  readonly feedLinks: readonly (readonly TcpLink[])[];
  readonly #folder: string;
  #token = '';
  /** As servers of etcd name themselves to each other; in their order. */
  #members: readonly string[] = [];

  static async start(options: MachinesOptions): Promise<Machines> {
    const folder = await mkdtemp(join(tmpdir(), 'warmfront-faults-'));
    const byPort = new Map<number, TcpLink>();
    const etcd = await Etcd.start({
      servers: 3,
      peersThrough: async (peerPort) => {
        const link = await TcpLink.open(peerPort, { senderOf: peerThatDials });
        byPort.set(peerPort, link);
        return link.port;
      },
    });
    const peerLinks = etcd.servers.map(({ peerPort }) => {
      const link = byPort.get(peerPort);
      byPort.delete(peerPort);
      assert(link !== undefined);
      return link;
    });
    // Those of tries whose ports were taken meanwhile.
    await Promise.all([...byPort.values()].map((link) => link.close()));
    const ports = await lastingPorts(apisCount * 2 + edgesCount * 2);
    const etcdPorts = etcd.addresses.map((address) => Number(address.split(':').at(-1)));
    const tlsPorts = ports.slice(apisCount, apisCount * 2);
    const machines = new Machines({
      folder,
      origin: await FaultOrigin.start(),
      etcd,
      peerLinks,
      logLinks: await linksTo(etcdPorts, apisCount),
      feedLinks: await linksTo(tlsPorts, edgesCount),
      ports,
      ...options,
    });
    try {
      await machines.#startFirst();
      return machines;
    } catch (error) {
      await machines.remove();
      throw error;
    }
  }

  private constructor({
    etcd,
    feedLinks,
    folder,
    logLinks,
    onEdgeStart,
    onEnd,
    origin,
    peerLinks,
    ports,
  }: MachinesOptions &
    Pick<Machines, 'etcd' | 'feedLinks' | 'logLinks' | 'origin' | 'peerLinks'> & {
      readonly folder: string;
      readonly ports: readonly number[];
    }) {
    this.#folder = folder;
    this.origin = origin;
    this.etcd = etcd;
    this.peerLinks = peerLinks;
    this.logLinks = logLinks;
    this.feedLinks = feedLinks;
    const portAt = (index: number): number => ports[index] ?? 0;
    this.apis = logLinks.map((own, index) => {
      const name = `api${index + 1}`;
      const servers = own.map(({ port }) => `127.0.0.1:${port}`).join(',');
      const args = [
        '--role=api',
        `--data=${join(folder, name)}`,
        `--api=127.0.0.1:${portAt(index)}`,
        `--api-tls=127.0.0.1:${portAt(apisCount + index)}`,
        `--log=etcd://${servers}/faults`,
        `--edge-lease=${leaseMs}ms`,
        '--limit=invalidations-in-progress=1000',
        '--log-level=warn',
      ];
      const program = new Program(name, args, { onEnd });
      return Object.assign(program, { url: `http://127.0.0.1:${portAt(index)}` });
    });
    this.edges = feedLinks.map((own, index) => {
      const name = `edge${index + 1}`;
      const first = apisCount * 2 + index * 2;
      const viewerPort = portAt(first);
      const healthPort = portAt(first + 1);
      const program = new Program(
        name,
        [
          '--role=edge',
          `--data=${join(folder, name)}`,
          `--token-file=${join(folder, `${name}.token`)}`,
          ...own.map(({ port }) => `--join=https://127.0.0.1:${port}`),
          `--edge=${name}=127.0.0.1:${viewerPort}`,
          `--api=127.0.0.1:${healthPort}`,
          `--origin=${originHost}=http://127.0.0.1:${origin.port}`,
          '--log-level=warn',
        ],
        { onStart: () => onEdgeStart(name), onEnd },
      );
      return Object.assign(program, { viewerPort, healthPort });
    });
  }

  /** By which followers of the log ask; they ask API processes directly. */
  get followerToken(): string {
    return this.#token;
  }

  /** All programs of ours and of etcd, by kind, for their memory. */
  pids(): Readonly<Record<'etcd' | 'api' | 'edge', readonly number[]>> {
    return {
      etcd: running(this.etcd.servers),
      api: running(this.apis),
      edge: running(this.edges),
    };
  }

  /**
   * The server of etcd that leads, by its own word; undefined while none does. Of two that say so,
   * one has not heard yet that the others chose anew.
   */
  async leader(): Promise<EtcdServer | undefined> {
    const said = await Promise.all(
      this.etcd.servers.map(async (server) => ({ server, status: await statusOf(server) })),
    );
    return said
      .filter(({ status }) => status !== undefined && status.member === status.leader)
      .toSorted((a, b) => (b.status?.term ?? 0) - (a.status?.term ?? 0))
      .at(0)?.server;
  }

  /** Nothing passes between this server of etcd and the other two. */
  cutOffPeer(server: EtcdServer): void {
    const index = this.etcd.servers.indexOf(server);
    const sender = this.#members[index];
    assert(sender !== undefined);
    for (const [at, link] of this.peerLinks.entries()) {
      if (at === index) link.cut();
      else link.cut({ directions: ['up', 'down'], sender });
    }
  }

  /** Everything runs and hears everything again, whatever was done to it. */
  async putRight(): Promise<void> {
    const links = [...this.peerLinks, ...this.logLinks.flat(), ...this.feedLinks.flat()];
    for (const link of links) link.heal();
    const ended = this.etcd.servers.filter(({ isRunning }) => !isRunning);
    for (const server of this.etcd.servers) server.goOn();
    for (const server of ended) server.start();
    for (const program of [...this.apis, ...this.edges]) program.goOn();
    await Promise.all(ended.map((server) => server.ready()));
    for (const programs of [this.apis, this.edges]) {
      await Promise.all(
        programs.filter(({ isRunning }) => !isRunning).map((program) => program.start()),
      );
    }
  }

  async remove(): Promise<void> {
    const programs = [...this.apis, ...this.edges];
    await Promise.all(programs.map((program) => program.kill()));
    const links = [...this.peerLinks, ...this.logLinks.flat(), ...this.feedLinks.flat()];
    await this.etcd.remove();
    await Promise.all(links.map((link) => link.close()));
    await this.origin.close();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #startFirst(): Promise<void> {
    this.#members = await Promise.all(
      this.etcd.servers.map(async (server) => {
        const status = await statusOf(server);
        assert(status !== undefined, `${server.address} says who it is`);
        return status.member;
      }),
    );
    const [first, ...others] = this.apis;
    assert(first !== undefined);
    await first.start();
    for (const { name } of others) {
      const data = join(this.#folder, name);
      await mkdir(data, { mode: 0o700 });
      for (const file of shared) {
        await copyFile(join(this.#folder, first.name, file), join(data, file));
      }
    }
    const api = new ApiCaller(first.url);
    for (const name of [...this.edges.map((edge) => edge.name), followerName]) {
      const reply = await api.post('/_warmfront/edge-tokens', JSON.stringify({ name }));
      assertStatus(reply, 201);
      const made: { token: string } = JSON.parse(reply.body);
      if (name === followerName) this.#token = made.token;
      else await writeFile(join(this.#folder, `${name}.token`), made.token, { mode: 0o600 });
    }
    api.close();
    await Promise.all([...others, ...this.edges].map((program) => program.start()));
  }
}

function running(all: readonly (Program | EtcdServer)[]): readonly number[] {
  return all.flatMap(({ isRunning, pid }) => (isRunning && pid !== undefined ? [pid] : []));
}

/** To each of the ports, so many times. */
function linksTo(
  targets: readonly number[],
  times: number,
): Promise<readonly (readonly TcpLink[])[]> {
  return Promise.all(
    Array.from({ length: times }, () => Promise.all(targets.map((target) => TcpLink.open(target)))),
  );
}

/** Servers of etcd say in each request which of them asks. */
function peerThatDials(first: string): string | undefined {
  return /^x-server-from: *(\w+)/im.exec(first)?.[1];
}

type Status = { readonly member: string; readonly leader: string; readonly term: number };

const statusMsMax = 1_000;

/** What a server of etcd says of itself; undefined where it does not answer. */
async function statusOf({ address }: EtcdServer): Promise<Status | undefined> {
  try {
    const url = `http://${address}/v3/maintenance/status`;
    const signal = AbortSignal.timeout(statusMsMax);
    const answer = await fetch(url, { method: 'POST', body: '{}', signal });
    const text = await answer.text();
    // As text: these numbers pass 2^53. In headers they are in hexadecimal digits.
    const read = (name: string): bigint =>
      BigInt(new RegExp(`"${name}":"(\\d+)"`).exec(text)?.[1] ?? 0);
    return {
      member: read('member_id').toString(16),
      leader: read('leader').toString(16),
      term: Number(read('raftTerm')),
    };
  } catch {
    return undefined;
  }
}
