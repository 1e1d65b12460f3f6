/** The contract of the log, on every home and through every way to read one. */
import { mkdtemp, rm } from 'node:fs/promises';
import { enableCompileCache } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandomness } from '../../src/base/randomness.ts';
import { openEmbeddedLog } from '../../src/log/embedded.ts';
import type { ChangeLog, LogReader } from '../../src/log/log.ts';
import { MemoryLog } from '../../src/log/memory.ts';
import { PortReader, serveReader } from '../../src/log/port.ts';
import type { Home } from './home.ts';
import { logContract, readerContract } from './log.ts';

// As bin/warmfront.js does; it halves the time in which a log opens, and there are many here.
enableCompileCache();

const ports = { randomness: systemRandomness, clock: systemClock };

async function memoryHome(): Promise<Home> {
  return {
    open: async () => new MemoryLog(ports),
    keeps: 'nothing',
    remove: async () => undefined,
  };
}

async function embeddedHome(): Promise<Home> {
  const directory = await mkdtemp(join(tmpdir(), 'warmfront-log-'));
  return {
    open: () => openEmbeddedLog({ directory, ...ports }),
    keeps: 'for one',
    remove: () => rm(directory, { recursive: true }),
  };
}

function throughPort(log: ChangeLog): LogReader {
  const { port1, port2 } = new MessageChannel();
  serveReader(port1, log);
  return new PortReader(port2);
}

logContract('memory', memoryHome);
logContract('embedded', embeddedHome);
readerContract('memory, through a port', async () => {
  return { ...(await memoryHome()), reader: throughPort };
});
readerContract('embedded, through a port', async () => {
  return { ...(await embeddedHome()), reader: throughPort };
});
