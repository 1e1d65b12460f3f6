/**
 * A whole fleet as processes of their own: etcd in three, API processes that answer DNS too, and edge
 * machines at addresses of their own, as docs/operating.md has it. Each can be stopped in order and
 * started again where it was.
 */
import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiCaller, assertStatus } from './api-caller.ts';
import { Etcd } from './etcd.ts';
import { lastingPorts } from './ports.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';
import { until } from './until.ts';

export type Part = {
  readonly name: string;
  readonly args: readonly string[];
  process: ServerProcess;
};

export type FleetOptions = {
  readonly apis: number;
  readonly edges: readonly string[];
  /** `--drain` of all. */
  readonly drain: string;
  readonly lease: string;
  readonly ttlS: number;
  readonly origin: readonly string[];
};

export class Fleet {
  readonly etcd: Etcd;
  readonly apis: Part[] = [];
  readonly edges: Part[] = [];
  /** Of all edges, each at an address of its own. */
  readonly ports: { readonly http: number; readonly https: number };
  readonly #folder: string;
  readonly #options: FleetOptions;
  readonly #callers = new Map<string, ApiCaller>();

  static async start(options: FleetOptions): Promise<Fleet> {
    const etcd = await Etcd.start({ servers: 3 });
    const folder = await mkdtemp(join(tmpdir(), 'warmfront-fleet-'));
    const [http = 0, https = 0, ...others] = await lastingPorts(2 + 3 * options.apis);
    const fleet = new Fleet(etcd, folder, options, { http, https });
    try {
      await fleet.#start(others);
      return fleet;
    } catch (error) {
      await fleet.end();
      throw error;
    }
  }

  private constructor(etcd: Etcd, folder: string, options: FleetOptions, ports: Fleet['ports']) {
    this.etcd = etcd;
    this.#folder = folder;
    this.#options = options;
    this.ports = ports;
  }

  /** `HOST:PORT` of each API process. */
  get nameServers(): readonly string[] {
    return this.apis.map(({ process }) => String(process.ready['dns']));
  }

  authority(): Promise<string> {
    return readFile(join(this.#folder, 'api1', 'ca.pem'), 'utf8');
  }

  callerOf({ name, process }: Part): ApiCaller {
    const caller = this.#callers.get(name) ?? new ApiCaller(process.addresses.api);
    this.#callers.set(name, caller);
    return caller;
  }

  /** SIGTERM, an orderly end, a start, and the part is again what it was. */
  async restart(part: Part): Promise<void> {
    const exit = await part.process.stop();
    assert.deepEqual(exit, { code: 0, signal: null }, part.process.output());
    part.process = await startServerProcess(part.args);
    if (this.apis.includes(part)) await this.isReady(part);
    else await this.isLive(part.name);
  }

  isReady(api: Part): Promise<true> {
    return until(`${api.name} is healthy`, async () => {
      const reply = await this.callerOf(api)
        .get('/_warmfront/health')
        .catch(() => undefined);
      return reply?.status === 200 ? true : undefined;
    });
  }

  isLive(edge: string): Promise<true> {
    const [api] = this.apis;
    assert(api);
    return until(
      `edge ${edge} is live and has all`,
      async () => {
        const reply = await this.callerOf(api)
          .get('/_warmfront/edges')
          .catch(() => undefined);
        if (reply?.status !== 200) return undefined;
        const { edges }: { edges: { name: string; state: string; behind: number | null }[] } =
          JSON.parse(reply.body);
        const found = edges.find(({ name }) => name === edge);
        return found?.state === 'serving' && found.behind === 0 ? true : undefined;
      },
      { msMax: 30_000 },
    );
  }

  async end(): Promise<void> {
    for (const caller of this.#callers.values()) caller.close();
    await Promise.all([...this.apis, ...this.edges].map(({ process }) => process.kill()));
    await this.etcd.remove();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #start(ports: readonly number[]): Promise<void> {
    const { apis, drain, edges, lease, origin, ttlS } = this.#options;
    const zone = join(this.#folder, 'zone.json');
    const placed = edges.map((name, index) => [name, { addresses: [addressOf(index)] }] as const);
    const nameServers = ['ns1.example.net', 'ns2.example.net'];
    const written = { nameServers, ttl: ttlS, edges: Object.fromEntries(placed) };
    await writeFile(zone, JSON.stringify(written));
    const log = `--log=${this.etcd.url('fleet')}`;
    const ofAll = [`--drain=${drain}`];
    for (let index = 0; index < apis; index += 1) {
      const name = `api${index + 1}`;
      const [api, tls, dns] = ports.slice(index * 3).map((port) => `127.0.0.1:${port}`);
      const data = join(this.#folder, name);
      if (index > 0) await this.#copyAuthority(data);
      const own = [`--api=${api}`, `--api-tls=${tls}`, `--dns=${dns}`, `--dns-zone=${zone}`];
      const args = ['--role=api', `--data=${data}`, `--edge-lease=${lease}`, log, ...own, ...ofAll];
      this.apis.push({ name, args, process: await startServerProcess(args) });
    }
    const [first] = this.apis;
    assert(first);
    const joins = this.apis.map(({ process }) => `--join=${process.addresses.apiTls ?? ''}`);
    for (const [index, name] of edges.entries()) {
      const file = join(this.#folder, `${name}.token`);
      const body = JSON.stringify({ name });
      const reply = await this.callerOf(first).post('/_warmfront/edge-tokens', body);
      assertStatus(reply, 201);
      const { token }: { token: string } = JSON.parse(reply.body);
      await writeFile(file, token, { mode: 0o600 });
      const { http, https } = this.ports;
      const at = addressOf(index);
      const args = [
        '--role=edge',
        `--token-file=${file}`,
        `--data=${join(this.#folder, name)}`,
        '--api=127.0.0.1:0',
        `--edge=${name}=${at}:${http},${at}:${https}`,
        ...joins,
        ...origin,
        ...ofAll,
      ];
      this.edges.push({ name, args, process: await startServerProcess(args) });
    }
    await Promise.all(edges.map((name) => this.isLive(name)));
  }

  async #copyAuthority(data: string): Promise<void> {
    await mkdir(data, { mode: 0o700 });
    for (const file of ['ca.pem', 'ca-key.pem', 'certificate-key']) {
      await copyFile(join(this.#folder, 'api1', file), join(data, file));
    }
  }
}

/** All of 127.0.0.0/8 is this machine's, so edges may share their ports. */
function addressOf(index: number): string {
  return `127.0.0.${11 + index}`;
}
