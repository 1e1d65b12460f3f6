/**
 * A real etcd for tests: one server, or a cluster of three, as processes of their own on free ports,
 * with what they hold in a temporary folder. Faults are real too: SIGKILL, SIGSTOP, a start again.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastingPorts } from './ports.ts';
import { program } from './programs.ts';
import { until } from './until.ts';

export type EtcdOptions = {
  readonly servers?: 1 | 3;
  /** Flags of each server, beside those that join it. */
  readonly flags?: readonly string[];
  /** TLS for clients: files in PEM, and whether clients must show a certificate. */
  readonly tls?: {
    readonly ca: string;
    readonly certificate: string;
    readonly key: string;
    /** Of the user that `control` is. */
    readonly controlCertificate: string;
    readonly controlKey: string;
  };
  /** Where the others reach the server whose peer port this is; that port itself otherwise. */
  readonly peersThrough?: (peerPort: number) => Promise<number>;
};

const readyMsMax = 20_000;
const startsMax = 5;
const outputCharactersMax = 65_536;

export class Etcd {
  readonly servers: readonly EtcdServer[];
  readonly #folder: string;
  readonly #controlFlags: readonly string[];

  private constructor(
    servers: readonly EtcdServer[],
    folder: string,
    tls: EtcdOptions['tls'] | undefined,
  ) {
    this.servers = servers;
    this.#controlFlags =
      tls === undefined
        ? []
        : [`--cacert=${tls.ca}`, `--cert=${tls.controlCertificate}`, `--key=${tls.controlKey}`];
    this.#folder = folder;
  }

  /** A port that is free may be taken by another program before it is used: then all begins anew. */
  static start(options: EtcdOptions = {}): Promise<Etcd> {
    return Etcd.#start(options, async () => undefined);
  }

  /** One server that begins with what `etcdctl snapshot save` wrote. */
  static restore(backup: string): Promise<Etcd> {
    return Etcd.#start({}, async (etcd) => {
      for (const server of etcd.servers) server.restore(backup);
    });
  }

  static async #start(options: EtcdOptions, prepare: (etcd: Etcd) => Promise<void>): Promise<Etcd> {
    for (let tries = 1; ; tries += 1) {
      const etcd = await Etcd.#prepare(options);
      try {
        await prepare(etcd);
        for (const server of etcd.servers) server.start();
        await Promise.all(etcd.servers.map((server) => server.ready()));
        return etcd;
      } catch (error) {
        await etcd.remove();
        const isTaken = error instanceof Error && error.message.includes('address already in use');
        if (!isTaken || tries >= startsMax) throw error;
      }
    }
  }

  static async #prepare(options: EtcdOptions): Promise<Etcd> {
    const { flags = [], peersThrough, servers: count = 1, tls } = options;
    const folder = await mkdtemp(join(tmpdir(), 'warmfront-etcd-'));
    const ports = await lastingPorts(count * 2);
    const members = await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const peer = ports[index * 2 + 1] ?? 0;
        const reached = (await peersThrough?.(peer)) ?? peer;
        return { name: `s${index + 1}`, client: ports[index * 2] ?? 0, peer, reached };
      }),
    );
    const cluster = members.map(({ name, reached }) => `${name}=${peerUrl(reached)}`).join(',');
    const scheme = tls === undefined ? 'http' : 'https';
    const servers = members.map(({ client, name, peer, reached }) => {
      const url = `${scheme}://127.0.0.1:${client}`;
      const set: Readonly<Record<string, string>> = {
        name: name,
        'data-dir': join(folder, name),
        'listen-client-urls': url,
        'advertise-client-urls': url,
        'listen-peer-urls': peerUrl(peer),
        'initial-advertise-peer-urls': peerUrl(reached),
        'initial-cluster': cluster,
        'initial-cluster-state': 'new',
        logger: 'zap',
        'log-outputs': 'stderr',
        ...(tls === undefined
          ? {}
          : {
              'client-cert-auth': 'true',
              'trusted-ca-file': tls.ca,
              'cert-file': tls.certificate,
              'key-file': tls.key,
            }),
      };
      const args = Object.entries(set).map(([flag, value]) => `--${flag}=${value}`);
      return new EtcdServer({ client, peer, args: [...args, ...flags] });
    });
    return new Etcd(servers, folder, tls);
  }

  get folder(): string {
    return this.#folder;
  }

  /** `host:port` of each server. */
  get addresses(): readonly string[] {
    return this.servers.map(({ address }) => address);
  }

  /** As `--log` takes it. */
  url(prefix: string): string {
    return `etcd://${this.addresses.join(',')}/${prefix}`;
  }

  /** The server that leads, by its own word; an election is waited for. */
  leader(): Promise<EtcdServer> {
    const isLeader = (server: EtcdServer): boolean => {
      const args = [...this.#controlFlags, 'endpoint', 'status', '-w', 'json'];
      const said = etcdctl([server.address], args);
      // As text: these numbers pass 2^53.
      const member = /"member_id":(\d+)/.exec(said)?.[1];
      return member !== undefined && member === /"leader":(\d+)/.exec(said)?.[1];
    };
    return until('one server leads', () =>
      this.servers.find((one) => one.isRunning && isLeader(one)),
    );
  }

  /** What `etcdctl` says; throws where it fails. */
  control(...args: readonly string[]): string {
    return etcdctl(this.addresses, [...this.#controlFlags, ...args]);
  }

  async remove(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.kill()));
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

type EtcdServerParts = {
  /** Ports of loopback. */
  readonly client: number;
  readonly peer: number;
  readonly args: readonly string[];
};

export class EtcdServer {
  readonly address: string;
  readonly peerPort: number;
  readonly #args: readonly string[];
  #child: ChildProcess | undefined;
  #output = '';

  constructor({ args, client, peer }: EtcdServerParts) {
    this.address = `127.0.0.1:${client}`;
    this.peerPort = peer;
    this.#args = args;
  }

  /** Of the process that was started last. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get isRunning(): boolean {
    const child = this.#child;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  restore(backup: string): void {
    const kept = ['name', 'data-dir', 'initial-cluster', 'initial-advertise-peer-urls'];
    const same = this.#args.filter((arg) => kept.some((flag) => arg.startsWith(`--${flag}=`)));
    etcdctl([this.address], ['snapshot', 'restore', backup, ...same]);
  }

  start(): void {
    assert(!this.isRunning, 'it runs already');
    this.#output = '';
    const child = spawn(program('etcd'), this.#args, { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.setEncoding('utf8').on('data', (piece: string) => {
      this.#output = (this.#output + piece).slice(-outputCharactersMax);
    });
    this.#child = child;
  }

  /** Resolves when it takes part: etcd says so once it serves clients. */
  async ready(): Promise<void> {
    const child = this.#child;
    assert(child?.stderr, 'it was started');
    const isReady = (): boolean =>
      /ready to serve client requests|serving (insecure )?client/.test(this.#output);
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (isReady()) settle(resolve);
      };
      const ended = (): void => settle(() => reject(new Error(`etcd ended: ${this.#output}`)));
      const late = setTimeout(
        () => settle(() => reject(new Error(`etcd is not ready: ${this.#output}`))),
        readyMsMax,
      );
      const settle = (act: () => void): void => {
        clearTimeout(late);
        child.stderr?.off('data', look);
        child.off('close', ended);
        act();
      };
      child.stderr?.on('data', look);
      child.once('close', ended);
      look();
    });
  }

  /** Resolves when all its threads stand still: until then it may answer what was asked before. */
  async stop(): Promise<void> {
    const child = this.#child;
    assert(child?.pid !== undefined, 'it runs');
    child.kill('SIGSTOP');
    const tasks = `/proc/${child.pid}/task`;
    await until('etcd has stopped', async () => {
      const states = await Promise.all(
        (await readdir(tasks)).map((task) => readFile(join(tasks, task, 'stat'), 'utf8')),
      );
      return states.every((stat) => /\) T /.test(stat)) ? true : undefined;
    });
  }

  goOn(): void {
    this.#child?.kill('SIGCONT');
  }

  /** SIGKILL, whatever state it is in. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async terminate(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, 'close');
    child.kill(signal);
    await closed;
  }
}

function peerUrl(port: number): string {
  return `http://127.0.0.1:${port}`;
}

function etcdctl(addresses: readonly string[], args: readonly string[]): string {
  const { error, status, stderr, stdout } = spawnSync(
    program('etcdctl'),
    ['--endpoints', addresses.join(','), ...args],
    { encoding: 'utf8', env: { ...process.env, ETCDCTL_API: '3' }, timeout: 20_000 },
  );
  if (error !== undefined) throw error;
  assert.equal(status, 0, `etcdctl ${args.join(' ')}: ${stderr}`);
  return stdout;
}
