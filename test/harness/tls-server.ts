/** A real server on disk whose edges speak TLS, with one site in a folder that viewers can ask for. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiCaller } from './api-caller.ts';
import { create, type Created, download, s3Origin, type Said, untilDeployed } from './kinds.ts';
import { freePorts, type ServerProcess, startServerProcess } from './server-process.ts';

/** What the site says on its first page. */
export const greeting = 'Served by an edge';

const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>A site</title>
<body style="font: 24px sans-serif; background: #eef6ee; margin: 40px">
<h1>${greeting}</h1><p id="seen">no script ran</p>
<script>document.getElementById('seen').textContent = location.protocol + '//' + location.host</script>
</body></html>
`;

export class TlsServer {
  readonly #folder: string;
  readonly #args: readonly string[];
  #server: ServerProcess;
  /** What every process of it has said on standard error. */
  #said = '';

  /** `edges`: their names. */
  static async start(edges: readonly string[], more: readonly string[] = []): Promise<TlsServer> {
    const folder = await mkdtemp(join(tmpdir(), 'warmfront-tls-'));
    await mkdir(join(folder, 'site'));
    await writeFile(join(folder, 'site', 'index.html'), page);
    const args = [
      ...freePorts,
      ...edges.flatMap((name) => ['--edge', `${name}=127.0.0.1:0,127.0.0.1:0`]),
      `--data=${join(folder, 'data')}`,
      `--bucket=pics=${join(folder, 'site')}`,
      '--log-level=debug',
      ...more,
    ];
    try {
      return new TlsServer(folder, args, await startServerProcess(args));
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  private constructor(folder: string, args: readonly string[], server: ServerProcess) {
    this.#folder = folder;
    this.#args = args;
    this.#server = server;
  }

  get data(): string {
    return join(this.#folder, 'data');
  }

  get folder(): string {
    return this.#folder;
  }

  get api(): string {
    return this.#server.addresses.api;
  }

  get caFile(): string {
    const { caFile } = this.#server.addresses;
    assert(caFile !== undefined);
    return caFile;
  }

  /** PEM. */
  get authority(): string {
    return readFileSync(this.caFile, 'utf8');
  }

  get said(): string {
    return this.#said + this.#server.output();
  }

  /** Where the edge listens for HTTPS. */
  port(edge = 0): number {
    return Number(new URL(this.#server.addresses.edges[edge]?.https ?? '').port);
  }

  /** The URL of the edge over plain HTTP. */
  http(edge = 0): string {
    return this.#server.addresses.edges[edge]?.http ?? '';
  }

  /** Ends the process and starts another on the same data; ports are others then. */
  async restart(between: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    await this.#server.stop();
    this.#said += this.#server.output();
    await between();
    this.#server = await startServerProcess(this.#args);
  }

  /** Starts a process on the data of one that is stopped, and ends it; rejects with NotReady. */
  async tries(): Promise<void> {
    await (await startServerProcess(this.#args)).stop();
  }

  /** The site under its own name and these, once every edge has it. */
  async distribute(reference: string, said: Partial<Said> = {}): Promise<Created> {
    const api = new ApiCaller(this.api);
    const more = '<DefaultRootObject>index.html</DefaultRootObject>';
    const created = await create(api, download, {
      reference,
      origin: s3Origin('pics'),
      more,
      ...said,
    });
    await untilDeployed(api, created.path);
    api.close();
    return created;
  }

  async stop(): Promise<void> {
    await this.#server.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
