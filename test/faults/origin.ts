/**
 * The origin of the rounds. Two kinds of objects: `/REFERENCE.NUMBER.txt`, which says its own name, so
 * that a viewer of a root object is told which state the edge serves; and `/NAME.object`, which
 * says its version, and changes when told.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';

export const originHost = 'origin.example';
export const objects = ['o1', 'o2', 'o3'] as const;

export class FaultOrigin {
  readonly #server: Server;
  readonly #versions = new Map<string, number>(objects.map((object) => [object, 1]));
  asked = 0;

  static async start(): Promise<FaultOrigin> {
    const server = createServer({ keepAliveTimeout: 60_000 });
    const origin = new FaultOrigin(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return origin;
  }

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', ({ url = '' }, response) => {
      this.asked += 1;
      const object = /^\/(\w+)\.object$/.exec(url)?.[1];
      const root = /^\/(.+)\.txt$/.exec(url)?.[1];
      const body = object === undefined ? root : String(this.#versions.get(object));
      const type = { 'content-type': 'text/plain', 'cache-control': 'max-age=86400' };
      response.writeHead(body === undefined ? 404 : 200, type);
      response.end(body);
    });
  }

  get port(): number {
    const address = this.#server.address();
    assert(typeof address === 'object' && address !== null);
    return address.port;
  }

  /** Whoever asks from now on is given this version or a later one. */
  changes(object: string): number {
    const version = (this.#versions.get(object) ?? 0) + 1;
    this.#versions.set(object, version);
    return version;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.closeAllConnections();
    this.#server.close();
    await closed;
  }
}
