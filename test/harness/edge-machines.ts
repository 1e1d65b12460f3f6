/**
 * One control machine and edge machines that join it, each a process of its own on loopback, with
 * folders that outlive their processes, so that each may be killed, stopped and started again.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiCaller } from './api-caller.ts';
import { edgesOnFreePorts, type ServerProcess, startServerProcess } from './server-process.ts';

export type EdgeMachine = {
  readonly name: string;
  process: ServerProcess;
};

export type MachinesOptions = {
  readonly lease: string;
  /** Further settings of the control machine. */
  readonly settings?: readonly string[];
  /** More of them, for files that it writes to the folder of all machines. */
  readonly settingsIn?: (folder: string) => Promise<readonly string[]>;
};

export class Machines {
  readonly folder: string;
  readonly #options: MachinesOptions;
  readonly #api: number;
  readonly #apiTls: number;
  readonly #edges = new Map<string, EdgeMachine>();
  #control: ServerProcess | undefined;

  static async open(options: MachinesOptions): Promise<Machines> {
    const folder = await mkdtemp(join(tmpdir(), 'warmfront-machines-'));
    const machines = new Machines(folder, options, await freePort(), await freePort());
    await machines.startControl();
    return machines;
  }

  private constructor(folder: string, options: MachinesOptions, api: number, apiTls: number) {
    this.folder = folder;
    this.#options = options;
    this.#api = api;
    this.#apiTls = apiTls;
  }

  get apiUrl(): string {
    return `http://127.0.0.1:${this.#api}`;
  }

  get api(): ApiCaller {
    return new ApiCaller(this.apiUrl);
  }

  get joinUrl(): string {
    return `https://127.0.0.1:${this.#apiTls}`;
  }

  get control(): ServerProcess {
    assert(this.#control !== undefined, 'the control machine runs');
    return this.#control;
  }

  async startControl(): Promise<void> {
    const listening = [
      ['--api', `127.0.0.1:${this.#api}`],
      ['--api-tls', `127.0.0.1:${this.#apiTls}`],
    ];
    this.#control = await startServerProcess([
      '--role',
      'api',
      '--data',
      join(this.folder, 'control'),
      ...listening.flat(),
      '--edge-lease',
      this.#options.lease,
      ...(this.#options.settings ?? []),
      ...((await this.#options.settingsIn?.(this.folder)) ?? []),
    ]);
  }

  /** A token in a file, and the path of the file. */
  async createToken(name: string): Promise<string> {
    const body = JSON.stringify({ name });
    const reply = await this.api.post('/_warmfront/edge-tokens', body);
    assert.equal(reply.status, 201, reply.body);
    const made: { token: string } = JSON.parse(reply.body);
    const file = join(this.folder, `${name}.token`);
    await writeFile(file, made.token, { mode: 0o600 });
    return file;
  }

  /** Starts an edge machine by its token; again after it ended, with what its folder holds. */
  async startEdge(name: string, more: readonly string[] = []): Promise<EdgeMachine> {
    const started = await startServerProcess(this.edgeArguments(name, more));
    const machine = this.#edges.get(name) ?? { name, process: started };
    machine.process = started;
    this.#edges.set(name, machine);
    return machine;
  }

  edgeArguments(name: string, more: readonly string[] = []): readonly string[] {
    const edge = more.includes('--edge') ? [] : edgesOnFreePorts(name);
    const url = more.includes('--join') ? [] : ['--join', this.joinUrl];
    const token = more.includes('--join-cert')
      ? []
      : ['--token-file', join(this.folder, `${name}.token`)];
    const own = [
      ['--role', 'edge'],
      token,
      ['--data', join(this.folder, name)],
      ['--api', '127.0.0.1:0'],
    ];
    return [...own.flat(), ...edge, ...url, ...more];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#edges.values()].map((edge) => edge.process);
    if (this.#control !== undefined) all.push(this.#control);
    for (const one of all) goOn(one);
    await Promise.all(all.map((one) => one.kill()));
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** SIGSTOP: the process is there and says nothing. */
export function stopInPlace({ pid }: ServerProcess): void {
  process.kill(pid, 'SIGSTOP');
}

/** SIGCONT; one that has ended needs none. */
export function goOn({ pid }: ServerProcess): void {
  try {
    process.kill(pid, 'SIGCONT');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  assert(typeof address === 'object' && address !== null);
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return address.port;
}
