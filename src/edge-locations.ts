/**
 * The edge locations of a process, whichever way the log comes to it: their workers read it through a
 * message port, their reports go to presence, their certificates come from an authority.
 */
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel, Worker } from 'node:worker_threads';
import { AccessLogs, type AccessLogSettings } from './access-log/access-logs.ts';
import { readStoreCredentials, StoreCredentialsFault } from './access-log/store-credentials.ts';
import type { LogStore } from './access-log/store-destination.ts';
import type { Authority } from './authority/authority.ts';
import type { CertificateAndKey } from './authority/issue.ts';
import { keepRenewed } from './authority/renewal.ts';
import { formatListenAddress } from './base/listen-address.ts';
import type { Recorder, RecorderOptions } from './base/recorder.ts';
import { sealingKeyBytes } from './base/sealing.ts';
import { siblingModule, workerEnvironment } from './base/worker-file.ts';
import { systemDiskFiles } from './cache/disk-files.ts';
import { removeLeftovers } from './cache/disk-leftovers.ts';
import type { ServedEdge, ServerSettings } from './config.ts';
import { EdgeLocation, ticketKeysBytes } from './edge/location.ts';
import type { ListeningAt, WorkerStart } from './edge/messages.ts';
import { readShieldKey, ShieldKeyFault } from './edge/shield/shield-key.ts';
import type { EdgeSettings } from './edge/settings.ts';
import { type CountedEdge, viewerCountsMemory } from './edge/viewer-counts.ts';
import { GeoDatabaseFault, readGeoDatabase } from './geo/database.ts';
import type { LogReader } from './log/log.ts';
import { serveReader } from './log/port.ts';
import type { Presence } from './log/presence.ts';
import {
  type IdentityCredentials,
  IdentityCredentialsFault,
  readIdentityCredentials,
} from './origin/identity-credentials.ts';
import {
  clock,
  graceMs,
  type OnDrain,
  type OnStop,
  randomness,
  readGiven,
  readGivenFile,
  StartFailure,
} from './server-parts.ts';

export type EdgeAddress = {
  readonly name: string;
  readonly http: string;
  readonly https: string | undefined;
};

export type StartedEdges = {
  readonly addresses: readonly EdgeAddress[];
  readonly counted: readonly CountedEdge[];
};

/** What edges need that an operator wrote in files. */
export type EdgeFiles = {
  readonly identityCredentials: readonly IdentityCredentials[];
  readonly logStore: LogStore | undefined;
  readonly geoDatabases: readonly Uint8Array[];
  /** That edges share. */
  readonly shieldKey: Uint8Array;
};

/** Throws a StartFailure. */
export function readEdgeFiles(settings: ServerSettings): EdgeFiles {
  const { accessLogs, identityCredentialsFile, originAuthorities } = settings;
  const said = 'credentials';
  const identityCredentials =
    identityCredentialsFile === undefined
      ? []
      : readGiven(
          identityCredentialsFile,
          said,
          [IdentityCredentialsFault],
          readIdentityCredentials,
        );
  const geoDatabases = settings.geoDatabaseFiles.map((file) =>
    readGivenFile(file, 'database of addresses', [GeoDatabaseFault], readGeoDatabase),
  );
  const { originShieldKeyFile } = settings;
  const shieldKey =
    originShieldKeyFile === undefined
      ? randomness.bytes(sealingKeyBytes)
      : readGiven(originShieldKeyFile, 'secret', [ShieldKeyFault], readShieldKey);
  const read = { identityCredentials, geoDatabases, shieldKey };
  if (accessLogs.store === undefined) return { ...read, logStore: undefined };
  const { credentialsFile, url } = accessLogs.store;
  const given = readGiven(credentialsFile, said, [StoreCredentialsFault], readStoreCredentials);
  return { ...read, logStore: { url, ...given, authorities: originAuthorities } };
}

function accessLogSettings(
  { accessLogs, buckets, data, edges, edgeWorkers }: ServerSettings,
  store: LogStore | undefined,
): AccessLogSettings {
  const { fields, intervalMs, spoolBytesMax } = accessLogs;
  const aside = join(tmpdir(), `warmfront-${randomness.uuid()}`);
  return {
    root: data === undefined ? aside : join(data, 'edges'),
    isTemporary: data === undefined,
    fields,
    intervalMs,
    spoolBytesMax,
    buckets,
    store,
    workers: edges.length * edgeWorkers,
  };
}

/** What the default certificate of all edges is for. */
function defaultNames(domain: string): readonly string[] {
  return [`*.${domain}`, domain];
}

export type EdgeNeeds = {
  /** Of the certificates that viewers are shown. */
  readonly authority: Pick<Authority, 'certificateFor' | 'forgetOld'>;
  /** Opens the private keys of imported certificates. */
  readonly sealingKey: Uint8Array;
  readonly files: EdgeFiles;
  readonly reader: LogReader;
  readonly presence: Pick<Presence, 'report'>;
  readonly leaseMs: number;
  readonly recorder: Recorder;
  readonly recorderOptions: RecorderOptions;
  readonly onStop: OnStop;
  readonly onDrain: OnDrain;
};

/** Resolves once all answer viewers; rejects with a StartFailure where one cannot. */
export async function startEdges(
  settings: ServerSettings,
  needs: EdgeNeeds,
): Promise<StartedEdges> {
  const {
    authority,
    files,
    leaseMs,
    onDrain,
    onStop,
    presence,
    reader,
    recorder,
    recorderOptions,
  } = needs;
  if (settings.edges.length === 0) return { addresses: [], counted: [] };
  const names = defaultNames(settings.domain);
  const speaksTls = settings.edges.some(({ https }) => https !== undefined);
  // Made while the rest starts: at the first start it takes a while.
  const certified = speaksTls ? authority.certificateFor(names) : Promise.resolve(undefined);
  const accessLogs = new AccessLogs({
    settings: accessLogSettings(settings, files.logStore),
    clock,
    randomness,
    recorder,
    recorderOptions,
  });
  onStop(() => accessLogs.stop());
  const [certificate] = await Promise.all([certified, accessLogs.start()]);
  void removeOldCaches(settings, recorder);
  const counted = settings.edges.map(({ name }) => ({
    edge: name,
    memories: Array.from({ length: settings.edgeWorkers }, viewerCountsMemory),
  }));
  const locations = settings.edges.map((edge, at) => {
    const startWorker = (edgeSettings: EdgeSettings, index: number): Worker => {
      const counts = counted[at]?.memories[index];
      assert(counts, 'there is one for each worker');
      const { port1, port2 } = new MessageChannel();
      const stopServing = serveReader(port1, reader);
      const journal = accessLogs.startJournal(edge.name);
      const start: WorkerStart = {
        settings: edgeSettings,
        index,
        propagationDelayMs: settings.propagationDelayMs,
        beatMs: leaseMs / 4,
        recorder: recorderOptions,
        accessLog: journal.start,
        counts,
        log: port2,
      };
      const worker = new Worker(siblingModule(import.meta.url, './edge-worker'), {
        name: `edge ${edge.name}`,
        workerData: start,
        transferList: [port2, journal.start.notices],
        env: workerEnvironment(),
      });
      worker.once('exit', () => {
        stopServing();
        journal.ended();
      });
      return worker;
    };
    return new EdgeLocation({
      settings: edgeSettingsOf(settings, edge, certificate, needs),
      workers: settings.edgeWorkers,
      leaseMs,
      presence,
      clock,
      randomness,
      recorder,
      certificateFor: (name) => authority.certificateFor([name]),
      startWorker,
    });
  });
  onDrain(() => {
    for (const location of locations) location.drain();
  });
  onStop(async () => {
    await Promise.all(locations.map((location) => location.stop(graceMs)));
  });
  if (certificate !== undefined) {
    const stopping = new AbortController();
    onStop(() => Promise.resolve(stopping.abort()));
    const use = (renewed: CertificateAndKey): void => {
      for (const location of locations) location.renewCertificate(renewed);
    };
    const renewal = { authority, clock, recorder, whose: 'the edges', names, use };
    await keepRenewed(renewal, stopping.signal);
  }
  const addresses = await Promise.all(
    locations.map(async (location) => {
      try {
        return addressOf(location.name, await location.start());
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new StartFailure(`The edge ${location.name} does not start: ${why}`);
      }
    }),
  );
  return { addresses, counted };
}

function cacheFolder(data: string, edge: string): string {
  return join(data, 'edges', edge, 'cache');
}

/** Nobody waits for it. */
async function removeOldCaches(
  { cacheDiskBytesMax, data, edges, edgeWorkers }: ServerSettings,
  recorder: Recorder,
): Promise<void> {
  if (data === undefined) return;
  const workers = cacheDiskBytesMax === 0 ? 0 : edgeWorkers;
  for (const { name } of edges) {
    const folder = cacheFolder(data, name);
    try {
      await removeLeftovers(systemDiskFiles, folder, workers);
    } catch (error) {
      recorder.warn({ edge: name, folder, error }, 'an old disk cache could not be removed');
    }
  }
}

function edgeSettingsOf(
  settings: ServerSettings,
  { http, https, name }: ServedEdge,
  certificate: CertificateAndKey | undefined,
  { files, sealingKey }: Pick<EdgeNeeds, 'files' | 'sealingKey'>,
): EdgeSettings {
  return {
    name,
    http,
    https:
      https === undefined || certificate === undefined
        ? undefined
        : {
            ...https,
            ...certificate,
            sealingKey,
            ticketKeys: randomness.bytes(ticketKeysBytes),
          },
    reusePort: settings.edgeWorkers > 1,
    domain: settings.domain,
    buckets: settings.buckets,
    privateBuckets: settings.privateBuckets,
    identityCredentials: files.identityCredentials,
    originUrls: settings.originUrls,
    privateOrigins: settings.privateOrigins,
    originAuthorities: settings.originAuthorities,
    cacheBytesMax: settings.cacheBytesMax,
    cachedBodyBytesMax: settings.cachedBodyBytesMax,
    diskCache:
      settings.data === undefined || settings.cacheDiskBytesMax === 0
        ? undefined
        : {
            folder: cacheFolder(settings.data, name),
            bytesMax: settings.cacheDiskBytesMax,
          },
    originConnectTimeoutMs: settings.originConnectTimeoutMs,
    originConnectAttempts: settings.originConnectAttempts,
    originReadTimeoutMs: settings.originReadTimeoutMs,
    standards: settings.standards,
    geoDatabases: files.geoDatabases,
    originShield:
      Object.keys(settings.originShields).length === 0
        ? undefined
        : { key: files.shieldKey, places: settings.originShields },
    explain: settings.explain,
    viewerHttpsPort: settings.viewerHttpsPort,
    viewerBounds: settings.viewerBounds,
  };
}

function addressOf(name: string, { http, https }: ListeningAt): EdgeAddress {
  return {
    name,
    http: `http://${formatListenAddress(http)}`,
    https: https === undefined ? undefined : `https://${formatListenAddress(https)}`,
  };
}
