/** Ports for programs that choose none of their own, and when they listen there. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { until } from '../../test/harness/until.ts';

/** It may be taken in between, which ends the run. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  if (address === null || typeof address === 'string') throw new Error('it listens on a port');
  return address.port;
}

/** `said` gives its own words, should it end instead. */
export async function untilListening(
  name: string,
  port: number,
  child: ChildProcess,
  said: () => string | Promise<string>,
): Promise<void> {
  await until(`${name} listens`, async () => {
    if (child.exitCode !== null) {
      throw new Error(`${name} ended with ${child.exitCode}:\n${await said()}`);
    }
    return isListening(port);
  });
}

async function isListening(port: number): Promise<true | undefined> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}
