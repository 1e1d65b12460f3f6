/**
 * The listeners of one edge worker: they accept viewers' connections, give each request to the
 * pipeline, and stop without cutting what is being answered as long as the grace lasts.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { AccessLog } from '../access-log/journal.ts';
import type { Clock } from '../base/clock.ts';
import type { ListenAddress } from '../base/listen-address.ts';
import type { Randomness } from '../base/randomness.ts';
import type { Recorder } from '../base/recorder.ts';
import type { Cursor } from '../base/log-record.ts';
import { systemDiskFiles } from '../cache/disk-files.ts';
import { DiskStore } from '../cache/disk-store.ts';
import { MemoryStore } from '../cache/memory-store.ts';
import { TieredStore } from '../cache/tiered-store.ts';
import { viaName } from '../http/via.ts';
import { Origins } from '../origin/origins.ts';
import { Admission } from './admission.ts';
import { type EdgeBounds, edgeBounds } from './bounds.ts';
import { CacheNotes } from './cache-notes.ts';
import { Certificates, type IssueCertificate } from './certificates.ts';
import { Compressions } from './compressed-body.ts';
import { type EdgeParts, Exchange } from './exchange.ts';
import { H1Connection } from './h1-connection.ts';
import { H2Connection } from './h2-connection.ts';
import { Lane } from './lane/lane.ts';
import { popCode } from './own-headers.ts';
import { recallPart } from './parts.ts';
import { runPipeline } from './pipeline.ts';
import { Places } from './places.ts';
import { FailureRecord } from './recording.ts';
import { ViewerCounts } from './viewer-counts.ts';
import type { RoutingTable } from './routing-table.ts';
import { SecureListener } from './secure-listener.ts';
import type { CertificateAndKey, EdgeSettings } from './settings.ts';
import { Shield } from './shield/shield.ts';
import { SignatureChecks } from './signed-access/signature-checks.ts';
import { Tally } from './tally.ts';
import type { Arrival, ViewerAnswer, ViewerConnection } from './viewer.ts';

export type EdgeServerOptions = {
  readonly settings: EdgeSettings;
  readonly routing: RoutingTable;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly recorder: Recorder;
  readonly accessLog?: AccessLog | undefined;
  /** Asks the local authority; without it, every alias has the default certificate. */
  readonly issueCertificate?: IssueCertificate;
  /** The part of the disk cache that is this worker's; without it, nothing is cached on disk. */
  readonly disk?:
    | { readonly folder: string; readonly isProven: (cursor: Cursor) => Promise<boolean> }
    | undefined;
  /** Other bounds than the contract's and the settings', for tests. */
  readonly bounds?: EdgeBounds;
  /** Whether requests may be answered before the pipeline; only the record and tests ask for less. */
  readonly lane?: boolean;
  /** Where answers are counted for who watches this edge. */
  readonly counts?: ViewerCounts;
};

export type Listening = {
  readonly http: ListenAddress;
  readonly https: ListenAddress | undefined;
};

export interface EdgeServer {
  /** Where viewers are answered from now on; `https` is undefined when settings have none. */
  listen(): Promise<Listening>;
  /** Answers as before, and asks all viewers, those that come too, to go elsewhere next time. */
  retire(): void;
  /** Accepts no more, finishes what is in flight within `graceMs`, then cuts. */
  close(graceMs: number): Promise<void>;
  /** Takes up what an earlier run left on disk; `position` is what is served by now. */
  openCache(position: Cursor): Promise<void>;
  /** What is fetched from now on belongs to this point of the log. */
  standAt(position: Cursor): void;
  /** Drops the whole cache. */
  forget(): void;
  /** The default certificate, for the handshakes that come. */
  renewCertificate(renewed: CertificateAndKey): void;
  /** Seals session tickets from now on; those of before are worth nothing. */
  renewTicketKeys(keys: Uint8Array): void;
}

const portOfHttps = 443;
/** How often connections are looked at for having waited too long. */
const sweepMs = 1_000;

export function createEdgeServer(options: EdgeServerOptions): EdgeServer {
  const {
    accessLog,
    bounds = { ...edgeBounds, ...options.settings.viewerBounds },
    clock,
    counts = new ViewerCounts(),
    randomness,
    recorder,
    routing,
    settings,
  } = options;
  const memory = new MemoryStore({
    bytesMax: settings.cacheBytesMax,
    bodyBytesMax: settings.cachedBodyBytesMax,
  });
  const notes = new CacheNotes();
  const disk = diskStoreOf(options, notes);
  const origins = new Origins({ settings, clock, recorder, bounds });
  const certificates = certificatesOf(options, bounds);
  const place = { httpsPort: settings.viewerHttpsPort };
  const edge: EdgeParts = {
    bounds,
    clock,
    randomness,
    recorder,
    accessLog,
    counts,
    failures: new FailureRecord(clock, recorder, counts),
    routing,
    store: disk === undefined ? memory : new TieredStore(memory, disk),
    notes,
    origins,
    compressions: new Compressions(bounds.compressionsMax),
    exchanges: new Tally(bounds.exchangesMax),
    bodyMemory: new Tally(bounds.bodyMemoryBytesMax),
    signatures: new SignatureChecks(bounds),
    places: new Places(settings.geoDatabases, recorder),
    shield:
      settings.originShield === undefined
        ? undefined
        : new Shield({
            settings: settings.originShield,
            edge: settings.name,
            clock,
            randomness,
            recorder,
          }),
    originAttemptsMax: settings.originConnectAttempts,
    standards: settings.standards,
    explain: settings.explain,
    viewersAt: place,
    pop: popCode(settings.name),
    viaName: viaName(settings.name, settings.domain),
    certificates,
  };
  return new Listeners(settings, edge, certificates, {
    disk,
    lane: laneOf(options, edge),
    place,
  });
}

/** Where answers depend on more than the lane reads, everything goes by the pipeline. */
function laneOf({ lane = true, settings }: EdgeServerOptions, edge: EdgeParts): Lane | undefined {
  return lane && !edge.standards ? new Lane(edge, settings.cacheBytesMax) : undefined;
}

function diskStoreOf(
  { clock, disk, recorder, settings }: EdgeServerOptions,
  notes: CacheNotes,
): DiskStore | undefined {
  const bytesMax = settings.diskCache?.bytesMax;
  if (disk === undefined || bytesMax === undefined) return undefined;
  return new DiskStore({
    ...disk,
    files: systemDiskFiles,
    bytesMax,
    clock,
    recorder,
    // What unsafe methods invalidated is not written down (`written.ts`).
    outlivesRuns: !settings.standards,
    takePart: (head) => recallPart(notes.parts, head),
  });
}

function certificatesOf(
  { clock, issueCertificate, recorder, routing, settings }: EdgeServerOptions,
  bounds: EdgeBounds,
): Certificates | undefined {
  if (settings.https === undefined) return undefined;
  return new Certificates({
    domain: settings.domain,
    defaultCertificate: settings.https,
    routing,
    issue: issueCertificate ?? (() => Promise.resolve(undefined)),
    sealingKey: settings.https.sealingKey,
    bounds,
    clock,
    recorder,
  });
}

type ListenersParts = {
  readonly disk: DiskStore | undefined;
  readonly lane: Lane | undefined;
  /** What is 0 is known once it is listened. */
  readonly place: { httpsPort: number };
};

class Listeners implements EdgeServer {
  readonly #settings: EdgeSettings;
  readonly #edge: EdgeParts;
  readonly #admission: Admission;
  readonly #connections = new Set<ViewerConnection>();
  readonly #servers: Server[] = [];
  readonly #secureListener: SecureListener | undefined;
  readonly #lane: Lane | undefined;
  readonly #disk: DiskStore | undefined;
  readonly #place: ListenersParts['place'];
  #retiring = false;
  #closing = false;
  #onAllClosed: () => void = () => undefined;
  #cancelSweep: () => void = () => undefined;

  constructor(
    settings: EdgeSettings,
    edge: EdgeParts,
    certificates: Certificates | undefined,
    { disk, lane, place }: ListenersParts,
  ) {
    this.#disk = disk;
    this.#place = place;
    this.#settings = settings;
    this.#edge = edge;
    this.#lane = lane;
    this.#admission = new Admission(edge);
    if (settings.https === undefined || certificates === undefined) return;
    this.#secureListener = new SecureListener({
      tls: settings.https,
      certificates,
      bounds: edge.bounds,
      recorder: edge.recorder,
      speaksHttp2: (serverName) =>
        edge.routing.find(serverName.toLowerCase())?.speaksHttp2 ?? false,
      admit: (socket) => this.#admit(socket),
      accept: (socket) => this.#accept(socket, 'https'),
    });
  }

  async listen(): Promise<Listening> {
    try {
      const { http, https } = this.#settings;
      const httpAt = await this.#listenOn(this.#plain(), http);
      const secure = this.#secureListener?.server;
      const httpsAt =
        https === undefined || secure === undefined
          ? undefined
          : await this.#listenOn(secure, https);
      if (this.#place.httpsPort === 0) this.#place.httpsPort = httpsAt?.port ?? portOfHttps;
      this.#sweep();
      return { http: httpAt, https: httpsAt };
    } catch (error) {
      for (const server of this.#servers) server.close();
      throw error;
    }
  }

  retire(): void {
    this.#retiring = true;
    for (const connection of this.#connections) connection.retire();
  }

  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    for (const server of this.#servers) server.close();
    for (const connection of this.#connections) connection.finish();
    await this.#allClosed(graceMs);
    this.#secureListener?.destroyConnections();
    this.#cancelSweep();
    await this.#edge.store.close();
    await this.#edge.origins.close();
  }

  async openCache(position: Cursor): Promise<void> {
    await this.#disk?.open(position);
  }

  standAt(position: Cursor): void {
    this.#disk?.stand(position);
  }

  forget(): void {
    this.#edge.notes.forget();
    this.#edge.store.clear();
    this.#lane?.clear();
  }

  renewCertificate(renewed: CertificateAndKey): void {
    this.#secureListener?.renewCertificate(renewed);
  }

  renewTicketKeys(keys: Uint8Array): void {
    this.#secureListener?.renewTicketKeys(keys);
  }

  #plain(): Server {
    return createServer(socketOptions, (socket) => {
      if (this.#admit(socket)) this.#accept(socket, 'http');
    });
  }

  async #listenOn(server: Server, { host, port }: ListenAddress): Promise<ListenAddress> {
    server.maxConnections = this.#edge.bounds.connectionsMax;
    this.#servers.push(server);
    server.listen({ host, port, reusePort: this.#settings.reusePort });
    await once(server, 'listening');
    // Such as no file descriptor left for a connection: that one is lost, the listener is not.
    server.on('error', (error) => {
      this.#edge.recorder.error({ error }, 'a listener of an edge failed');
    });
    const at = server.address();
    assert(at !== null && typeof at !== 'string', 'a listener has a port');
    return { host, port: at.port };
  }

  /** Before anything is read of it, and before TLS begins; false: it is closed. */
  #admit(socket: Socket): boolean {
    const release = this.#admission.admit(socket.remoteAddress);
    if (release === undefined) {
      socket.destroy();
      return false;
    }
    const { counts } = this.#edge;
    counts.connectionsOpen(this.#admission.open);
    socket.once('close', () => {
      release();
      counts.connectionsOpen(this.#admission.open);
    });
    return true;
  }

  #accept(socket: Socket, scheme: 'http' | 'https'): void {
    const { bounds, clock } = this.#edge;
    if (this.#closing) {
      socket.destroy();
      return;
    }
    const parts = {
      bounds,
      clock,
      serve: (arrival: Arrival, answer: ViewerAnswer) => this.#serve(arrival, answer),
      onClose: (closed: ViewerConnection) => {
        this.#connections.delete(closed);
        if (this.#connections.size === 0) this.#onAllClosed();
      },
    };
    const connection =
      socket instanceof TLSSocket && socket.alpnProtocol === 'h2'
        ? new H2Connection({ ...parts, socket })
        : new H1Connection({ ...parts, socket, scheme, lane: this.#lane });
    this.#connections.add(connection);
    if (this.#retiring) connection.retire();
  }

  #serve(arrival: Arrival, answer: ViewerAnswer): Promise<void> | undefined {
    const { exchanges } = this.#edge;
    const x = new Exchange(this.#edge, arrival, answer);
    exchanges.take(1);
    const waiting = runPipeline(x);
    if (waiting !== undefined) return waiting.finally(() => exchanges.giveBack(1));
    exchanges.giveBack(1);
    this.#lane?.learn(x);
    return undefined;
  }

  #sweep(): void {
    const { clock } = this.#edge;
    const nowMs = clock.monotonicMs();
    for (const connection of this.#connections) connection.expire(nowMs);
    this.#cancelSweep = clock.after(sweepMs, () => this.#sweep());
  }

  #allClosed(graceMs: number): Promise<void> {
    if (this.#connections.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#edge.clock.after(graceMs, () => {
        for (const connection of this.#connections) connection.destroy();
      });
      this.#onAllClosed = () => {
        cancel();
        resolve();
      };
    });
  }
}

/** A viewer may end its side once it has asked, and is answered all the same. */
const socketOptions = { allowHalfOpen: true, noDelay: true } as const;
