/**
 * The listeners of one edge worker: they accept viewers' connections, give each request to the
 * pipeline, and stop without cutting what is being answered as long as the grace lasts.
 */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import type { ListenAddress } from '../base/listen-address.ts';
import type { Randomness } from '../base/randomness.ts';
import type { Recorder } from '../base/recorder.ts';
import { MemoryStore } from '../cache/memory-store.ts';
import { viaName } from '../http/via.ts';
import { Origins } from '../origin/origins.ts';
import { type EdgeBounds, edgeBounds } from './bounds.ts';
import { type EdgeParts, Exchange } from './exchange.ts';
import { H1Connection } from './h1-connection.ts';
import { popCode } from './own-headers.ts';
import { runPipeline } from './pipeline.ts';
import type { RoutingTable } from './routing-table.ts';
import type { EdgeSettings } from './settings.ts';

export type EdgeServerOptions = {
  readonly settings: EdgeSettings;
  readonly routing: RoutingTable;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly recorder: Recorder;
  /** Other bounds than the contract's, for tests. */
  readonly bounds?: EdgeBounds;
};

export interface EdgeServer {
  /** Where viewers are answered from now on; `https` is undefined when settings have none. */
  listen(): Promise<{ http: ListenAddress; https: ListenAddress | undefined }>;
  /** Accepts no more, finishes what is in flight within `graceMs`, then cuts. */
  close(graceMs: number): Promise<void>;
  /** Drops the whole cache. */
  forget(): void;
}

/** How often connections are looked at for having waited too long. */
const sweepMs = 1_000;

export function createEdgeServer(options: EdgeServerOptions): EdgeServer {
  const { clock, recorder, routing, settings, bounds = edgeBounds } = options;
  const store = new MemoryStore({
    bytesMax: settings.cacheBytesMax,
    bodyBytesMax: settings.cachedBodyBytesMax,
  });
  const origins = new Origins({ settings, clock, bounds });
  const edge: EdgeParts = {
    bounds,
    clock,
    randomness: options.randomness,
    recorder,
    routing,
    store,
    origins,
    originAttemptsMax: settings.originConnectAttempts,
    pop: popCode(settings.name),
    viaName: viaName(settings.name, settings.domain),
  };
  const connections = new Set<H1Connection>();
  const servers: Server[] = [];
  let closing = false;
  let allClosed: (() => void) | undefined;
  let cancelSweep: (() => void) | undefined;

  function accept(socket: Socket, scheme: 'http' | 'https'): void {
    if (closing || connections.size >= bounds.connectionsMax) {
      socket.destroy();
      return;
    }
    const connection = new H1Connection({
      socket,
      scheme,
      bounds,
      clock,
      serve: (arrival, answer) => runPipeline(new Exchange(edge, arrival, answer)),
      onClose(closed) {
        connections.delete(closed);
        if (connections.size === 0) allClosed?.();
      },
    });
    connections.add(connection);
  }

  function sweep(): void {
    const nowMs = clock.monotonicMs();
    for (const connection of connections) connection.expire(nowMs);
    cancelSweep = clock.after(sweepMs, sweep);
  }

  async function listenOn(server: Server, { host, port }: ListenAddress): Promise<ListenAddress> {
    server.maxConnections = bounds.connectionsMax;
    servers.push(server);
    server.listen({ host, port, reusePort: settings.reusePort });
    await once(server, 'listening');
    const at = server.address();
    if (at === null || typeof at === 'string') throw new Error('a listener without a port');
    return { host, port: at.port };
  }

  return {
    async listen() {
      const { http, https } = settings;
      const plain = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
        accept(socket, 'http');
      });
      const httpAt = await listenOn(plain, http);
      let httpsAt: ListenAddress | undefined;
      if (https !== undefined) {
        const secure = createTlsServer(
          {
            cert: https.certificate,
            key: https.key,
            minVersion: 'TLSv1.2',
            ALPNProtocols: ['http/1.1'],
            handshakeTimeout: bounds.handshakeMsMax,
            allowHalfOpen: true,
            noDelay: true,
          },
          (socket) => accept(socket, 'https'),
        );
        httpsAt = await listenOn(secure, https);
      }
      sweep();
      return { http: httpAt, https: httpsAt };
    },

    async close(graceMs) {
      closing = true;
      for (const server of servers) server.close();
      for (const connection of connections) connection.finish();
      if (connections.size > 0) {
        await new Promise<void>((resolve) => {
          const cancel = clock.after(graceMs, () => {
            for (const connection of connections) connection.destroy();
          });
          allClosed = () => {
            cancel();
            resolve();
          };
        });
      }
      cancelSweep?.();
      store.clear();
      await origins.close();
    },

    forget: () => store.clear(),
  };
}
