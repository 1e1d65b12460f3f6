/**
 * The server: the one file that knows every part of a running Warmfront. It builds them, joins them,
 * starts and stops them. The order matters twice: edges take the last state and answer viewers before
 * the API says anything about them, and viewers are served until everything else has stopped.
 */
import type { KeyObject } from 'node:crypto';
import type { RequestListener, Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { hostname } from 'node:os';
import { join } from 'node:path';
import {
  createKeyring,
  CredentialsFault,
  defaultCredential,
  readCredentials,
  type Keyring,
} from './api/credentials.ts';
import { createFeedHandler } from './api/feed/handler.ts';
import { createApiHandler } from './api/handler.ts';
import { apiServerOptions, apiTlsOptions } from './api/listener.ts';
import { openAuthority, type Authority } from './authority/authority.ts';
import type { CertificateAndKey } from './authority/issue.ts';
import { keepRenewed } from './authority/renewal.ts';
import { openSealingKey } from './authority/sealing-key.ts';
import { pause } from './base/clock.ts';
import { formatListenAddress } from './base/listen-address.ts';
import type { Recorder } from './base/recorder.ts';
import type { ServerSettings } from './config.ts';
import { createControl, type ControlPlane } from './control/control-plane.ts';
import { type EdgeAddress, readEdgeFiles, startEdges } from './edge-locations.ts';
import { type CountedEdge, viewerMetrics } from './edge/viewer-counts.ts';
import { openEmbeddedLog } from './log/embedded.ts';
import { LeaseTable, type LeaseTableOptions } from './log/lease-table.ts';
import type { ChangeLog, LogRoom } from './log/log.ts';
import { MemoryLog } from './log/memory.ts';
import type { Presence } from './log/presence.ts';
import type { startNameService } from './name-service.ts';
import {
  clock,
  closeServer,
  guarded,
  listen,
  type Hooks,
  type OnStop,
  plainServer,
  randomness,
  readGiven,
  type ServerPorts,
} from './server-parts.ts';

/** Where a running server is reached; URLs without a slash at the end. */
export type ServerAddresses = {
  readonly api: string;
  readonly apiTls: string | undefined;
  readonly edges: readonly EdgeAddress[];
  /** `HOST:PORT`, over UDP and TCP. */
  readonly dns: string | undefined;
  /** The certificate of the local authority; undefined where nothing is kept on disk. */
  readonly caFile: string | undefined;
};

export type RunningServer = {
  readonly addresses: ServerAddresses;
  /** Serves on for `--drain`, so that whoever sends requests here sends them elsewhere; then resolves. */
  drain(): Promise<void>;
  /** Takes nothing new, finishes what is in flight within 10 s, and resolves. */
  stop(): Promise<void>;
};

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
    const draining: (() => void)[] = [];
    const hooks: Hooks = {
      onStop: (stop) => started.push(stop),
      onDrain: (drain) => draining.push(drain),
    };
    const start = settings.join === undefined ? startParts : await edgeMachine();
    const addresses = await start(settings, ports, hooks);
    const drain = async (): Promise<void> => {
      if (settings.drainMs === 0) return;
      for (const begin of draining) begin();
      await pause(clock, settings.drainMs);
    };
    return { addresses, drain, stop: stopAll };
  } catch (error) {
    await stopAll();
    throw error;
  }
}

/** Loaded where it is asked for. */
async function nameService(): Promise<typeof startNameService> {
  return (await import('./name-service.ts')).startNameService;
}

/** Loaded by edge machines alone. */
async function edgeMachine(): Promise<typeof startParts> {
  return (await import('./edge-machine.ts')).startEdgeMachine;
}

async function startParts(
  settings: ServerSettings,
  { recorder, recorderOptions }: ServerPorts,
  { onDrain, onStop }: Hooks,
): Promise<ServerAddresses> {
  const keyring = readKeyring(settings.credentialsFile);
  const files = readEdgeFiles(settings);
  // The log first: it holds the data directory for this process alone.
  const { log, makePresence, room } = await openHome(settings, recorder, onStop);
  const [authority, sealingKey] = await Promise.all([
    openAuthority(settings.data, { clock, randomness }),
    openSealingKey(settings.data, randomness),
  ]);
  const { control, presence } = await startControl(settings, {
    log,
    room,
    makePresence,
    keyring,
    sealingKey,
    recorder,
    onStop,
  });
  const edgeNames = settings.edges.map(({ name }) => name);
  await control.registerEdges(edgeNames, settings.etcd === undefined ? 'forget' : 'keep');
  const { addresses: edges, counted } = await startEdges(settings, {
    authority,
    sealingKey,
    files,
    reader: log,
    presence,
    leaseMs: settings.edgeLeaseMs,
    recorder,
    recorderOptions,
    onStop,
    onDrain,
  });
  const api = await startApi(settings, {
    authority,
    counted,
    control,
    keyring,
    log,
    presence,
    sealingKey,
    recorder,
    onStop,
    onDrain,
  });
  const { dns, domain } = settings;
  return {
    ...api,
    edges,
    dns: dns && (await (await nameService())(dns, domain, { control, recorder, onStop })),
    caFile: settings.data === undefined ? undefined : join(settings.data, 'ca.pem'),
  };
}

function readKeyring(file: string | undefined): Keyring {
  if (file === undefined) return createKeyring([defaultCredential]);
  const credentials = readGiven(file, 'credentials', [CredentialsFault], readCredentials);
  return createKeyring(credentials);
}

type MakePresence = (
  needs: Pick<LeaseTableOptions, 'leaseMs' | 'onReport' | 'registered'>,
) => Presence;

type Home = {
  readonly log: ChangeLog;
  readonly makePresence: MakePresence;
  /** Where the log has room of others that may run out. */
  readonly room?: () => LogRoom;
};

async function openHome(
  { data, etcd }: ServerSettings,
  recorder: Recorder,
  onStop: OnStop,
): Promise<Home> {
  if (etcd !== undefined) {
    // Only where it is used: the client of etcd is some hundred modules.
    const [{ openEtcd }, { holdDirectory }] = await Promise.all([
      import('./log/etcd-opening.ts'),
      import('./log/directory-hold.ts'),
    ]);
    if (data !== undefined) {
      const letGo = holdDirectory(data);
      onStop(async () => letGo());
    }
    const home = await openEtcd(etcd, { clock, randomness, recorder });
    onStop(() => home.log.close());
    const { quotaBytes } = etcd;
    return { ...home, room: () => ({ ...home.log.room, quotaBytes }) };
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
  readonly room: Home['room'];
  readonly makePresence: MakePresence;
  readonly keyring: Keyring;
  readonly sealingKey: Uint8Array;
  readonly recorder: Recorder;
  readonly onStop: OnStop;
};

async function startControl(
  settings: ServerSettings,
  { keyring, log, makePresence, onStop, recorder, room, sealingKey }: ControlNeeds,
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
    room,
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

type ApiNeeds = {
  readonly authority: Authority;
  readonly counted: readonly CountedEdge[];
  readonly control: ControlPlane;
  readonly keyring: Keyring;
  readonly log: ChangeLog;
  readonly presence: Presence;
  readonly sealingKey: Uint8Array;
  readonly recorder: Recorder;
} & Hooks;

async function startApi(
  settings: ServerSettings,
  needs: ApiNeeds,
): Promise<{ readonly api: string; readonly apiTls: string | undefined }> {
  const { authority, control, counted, keyring, log, onDrain, onStop, presence, recorder } = needs;
  const { sealingKey } = needs;
  const closing = new AbortController();
  let isDraining = false;
  onDrain(() => {
    isDraining = true;
  });
  let endpoint = settings.publicEndpoint ?? '';
  const apiHandler = createApiHandler({
    control,
    keyring,
    limits: settings.limits,
    publicEndpoint: () => endpoint,
    authorityCertificate: authority.certificate,
    certifyEdge: (name, publicKey) => authority.certifyEdge(name, publicKey),
    legacyMinimumTtlS: settings.legacyMinimumTtlMs / 1_000,
    // Few ask, so nobody else loads it.
    pointingOf: async (name, target) =>
      (await import('./dns/pointing.ts')).pointingOf(name, target),
    allowReset: settings.allowReset,
    memoryOnly: settings.data === undefined,
    isDraining: () => isDraining,
    viewerMetrics: () => viewerMetrics(counted),
    clock,
    randomness,
    recorder,
    closing: closing.signal,
  });
  const feed = {
    log,
    presence,
    clock,
    randomness,
    recorder,
    leaseMs: settings.edgeLeaseMs,
    domain: settings.domain,
    sealingKey,
    edgeOfToken: (hash: string) => control.edgeOfToken(hash),
    agreeWith: (publicKey: KeyObject) => authority.agreeWith(publicKey),
    serves: (name: string) => control.serves(name),
    certificateFor: (names: readonly string[]) => authority.certificateFor(names),
    closing: closing.signal,
  };
  const feedHandler = createFeedHandler(feed, apiHandler);
  const handler: RequestListener = (request, response) => {
    if (isDraining) response.shouldKeepAlive = false;
    feedHandler(request, response);
  };
  const servers: Server[] = [];
  onStop(async () => {
    closing.abort(new Error('the server stops'));
    await Promise.all(servers.map(closeServer));
  });

  const plain = plainServer(handler, recorder);
  servers.push(plain);
  const api = `http://${formatListenAddress(await listen(plain, settings.api, '--api'))}`;
  let apiTls: string | undefined;
  if (settings.apiTls !== undefined) {
    const names = apiNames(settings, settings.apiTls.host);
    const use = (renewed: CertificateAndKey): void =>
      secure.setSecureContext(apiTlsOptions(renewed, authority.certificate));
    const renewal = { authority, clock, recorder, whose: 'the API', names, use };
    const first = await keepRenewed(renewal, closing.signal);
    const secure = createTlsServer({
      ...apiServerOptions,
      ...apiTlsOptions(first, authority.certificate),
    });
    const tls = guarded(secure, handler, recorder);
    servers.push(tls);
    const { host, port } = await listen(tls, settings.apiTls, '--api-tls');
    apiTls = `https://${formatListenAddress({ host, port })}`;
  }
  endpoint = settings.publicEndpoint ?? apiTls ?? api;
  return { api, apiTls };
}

/** Under which clients and edges may come. */
function apiNames({ publicEndpoint }: ServerSettings, host: string): readonly string[] {
  const names = ['localhost', hostname(), host, '127.0.0.1', '::1'];
  if (publicEndpoint === undefined) return names;
  return [...names, new URL(publicEndpoint).hostname.replace(/^\[(.*)\]$/, '$1')];
}
