/** A server of a benchmark's own, on free ports, with a data folder that goes when it does. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  edgesOnFreePorts,
  freePorts,
  type ServerProcess,
  startServerProcess,
} from '../../test/harness/server-process.ts';

export type Home = 'disk' | 'memory';

/** `log-level` warn: what is normal is not written, as an operator who wants speed would have it. */
const common = [...freePorts, '--log-level', 'warn'] as const;

export function edgeNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `edge${index + 1}`);
}

/** Runs `use` on a server with so many edges, and stops it whatever happens. */
export async function withServer<T>(
  { edges, home, more = [] }: { home: Home; edges: number; more?: readonly string[] },
  use: (server: ServerProcess) => Promise<T>,
): Promise<T> {
  return withFolder(async (folder) => {
    const kept = home === 'disk' ? ['--data', join(folder, 'data')] : ['--memory'];
    const server = await startServerProcess([
      ...common,
      ...edgesOnFreePorts(...edgeNames(edges)),
      ...kept,
      ...more,
    ]);
    try {
      return await use(server);
    } finally {
      await server.stop();
    }
  });
}

export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'warmfront-bench-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
