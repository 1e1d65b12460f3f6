/** What every kind of process is built with: the ports of the system, listening, reading files. */
import { readFileSync } from 'node:fs';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { apiServerOptions, guardApiServer } from './api/listener.ts';
import { systemClock, type Clock } from './base/clock.ts';
import { formatListenAddress, type ListenAddress } from './base/listen-address.ts';
import { systemRandomness } from './base/randomness.ts';
import type { Recorder, RecorderOptions } from './base/recorder.ts';

/** Why a server did not start, in a sentence for its operator. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';
}

export type OnStop = (stop: () => Promise<void>) => void;
/** Heard before anything stops, where there is time for others to go elsewhere. */
export type OnDrain = (drain: () => void) => void;
export type Hooks = { readonly onStop: OnStop; readonly onDrain: OnDrain };

export type ServerPorts = {
  readonly recorder: Recorder;
  /** For the recorders of edge workers. */
  readonly recorderOptions: RecorderOptions;
};

export const graceMs = 8_000;
export const clock: Clock = systemClock;
export const randomness = systemRandomness;

// An import of node:http reads all that it exports, and by one of them (WebSocket) loads a client for
// fetch that nothing here uses: 20 ms of CPU time at each start, and 3 MB for good.
const { createServer } = process.getBuiltinModule('node:http');

/** Reads what an operator wrote; throws a StartFailure that names the file. */
export function readGiven<Value>(
  file: string,
  what: string,
  faults: readonly (new (message: string) => Error)[],
  read: (text: string) => Value,
): Value {
  return readGivenFile(file, what, faults, (path) => read(readFileSync(path, 'utf8')));
}

/** The same for who reads the file itself. */
export function readGivenFile<Value>(
  file: string,
  what: string,
  faults: readonly (new (message: string) => Error)[],
  read: (path: string) => Value,
): Value {
  try {
    return read(file);
  } catch (error) {
    const isFault = faults.some((fault) => error instanceof fault) || isSystemError(error);
    if (!(error instanceof Error) || !isFault) throw error;
    throw new StartFailure(`The ${what} in ${file} cannot be used: ${error.message}.`);
  }
}

/** Bounded and guarded; it listens once `listen` is called. */
export function plainServer(handler: RequestListener, recorder: Recorder): Server {
  return guarded(createServer(apiServerOptions), handler, recorder);
}

export function guarded(server: Server, handler: RequestListener, recorder: Recorder): Server {
  guardApiServer(server, { clock, randomness, recorder });
  server.on('request', handler);
  return server;
}

export function listen(
  server: Server,
  { host, port }: ListenAddress,
  flag: string,
): Promise<ListenAddress> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(
        new StartFailure(`${flag} ${formatListenAddress({ host, port })}: ${explained(error)}`),
      );
    });
    server.listen({ host, port }, () => {
      const bound: AddressInfo | string | null = server.address();
      const chosen = typeof bound === 'object' && bound !== null ? bound.port : port;
      resolve({ host, port: chosen });
    });
  });
}

export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = clock.after(graceMs, () => server.closeAllConnections());
    server.close(() => {
      cut();
      resolve();
    });
    server.closeIdleConnections();
  });
}

export function explained(error: NodeJS.ErrnoException): string {
  if (error.code === 'EADDRINUSE') return 'another program listens there already.';
  if (error.code === 'EACCES')
    return 'this user may not listen there; ports below 1024 need rights.';
  if (error.code === 'EADDRNOTAVAIL') return 'this machine has no such address.';
  return error.message;
}

export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}
