/**
 * An edge location with real worker threads: what it and they say to each other about certificates
 * and tickets, on a clock of the location that moves only when told.
 */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { MessageChannel, Worker } from 'node:worker_threads';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { viewerCountsMemory } from '../../src/edge/viewer-counts.ts';
import { instant, systemClock } from '../../src/base/clock.ts';
import { systemRandomness } from '../../src/base/randomness.ts';
import { type Recorder, silentRecorder } from '../../src/base/recorder.ts';
import { siblingModule } from '../../src/base/worker-file.ts';
import { edgeBounds } from '../../src/edge/bounds.ts';
import { EdgeLocation, ticketKeysBytes } from '../../src/edge/location.ts';
import type { WorkerStart } from '../../src/edge/messages.ts';
import { MemoryLog } from '../../src/log/memory.ts';
import { serveReader } from '../../src/log/port.ts';
import { putDistribution } from '../../src/model/document.ts';
import { writeId } from '../../src/base/log-record.ts';
import { testAuthority } from '../harness/certificates.ts';
import { fingerprintOf, handshake, sessionOf } from '../harness/handshake.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { distributionOf, domain, host } from '../harness/scenario.ts';
import { until } from '../harness/until.ts';

const authority = await testAuthority('Local authority');
const ca = authority.certificate;
const defaultNames = [`*.${domain}`, domain];

async function started(t: TestContext, workers: number) {
  const folder = await mkdtemp(join(tmpdir(), 'warmfront-location-'));
  const log = new MemoryLog({ randomness: systemRandomness, clock: systemClock });
  const distribution = distributionOf('custom', {
    aliases: ['www.example.com', 'broken.example.com'],
  });
  const outcome = await log.append(
    {
      at: await log.head(AbortSignal.timeout(1_000)),
      changes: [putDistribution({ ...distribution, createdAt: instant(0) })],
      writeId: writeId(systemRandomness.bytes(16)),
    },
    AbortSignal.timeout(1_000),
  );
  assert.equal(outcome.kind, 'appended');
  const clock = new ManualClock();
  const asked: string[] = [];
  const told: string[] = [];
  const recorder: Recorder = { ...silentRecorder, error: (_, message) => void told.push(message) };
  const first = await authority.issue(defaultNames);
  const location = new EdgeLocation({
    settings: {
      name: 'a',
      http: { host: '127.0.0.1', port: 0 },
      https: {
        host: '127.0.0.1',
        port: 0,
        ...first,
        ticketKeys: systemRandomness.bytes(ticketKeysBytes),
        sealingKey: systemRandomness.bytes(32),
      },
      reusePort: workers > 1,
      domain,
      buckets: {},
      privateBuckets: {},
      identityCredentials: [],
      geoDatabases: [],
      originShield: undefined,
      originUrls: {},
      privateOrigins: 'refuse',
      originAuthorities: undefined,
      cacheBytesMax: 1_000_000,
      cachedBodyBytesMax: 100_000,
      diskCache: undefined,
      originConnectTimeoutMs: 1_000,
      originConnectAttempts: 1,
      standards: false,
      explain: false,
      viewerHttpsPort: 0,
      viewerBounds: edgeBounds,
      originReadTimeoutMs: 1_000,
    },
    workers,
    leaseMs: 10_000,
    presence: { report: () => Promise.resolve('held') },
    clock,
    randomness: systemRandomness,
    recorder,
    certificateFor(name) {
      asked.push(name);
      if (name.startsWith('broken')) return Promise.reject(new Error('the disk is full'));
      return authority.issue([name]);
    },
    startWorker(settings, index) {
      const { port1, port2 } = new MessageChannel();
      const notices = new MessageChannel();
      notices.port1.unref();
      const start: WorkerStart = {
        settings,
        index,
        propagationDelayMs: 0,
        beatMs: 1_000,
        recorder: { level: 'silent', readable: false, colors: false },
        accessLog: {
          folder,
          id: systemRandomness.uuid(),
          fields: '2010',
          intervalMs: 60_000,
          fileBytesMax: 1_000_000,
          notices: notices.port2,
        },
        counts: viewerCountsMemory(),
        log: port2,
      };
      const stopServing = serveReader(port1, log);
      const worker = new Worker(siblingModule(import.meta.url, '../../src/edge-worker'), {
        workerData: start,
        transferList: [port2, notices.port2],
      });
      worker.once('exit', stopServing);
      return worker;
    },
  });
  t.after(async () => {
    const stopped = location.stop(2_000);
    await stopped;
    await log.close();
    await rm(folder, { recursive: true, force: true });
  });
  const { https } = await location.start();
  assert(https !== undefined);
  const viewer = { servername: host, ca };
  return { location, clock, asked, told, first, port: https.port, viewer };
}

test('workers ask the location for the certificate of an alias, and a failure is told', async (t) => {
  const { asked, port, told } = await started(t, 1);
  const alias = await handshake(port, { servername: 'www.example.com', ca });
  assert.deepEqual([alias.names, alias.distrust], [['www.example.com'], undefined]);
  const broken = await handshake(port, { servername: 'broken.example.com', ca });
  assert.deepEqual(broken.names, defaultNames);
  assert.deepEqual(asked, ['www.example.com', 'broken.example.com']);
  assert.deepEqual(told, ['no certificate could be made for a name']);
});

test('a renewed certificate reaches every worker, those that start later too', async (t) => {
  const { clock, first, location, port, viewer } = await started(t, 2);
  const shown = async (): Promise<string> => (await handshake(port, viewer)).fingerprint;
  assert.equal(await shown(), fingerprintOf(first.certificate));
  const renewed = await authority.issue(defaultNames);
  const wanted = fingerprintOf(renewed.certificate);
  location.renewCertificate(renewed);
  await until('both workers show it', async () => {
    const seen = await Promise.all(Array.from({ length: 12 }, shown));
    return seen.every((one) => one === wanted) ? true : undefined;
  });
  await location.crashWorker(0);
  await location.crashWorker(1);
  await until('a worker serves again', async () => {
    await clock.passes(1_000);
    return shown().catch(() => undefined);
  });
  assert.equal(await shown(), wanted);
});

test('the keys of tickets are exchanged at all workers together, twice a day', async (t) => {
  const { clock, port, viewer } = await started(t, 2);
  const session = await sessionOf(port, viewer);
  const reused = async (given: Buffer): Promise<boolean> => {
    const seen = await Promise.all(
      Array.from({ length: 8 }, () => handshake(port, { ...viewer, session: given })),
    );
    assert.equal(new Set(seen.map(({ isReused }) => isReused)).size, 1);
    return seen[0]?.isReused === true;
  };
  assert(await reused(session));
  await clock.passes(12 * 3_600_000);
  await until('the old session is worth nothing', async () => {
    const shown = await handshake(port, { ...viewer, session });
    return shown.isReused ? undefined : true;
  });
  const next = await sessionOf(port, viewer);
  await until('both workers have the new keys', async () =>
    (await reused(next).catch(() => false)) ? true : undefined,
  );
  assert(!(await reused(session)));
});
