/**
 * Ports for programs that are started again on the port they had. They lie below those that systems
 * give to outgoing connections (32768 and up on Linux), so that none is taken while its program is away.
 */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

const first = 12_000;
const last = 32_000;
const triesMax = 1_000;

/** Free at this moment; all are held until all are known, so that none is told twice. */
export async function lastingPorts(count: number): Promise<readonly number[]> {
  const held = new Map<number, Server>();
  for (let tries = 0; held.size < count; tries += 1) {
    if (tries >= triesMax) throw new Error(`no ${count} ports are free from ${first} to ${last}`);
    const port = randomInt(first, last);
    const server = createServer();
    server.listen(port, '127.0.0.1');
    const taken = await Promise.race([
      once(server, 'listening').then(() => false),
      once(server, 'error').then(() => true),
    ]).catch(() => true);
    if (!taken) held.set(port, server);
  }
  await Promise.all(
    [...held.values()].map((server) => {
      server.close();
      return once(server, 'close');
    }),
  );
  return [...held.keys()];
}
