/** The contract of a reader, kept across the feed of an API process. */
import { enableCompileCache } from 'node:module';
import { createServer } from 'node:http';
import { createFeedHandler } from '../../src/api/feed/handler.ts';
import { apiServerOptions } from '../../src/api/listener.ts';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandomness } from '../../src/base/randomness.ts';
import { silentRecorder } from '../../src/base/recorder.ts';
import { ApiContact } from '../../src/feed/contact.ts';
import { identityByToken } from '../../src/feed/identity.ts';
import { FeedReader } from '../../src/feed/reader.ts';
import type { ChangeLog, LogReader } from '../../src/log/log.ts';
import { MemoryLog } from '../../src/log/memory.ts';
import { forgettingContract } from './forgetting.ts';
import type { Home } from './home.ts';
import { readingContract } from './reading.ts';

enableCompileCache();

const clock = systemClock;
const randomness = systemRandomness;
const recorder = silentRecorder;
const edge = 'edge';
const secret = 'A'.repeat(43);

function throughFeed(log: ChangeLog): LogReader {
  const closing = new AbortController();
  const handler = createFeedHandler(
    {
      log,
      presence: { report: () => Promise.reject(new Error('nobody reports here')) },
      clock,
      randomness,
      recorder,
      leaseMs: 10_000,
      domain: 'cloudfront.localhost',
      sealingKey: new Uint8Array(32),
      edgeOfToken: () => edge,
      agreeWith: () => new Uint8Array(32),
      serves: () => false,
      certificateFor: () => Promise.reject(new Error('nobody asks here')),
      streamsPerEdgeMax: 100,
      closing: closing.signal,
    },
    (_, response) => response.writeHead(404).end(),
  );
  const server = createServer(apiServerOptions, handler).listen(0);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const contact = new ApiContact({
    urls: [`http://127.0.0.1:${port}`],
    edge,
    identity: identityByToken({ secret, authority: '' }),
    authorities: undefined,
    clock,
    randomness,
  });
  const reader = new FeedReader({ contact, clock, randomness, onHello: () => undefined });
  return {
    tail: (from, signal) => reader.tail(from, signal),
    head: (signal) => reader.head(signal),
    async close() {
      await reader.close();
      closing.abort(new Error('the test is over'));
      contact.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

async function memoryHome(): Promise<Home> {
  return {
    open: async () => new MemoryLog({ clock, randomness }),
    keeps: 'nothing',
    remove: async () => undefined,
  };
}

async function home(): Promise<Home> {
  return { ...(await memoryHome()), reader: throughFeed };
}

readingContract('through the feed', home);
forgettingContract('through the feed', home);
