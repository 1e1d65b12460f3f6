/**
 * A TCP relay that a test stands between two programs: it passes every byte on until it is told to
 * swallow one direction, or to cut what is open.
 */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import assert from 'node:assert/strict';

export class WireTap {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #swallowed: 'nothing' | 'answers' | 'requests' = 'nothing';
  #noticed: (() => void) | undefined;

  /** `to`: `host:port`. */
  static async open(to: string): Promise<WireTap> {
    const [host = '', port = ''] = to.split(':');
    const server = createServer();
    const tap = new WireTap(server);
    server.on('connection', (near) => {
      const far = connect({ host, port: Number(port) });
      tap.#relay(near, far, 'requests');
      tap.#relay(far, near, 'answers');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return tap;
  }

  private constructor(server: Server) {
    this.#server = server;
  }

  get address(): string {
    const address = this.#server.address();
    assert(typeof address === 'object' && address !== null);
    return `127.0.0.1:${address.port}`;
  }

  /** From now on; resolves once something was swallowed. */
  swallow(what: 'answers' | 'requests'): Promise<void> {
    this.#swallowed = what;
    return new Promise((resolve) => {
      this.#noticed = resolve;
    });
  }

  /** Connections of before are cut, and new ones pass everything. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#swallowed = 'nothing';
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #relay(from: Socket, to: Socket, what: 'answers' | 'requests'): void {
    this.#sockets.add(from);
    from.on('data', (bytes) => {
      if (this.#swallowed !== what) to.write(bytes);
      else this.#noticed?.();
    });
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}
