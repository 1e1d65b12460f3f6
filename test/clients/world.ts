/**
 * What every client test stands in: a real server with two edges, a bucket answered from a folder,
 * and a custom origin of the tests' own behind the name www.example.com.
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { headerValue } from '../../src/http/header-list.ts';
import { ApiCaller } from '../harness/api-caller.ts';
import {
  edgesOnFreePorts,
  type ServerProcess,
  freePorts,
  startServerProcess,
} from '../harness/server-process.ts';
import { view } from '../harness/viewing.ts';

/** The object that stands under `/a.txt` in the bucket `pics`. */
export const stored = 'the object a\n';
/** What `/` of the bucket is, where the root object is index.html. */
export const rootObject = '<h1>the root object</h1>\n';
export const customHost = 'www.example.com';

export class ClientWorld {
  readonly server: ServerProcess;
  readonly api: ApiCaller;
  readonly #folder: string;
  readonly #origin: Server;

  static async start(): Promise<ClientWorld> {
    const folder = await mkdtemp(join(tmpdir(), 'warmfront-clients-'));
    const site = join(folder, 'pics');
    await mkdir(site);
    await writeFile(join(site, 'a.txt'), stored);
    await writeFile(join(site, 'index.html'), rootObject);
    const origin = createServer((request, response) => {
      response.setHeader('content-type', 'text/plain');
      response.end(`the custom origin has ${request.url}\n`);
    });
    await new Promise<void>((resolve) => {
      origin.listen(0, '127.0.0.1', resolve);
    });
    const server = await startServerProcess([
      ...freePorts,
      ...edgesOnFreePorts('a', 'b'),
      '--data',
      join(folder, 'data'),
      '--bucket',
      `pics=${site}`,
      '--origin',
      `${customHost}=http://127.0.0.1:${portOf(origin)}`,
    ]);
    return new ClientWorld(server, folder, origin);
  }

  private constructor(server: ServerProcess, folder: string, origin: Server) {
    this.server = server;
    this.api = new ApiCaller(server.addresses.api);
    this.#folder = folder;
    this.#origin = origin;
  }

  get port(): string {
    return new URL(this.server.addresses.api).port;
  }

  get tlsPort(): string {
    return new URL(this.server.addresses.apiTls ?? '').port;
  }

  get caFile(): string {
    const { caFile } = this.server.addresses;
    assert(caFile !== undefined, 'a server with a data folder has an authority in a file');
    return caFile;
  }

  /** A folder of the test's own. */
  get folder(): string {
    return this.#folder;
  }

  /** Puts an object into the bucket `pics`, in place of one with its name. */
  publish(name: string, text: string): Promise<void> {
    return writeFile(join(this.#folder, 'pics', name), text);
  }

  /** A viewer at each edge gets this body, from the origin at first and from the edge then. */
  async viewersGet(domain: string, path: string, body: string): Promise<void> {
    for (const edge of this.server.addresses.edges) {
      for (const xCache of ['Miss from cloudfront', 'Hit from cloudfront']) {
        const { headers, ...seen } = await view(edge.http, domain, path);
        assert.deepEqual(
          {
            edge: edge.name,
            status: seen.status,
            xCache: headerValue(headers, 'x-cache'),
            body: seen.body,
          },
          { edge: edge.name, status: 200, xCache, body },
        );
      }
    }
  }

  async viewersAreRefused(domain: string, path: string): Promise<void> {
    for (const edge of this.server.addresses.edges) {
      const { status } = await view(edge.http, domain, path);
      assert.equal(status, 403, `edge ${edge.name} refuses ${domain}${path}`);
    }
  }

  async stop(): Promise<void> {
    this.api.close();
    await this.server.stop();
    this.#origin.closeAllConnections();
    this.#origin.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  assert(typeof address === 'object' && address !== null);
  return address.port;
}
