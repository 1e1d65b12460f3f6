/**
 * Scenarios of the edge: one distribution in front of one origin, on a clock that moves only when
 * told, over real sockets on loopback. A test reads as a conversation.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { AccessLog } from '../../src/access-log/journal.ts';
import { revision } from '../../src/base/log-record.ts';
import { type Facts, type Recorder, silentRecorder } from '../../src/base/recorder.ts';
import { type EdgeBounds, edgeBounds } from '../../src/edge/bounds.ts';
import { createEdgeServer, type EdgeServer } from '../../src/edge/edge-server.ts';
import { RoutingTable } from '../../src/edge/routing-table.ts';
import type { EdgeSettings } from '../../src/edge/settings.ts';
import { instant } from '../../src/base/clock.ts';
import type {
  Behavior,
  CustomOrigin,
  Distribution,
  DistributionConfig,
} from '../../src/model/distribution.ts';
import { plainCustomOrigin } from '../../src/model/plain-config.ts';
import { accountId, configEtag, distributionId } from '../../src/model/ids.ts';
import { configOf } from './configs.ts';
import { touchedBy } from './configs.ts';
import { cursorAt } from './disk-folder.ts';
import { ManualClock } from './manual-clock.ts';
import { type ShownCertificate, TestOrigin } from './origin.ts';
import { SeededRandomness } from './seeded-randomness.ts';
import { Viewer } from './viewer.ts';

export const domain = 'cloudfront.localhost';
export const host = `d111111abcdef8.${domain}`;
export const originHost = 'www.example.com';
/** A bucket that the origin answers for, and no folder. */
export const bucketHost = 'elsewhere.s3.amazonaws.com';

export type Stage = {
  readonly viewer: Viewer;
  readonly origin: TestOrigin;
  readonly clock: ManualClock;
  readonly edge: EdgeServer;
  readonly port: number;
  readonly httpsPort: number | undefined;
  readonly routing: RoutingTable;
  /** An empty folder, which answers for the bucket `pics`. */
  readonly folder: string;
  /** Puts a distribution in the place of the one with its id; the position moves on by one. */
  readonly serves: (distribution: Distribution) => void;
  /** Where the edge reaches origins. */
  readonly originUrls: Readonly<Record<string, string>>;
  /** What the operator was warned of. */
  readonly warnings: readonly Facts[];
  /** What was recorded of exchanges that took the way through the pipeline. */
  readonly exchanges: readonly Facts[];
  readonly test: TestContext;
};

export type Setting = {
  readonly config?: Partial<DistributionConfig>;
  readonly behavior?: Partial<Behavior>;
  readonly settings?: Partial<EdgeSettings>;
  readonly bounds?: Partial<EdgeBounds>;
  /** False: everything takes the way through the pipeline. */
  readonly lane?: boolean;
  /** Takes the lines of exchanges. */
  readonly accessLog?: AccessLog;
  /** The folder of a cache on disk, and how large it is. */
  readonly disk?: { readonly folder: string; readonly bytesMax: number };
  /** What the clock says at first, in milliseconds since 1970. */
  readonly startsAt?: number;
  /** By which the edge reaches the origin; `http` unless said. */
  readonly originScheme?: 'http' | 'https';
  /** The origin shows it and speaks TLS. */
  readonly originCertificate?: ShownCertificate;
};

export function scenario(title: string, play: (stage: Stage) => Promise<void>): void;
export function scenario(
  title: string,
  setting: Setting,
  play: (stage: Stage) => Promise<void>,
): void;
export function scenario(
  title: string,
  given: Setting | ((stage: Stage) => Promise<void>),
  given2?: (stage: Stage) => Promise<void>,
): void {
  const [setting, play] = typeof given === 'function' ? [{}, given] : [given, given2];
  test(title, { timeout: playMsMax }, async (t) => {
    await using stage = await setTheStage(setting, t);
    await play?.(stage);
  });
}

const playMsMax = 60_000;

/** For a test that needs more around it than `scenario` gives. */
export async function setTheStage(
  setting: Setting,
  t: TestContext,
): Promise<Stage & { [Symbol.asyncDispose](): Promise<void> }> {
  const clock = new ManualClock(setting.startsAt);
  const origin = await TestOrigin.start(clock, setting.originCertificate);
  const folder = await mkdtemp(join(tmpdir(), 'warmfront-bucket-'));
  const routing = new RoutingTable(domain);
  let position = 1;
  const serves = (distribution: Distribution): void => {
    position += 1;
    const at = revision(position);
    routing.apply([touchedBy(distribution, at)], at);
  };
  serves(distributionOf('custom', setting.config, setting.behavior));
  const warnings: Facts[] = [];
  const exchanges: Facts[] = [];
  const recorder: Recorder = {
    ...silentRecorder,
    debug: (facts, message) => void (message === 'exchange' && exchanges.push(facts)),
    warn: (facts) => void warnings.push(facts),
    error: (facts, message) => bugs.push(new Error(message, { cause: facts['error'] })),
  };
  const bugs: Error[] = [];
  const originUrl = `${setting.originScheme ?? 'http'}://127.0.0.1:${origin.port}`;
  const originUrls = { [originHost]: originUrl, [bucketHost]: originUrl };
  const edge = createEdgeServer({
    settings: {
      name: 'test1',
      http: { host: '127.0.0.1', port: 0 },
      https: undefined,
      reusePort: false,
      domain,
      buckets: { pics: folder },
      privateBuckets: {},
      identityCredentials: [],
      geoDatabases: [],
      originShield: undefined,
      originUrls,
      privateOrigins: 'refuse',
      originAuthorities: undefined,
      cacheBytesMax: 64 * 1_024 * 1_024,
      cachedBodyBytesMax: 16 * 1_024 * 1_024,
      diskCache: setting.disk,
      originConnectTimeoutMs: 10_000,
      originConnectAttempts: 3,
      originReadTimeoutMs: 30_000,
      standards: false,
      explain: false,
      viewerHttpsPort: 0,
      viewerBounds: edgeBounds,
      ...setting.settings,
    },
    routing,
    clock,
    randomness: new SeededRandomness(1),
    recorder,
    accessLog: setting.accessLog,
    disk: setting.disk && { ...setting.disk, isProven: () => Promise.resolve(true) },
    lane: setting.lane ?? true,
    bounds: { ...edgeBounds, ...setting.bounds },
  });
  await edge.openCache(cursorAt(1_000));
  const at = await edge.listen();
  return {
    viewer: new Viewer({ port: at.http.port, host }),
    origin,
    clock,
    edge,
    port: at.http.port,
    httpsPort: at.https?.port,
    routing,
    folder,
    originUrls: setting.settings?.originUrls ?? originUrls,
    serves,
    warnings,
    exchanges,
    test: t,
    async [Symbol.asyncDispose]() {
      // Connections a test left open are none of its promises.
      const closing = edge.close(0);
      await clock.passes(0);
      await closing;
      await origin.close();
      await rm(folder, { recursive: true, force: true });
      if (bugs[0] !== undefined) throw bugs[0];
    },
  };
}

/** In front of `www.example.com`, or of the bucket `pics`. */
export function distributionOf(
  kind: 'custom' | 's3',
  changed: Partial<DistributionConfig> = {},
  behavior: Partial<Behavior> = {},
  { id = 'E111111ABCDEF8', domainName = host } = {},
): Distribution {
  const base = configOf('download', 'reference');
  const config: DistributionConfig = {
    ...base,
    ...(kind === 's3' ? {} : { origins: [customOrigin] }),
    ...changed,
    defaultBehavior: { ...base.defaultBehavior, ...behavior },
  };
  return {
    format: 1,
    account: accountId('000000000000'),
    id: distributionId(id),
    etag: configEtag('E2QWRUHAPOMQZL'),
    domainName,
    createdAt: instant(0),
    modifiedAt: instant(0),
    config,
    createdWith: config,
  };
}

export const customOrigin: CustomOrigin = {
  ...plainCustomOrigin,
  id: 'default',
  domainName: originHost,
  protocolPolicy: 'http-only',
};
