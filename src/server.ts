/**
 * The server: the one file that knows every part of a running Warmfront. It builds them, joins them,
 * starts and stops them. The order matters twice: edges take the last state and answer viewers before
 * the API says anything about them, and viewers are served until everything else has stopped.
 */
import { constants } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RequestListener, Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel, Worker } from 'node:worker_threads';
import { AccessLogs, type AccessLogSettings } from './access-log/access-logs.ts';
import { readStoreCredentials, StoreCredentialsFault } from './access-log/store-credentials.ts';
import type { LogStore } from './access-log/store-destination.ts';
import {
  createKeyring,
  CredentialsFault,
  defaultCredential,
  readCredentials,
  type Keyring,
} from './api/credentials.ts';
import { createApiHandler } from './api/handler.ts';
import { apiServerOptions, guardApiServer } from './api/listener.ts';
import { openAuthority, type Authority } from './authority/authority.ts';
import type { CertificateAndKey } from './authority/issue.ts';
import { keepRenewed } from './authority/renewal.ts';
import { openSealingKey } from './authority/sealing-key.ts';
import { systemClock, type Clock } from './base/clock.ts';
import { formatListenAddress, type ListenAddress } from './base/listen-address.ts';
import { systemRandomness } from './base/randomness.ts';
import type { Recorder, RecorderOptions } from './base/recorder.ts';
import { siblingModule, workerEnvironment } from './base/worker-file.ts';
import type { ServedEdge, ServerSettings } from './config.ts';
import { createControl, type ControlPlane } from './control/control-plane.ts';
import { EdgeLocation, ticketKeysBytes } from './edge/location.ts';
import type { ListeningAt, WorkerStart } from './edge/messages.ts';
import type { EdgeSettings } from './edge/settings.ts';
import { openEmbeddedLog } from './log/embedded.ts';
import { LeaseTable, type LeaseTableOptions } from './log/lease-table.ts';
import type { ChangeLog } from './log/log.ts';
import { MemoryLog } from './log/memory.ts';
import { serveReader } from './log/port.ts';
import type { Presence } from './log/presence.ts';
import {
  type IdentityCredentials,
  IdentityCredentialsFault,
  readIdentityCredentials,
} from './origin/identity-credentials.ts';

export type EdgeAddress = {
  readonly name: string;
  readonly http: string;
  readonly https: string | undefined;
};

/** Where a running server is reached; URLs without a slash at the end. */
export type ServerAddresses = {
  readonly api: string;
  readonly apiTls: string | undefined;
  readonly edges: readonly EdgeAddress[];
  /** The certificate of the local authority; undefined where nothing is kept on disk. */
  readonly caFile: string | undefined;
};

export type RunningServer = {
  readonly addresses: ServerAddresses;
  /** Takes nothing new, finishes what is in flight within 10 s, and resolves. */
  stop(): Promise<void>;
};

export type ServerPorts = {
  readonly recorder: Recorder;
  /** For the recorders of edge workers. */
  readonly recorderOptions: RecorderOptions;
};

/** Why a server did not start, in a sentence for its operator. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';
}

// An import of node:http reads all that it exports, and by one of them (WebSocket) loads a client for
// fetch that nothing here uses: 20 ms of CPU time at each start, and 3 MB for good.
const { createServer } = process.getBuiltinModule('node:http');

const graceMs = 8_000;
const clock: Clock = systemClock;
const randomness = systemRandomness;

/** Rejects with a StartFailure, LogUnavailable or another error whose message is for the operator. */
export async function startServer(
  settings: ServerSettings,
  ports: ServerPorts,
): Promise<RunningServer> {
  const started: (() => Promise<void>)[] = [];
  const stopAll = async (): Promise<void> => {
    for (const stop of started.toReversed()) await stop();
  };
  try {
    const addresses = await startParts(settings, ports, (stop) => started.push(stop));
    return { addresses, stop: stopAll };
  } catch (error) {
    await stopAll();
    throw error;
  }
}

type OnStop = (stop: () => Promise<void>) => void;

async function startParts(
  settings: ServerSettings,
  { recorder, recorderOptions }: ServerPorts,
  onStop: OnStop,
): Promise<ServerAddresses> {
  const keyring = readKeyring(settings.credentialsFile);
  const logStore = readLogStore(settings);
  const identityCredentials = readIdentities(settings.identityCredentialsFile);
  // The log first: it holds the data directory for this process alone.
  const { log, makePresence } = await openHome(settings, recorder, onStop);
  const [authority, sealingKey] = await Promise.all([
    openAuthority(settings.data, { clock, randomness }),
    openSealingKey(settings.data, randomness),
  ]);
  const certificate = edgeCertificate(authority, settings);
  const { control, presence } = await startControl(settings, {
    log,
    makePresence,
    keyring,
    sealingKey,
    recorder,
    onStop,
  });
  const edgeNamesOfThis = settings.edges.map(({ name }) => name);
  await control.registerEdges(edgeNamesOfThis, settings.etcd === undefined ? 'forget' : 'keep');

  const accessLogs = new AccessLogs({
    settings: accessLogSettings(settings, logStore),
    clock,
    randomness,
    recorder,
    recorderOptions,
  });
  onStop(() => accessLogs.stop());
  await accessLogs.start();
  const edges = await startEdges(settings, await certificate, {
    authority,
    sealingKey,
    identityCredentials,
    accessLogs,
    log,
    presence,
    recorder,
    recorderOptions,
    onStop,
  });
  const api = await startApi(settings, { authority, control, keyring, recorder, onStop });
  return {
    ...api,
    edges,
    caFile: settings.data === undefined ? undefined : join(settings.data, 'ca.pem'),
  };
}

function readKeyring(file: string | undefined): Keyring {
  if (file === undefined) return createKeyring([defaultCredential]);
  try {
    return createKeyring(readCredentials(readFileSync(file, 'utf8')));
  } catch (error) {
    if (!(error instanceof CredentialsFault) && !isSystemError(error)) throw error;
    throw new StartFailure(`The credentials in ${file} cannot be used: ${error.message}.`);
  }
}

function readIdentities(file: string | undefined): readonly IdentityCredentials[] {
  if (file === undefined) return [];
  try {
    return readIdentityCredentials(readFileSync(file, 'utf8'));
  } catch (error) {
    if (!(error instanceof IdentityCredentialsFault) && !isSystemError(error)) throw error;
    throw new StartFailure(`The credentials in ${file} cannot be used: ${error.message}.`);
  }
}

function readLogStore({ accessLogs, originAuthorities }: ServerSettings): LogStore | undefined {
  if (accessLogs.store === undefined) return undefined;
  const { credentialsFile, url } = accessLogs.store;
  try {
    const credentials = readStoreCredentials(readFileSync(credentialsFile, 'utf8'));
    return { url, ...credentials, authorities: originAuthorities };
  } catch (error) {
    if (!(error instanceof StoreCredentialsFault) && !isSystemError(error)) throw error;
    throw new StartFailure(
      `The credentials in ${credentialsFile} cannot be used: ${error.message}.`,
    );
  }
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

type MakePresence = (
  needs: Pick<LeaseTableOptions, 'leaseMs' | 'onReport' | 'registered'>,
) => Presence;

type Home = { readonly log: ChangeLog; readonly makePresence: MakePresence };

async function openHome(
  { data, etcd }: ServerSettings,
  recorder: Recorder,
  onStop: OnStop,
): Promise<Home> {
  if (etcd !== undefined) {
    // Only where it is used: the client of etcd is some hundred modules.
    const { openEtcd } = await import('./log/etcd-opening.ts');
    const home = await openEtcd(etcd, { clock, randomness, recorder });
    onStop(() => home.log.close());
    return home;
  }
  const log =
    data === undefined
      ? new MemoryLog({ randomness, clock })
      : await openEmbeddedLog({ directory: data, randomness, clock });
  onStop(() => log.close());
  return { log, makePresence: (needs) => new LeaseTable({ log, clock, ...needs }) };
}

type ControlNeeds = {
  readonly log: ChangeLog;
  readonly makePresence: MakePresence;
  readonly keyring: Keyring;
  readonly sealingKey: Uint8Array;
  readonly recorder: Recorder;
  readonly onStop: OnStop;
};

async function startControl(
  settings: ServerSettings,
  { keyring, log, makePresence, onStop, recorder, sealingKey }: ControlNeeds,
): Promise<{ control: ControlPlane; presence: Presence }> {
  let control: ControlPlane | undefined;
  const presence = makePresence({
    leaseMs: settings.edgeLeaseMs,
    registered: () => control?.registeredEdges() ?? new Set(),
    onReport: (report) => control?.heardReport(report),
  });
  const { domain, limits } = settings;
  const { accounts } = keyring;
  control = await createControl({
    log,
    presence,
    clock,
    randomness,
    recorder,
    limits,
    domain,
    accounts,
    sealingKey,
  });
  const plane = control;
  onStop(() => plane.close());
  return { control: plane, presence };
}

/** Undefined where no edge speaks TLS. */
function edgeCertificate(
  authority: Authority,
  { domain, edges }: ServerSettings,
): Promise<CertificateAndKey | undefined> {
  const needed = edges.some(({ https }) => https !== undefined);
  return needed ? authority.certificateFor(edgeNames(domain)) : Promise.resolve(undefined);
}

/** What the default certificate of all edges is for. */
function edgeNames(domain: string): readonly string[] {
  return [`*.${domain}`, domain];
}

type EdgeNeeds = {
  readonly authority: Authority;
  readonly sealingKey: Uint8Array;
  readonly identityCredentials: readonly IdentityCredentials[];
  readonly accessLogs: AccessLogs;
  readonly log: ChangeLog;
  readonly presence: Presence;
  readonly recorder: Recorder;
  readonly recorderOptions: RecorderOptions;
  readonly onStop: OnStop;
};

async function startEdges(
  settings: ServerSettings,
  certificate: CertificateAndKey | undefined,
  needs: EdgeNeeds,
): Promise<readonly EdgeAddress[]> {
  const { accessLogs, authority, log, onStop, presence, recorder, recorderOptions } = needs;
  const locations = settings.edges.map((edge) => {
    const startWorker = (edgeSettings: EdgeSettings): Worker => {
      const { port1, port2 } = new MessageChannel();
      const stopServing = serveReader(port1, log);
      const journal = accessLogs.startJournal(edge.name);
      const start: WorkerStart = {
        settings: edgeSettings,
        propagationDelayMs: settings.propagationDelayMs,
        beatMs: settings.edgeLeaseMs / 4,
        recorder: recorderOptions,
        accessLog: journal.start,
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
      leaseMs: settings.edgeLeaseMs,
      presence,
      clock,
      randomness,
      recorder,
      certificateFor: (name) => authority.certificateFor([name]),
      startWorker,
    });
  });
  onStop(async () => {
    await Promise.all(locations.map((location) => location.stop(graceMs)));
  });
  if (certificate !== undefined) {
    const stopping = new AbortController();
    onStop(() => Promise.resolve(stopping.abort()));
    const names = edgeNames(settings.domain);
    const use = (renewed: CertificateAndKey): void => {
      for (const location of locations) location.renewCertificate(renewed);
    };
    const renewal = { authority, clock, recorder, whose: 'the edges', names, use };
    await keepRenewed(renewal, stopping.signal);
  }
  return Promise.all(
    locations.map(async (location) => {
      try {
        return addressOf(location.name, await location.start());
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new StartFailure(`The edge ${location.name} does not start: ${why}`);
      }
    }),
  );
}

function edgeSettingsOf(
  settings: ServerSettings,
  { http, https, name }: ServedEdge,
  certificate: CertificateAndKey | undefined,
  { identityCredentials, sealingKey }: Pick<EdgeNeeds, 'identityCredentials' | 'sealingKey'>,
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
    identityCredentials,
    originUrls: settings.originUrls,
    privateOrigins: settings.privateOrigins,
    originAuthorities: settings.originAuthorities,
    cacheBytesMax: settings.cacheBytesMax,
    cachedBodyBytesMax: settings.cachedBodyBytesMax,
    originConnectTimeoutMs: settings.originConnectTimeoutMs,
    originConnectAttempts: settings.originConnectAttempts,
    originReadTimeoutMs: settings.originReadTimeoutMs,
    standards: settings.standards,
    explain: settings.explain,
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

type ApiNeeds = {
  readonly authority: Authority;
  readonly control: ControlPlane;
  readonly keyring: Keyring;
  readonly recorder: Recorder;
  readonly onStop: OnStop;
};

async function startApi(
  settings: ServerSettings,
  { authority, control, keyring, onStop, recorder }: ApiNeeds,
): Promise<{ readonly api: string; readonly apiTls: string | undefined }> {
  const closing = new AbortController();
  let endpoint = settings.publicEndpoint ?? '';
  const handler = createApiHandler({
    control,
    keyring,
    limits: settings.limits,
    publicEndpoint: () => endpoint,
    legacyMinimumTtlS: settings.legacyMinimumTtlMs / 1_000,
    allowReset: settings.allowReset,
    memoryOnly: settings.data === undefined,
    clock,
    randomness,
    recorder,
    closing: closing.signal,
  });
  const servers: Server[] = [];
  onStop(async () => {
    closing.abort(new Error('the server stops'));
    await Promise.all(servers.map(closeServer));
  });

  const plain = guarded(createServer(apiServerOptions), handler, recorder);
  servers.push(plain);
  const api = `http://${formatListenAddress(await listen(plain, settings.api, '--api'))}`;
  let apiTls: string | undefined;
  if (settings.apiTls !== undefined) {
    const names = ['localhost', hostname(), settings.apiTls.host, '127.0.0.1', '::1'];
    const use = (renewed: CertificateAndKey): void =>
      secure.setSecureContext(apiTlsOptions(renewed));
    const renewal = { authority, clock, recorder, whose: 'the API', names, use };
    const first = await keepRenewed(renewal, closing.signal);
    const secure = createTlsServer({ ...apiServerOptions, ...apiTlsOptions(first) });
    const tls = guarded(secure, handler, recorder);
    servers.push(tls);
    const { host, port } = await listen(tls, settings.apiTls, '--api-tls');
    apiTls = `https://${formatListenAddress({ host, port })}`;
  }
  endpoint = settings.publicEndpoint ?? apiTls ?? api;
  return { api, apiTls };
}

function apiTlsOptions({ certificate, key }: CertificateAndKey) {
  const secureOptions = constants.SSL_OP_NO_RENEGOTIATION;
  return { cert: certificate, key, minVersion: 'TLSv1.2' as const, secureOptions };
}

function guarded(server: Server, handler: RequestListener, recorder: Recorder): Server {
  guardApiServer(server, { clock, randomness, recorder });
  server.on('request', handler);
  return server;
}

function listen(
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

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = clock.after(graceMs, () => server.closeAllConnections());
    server.close(() => {
      cut();
      resolve();
    });
    server.closeIdleConnections();
  });
}

function explained(error: NodeJS.ErrnoException): string {
  if (error.code === 'EADDRINUSE') return 'another program listens there already.';
  if (error.code === 'EACCES')
    return 'this user may not listen there; ports below 1024 need rights.';
  if (error.code === 'EADDRNOTAVAIL') return 'this machine has no such address.';
  return error.message;
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}
