/**
 * An edge machine: one edge location that follows an API on another machine. It keeps what it heard
 * on disk, so it starts and serves without the API too; then it counts as detached until it has caught
 * up. Only a machine that never had a state waits for the API.
 */
import { statSync } from 'node:fs';
import { AskedCertificates } from './authority/asked-certificates.ts';
import { pause } from './base/clock.ts';
import { formatListenAddress } from './base/listen-address.ts';
import { decodeKey, revision } from './base/log-record.ts';
import type { Recorder } from './base/recorder.ts';
import { sealingKeyId } from './base/sealing.ts';
import type { ServerSettings } from './config.ts';
import type { JoinChoices, JoinedBy } from './config/join.ts';
import { readEdgeFiles, startEdges } from './edge-locations.ts';
import { viewerMetrics } from './edge/viewer-counts.ts';
import { ApiContact, JoinRefused } from './feed/contact.ts';
import { EdgeCopy } from './feed/copy.ts';
import { healthListener } from './feed/health.ts';
import {
  type EdgeIdentity,
  identityByCertificate,
  identityByToken,
  IdentityFault,
} from './feed/identity.ts';
import { openStore } from './feed/open-store.ts';
import { FeedReader, type Hello } from './feed/reader.ts';
import { Reports } from './feed/reports.ts';
import type { EmbeddedStore } from './log/embedded-store.ts';
import { readCertificateDocument } from './model/document.ts';
import { readEdgeToken } from './model/edge-token.ts';
import type { ServerAddresses } from './server.ts';
import {
  clock,
  closeServer,
  listen,
  type Hooks,
  plainServer,
  randomness,
  readGiven,
  type ServerPorts,
  StartFailure,
} from './server-parts.ts';

/** With a state on disk, an API is waited for this long at the start. */
const contactMsMax = 5_000;
/** A stream that is behind the log for so long is stuck. */
const behindMsMax = 5_000;
const waitingToldMs = 10_000;
/** So long before its end a certificate is warned of. */
const endToldMs = 30 * 86_400_000;

/** Rejects with a StartFailure or another error whose message is for the operator. */
export async function startEdgeMachine(
  settings: ServerSettings,
  { recorder, recorderOptions }: ServerPorts,
  { onDrain, onStop }: Hooks,
): Promise<ServerAddresses> {
  const { data, join } = settings;
  const [edge] = settings.edges;
  if (join === undefined || edge === undefined) throw new StartFailure('This is no edge machine.');
  const files = readEdgeFiles(settings);
  const identity = readIdentity(edge.name, join.by, recorder);
  const { sealingKey } = identity;
  const machine = new EdgeMachine(settings, { edge: edge.name, join, recorder, identity });
  onStop(() => machine.close());
  await machine.firstState();
  const asked = new AskedCertificates((names) => machine.certificateFor(names), data, {
    clock,
    randomness,
  });
  const { addresses: edges, counted } = await startEdges(settings, {
    authority: asked,
    sealingKey,
    files,
    reader: machine.copy,
    presence: machine.reports,
    leaseMs: machine.leaseMs,
    recorder,
    recorderOptions,
    onStop,
    onDrain,
  });
  onDrain(() => machine.drain());
  const health = plainServer(
    healthListener(
      () => machine.health(settings.detached),
      () => viewerMetrics(counted),
    ),
    recorder,
  );
  onStop(() => closeServer(health));
  const api = `http://${formatListenAddress(await listen(health, settings.api, '--api'))}`;
  return { api, apiTls: undefined, edges, dns: undefined, caFile: undefined };
}

/** Throws a StartFailure. */
function readIdentity(edge: string, by: JoinedBy, recorder: Recorder): EdgeIdentity {
  const secretFile = by.kind === 'token' ? by.file : by.keyFile;
  if (process.platform !== 'win32' && (statSync(secretFile).mode & 0o077) !== 0) {
    const file = secretFile;
    recorder.warn(
      { file },
      `other users may read the ${secretOf(by)}; chmod 600 takes that from them`,
    );
  }
  if (by.kind === 'token') {
    const token = readGiven(by.file, 'token', [], readEdgeToken);
    if (token !== undefined) return identityByToken(token);
    throw new StartFailure(
      `${by.file} holds no token of an edge: put in it what \`warmfront edge-token create NAME\` has shown.`,
    );
  }
  const key = readGiven(by.keyFile, 'key', [], (text) => text);
  const identity = readGiven(by.file, 'certificate', [IdentityFault], (certificates) =>
    identityByCertificate(edge, { certificates, key }),
  );
  warnOfEnd(identity, by.file, recorder);
  return identity;
}

function secretOf({ kind }: JoinedBy): string {
  return kind === 'token' ? 'token' : 'key of --join-cert';
}

/** It starts all the same, since it may have a state to serve. */
function warnOfEnd({ endsAtMs }: EdgeIdentity, file: string, recorder: Recorder): void {
  if (endsAtMs === undefined) return;
  const leftMs = endsAtMs - clock.now();
  if (leftMs > endToldMs) return;
  const endsAt = new Date(endsAtMs).toISOString();
  recorder.warn(
    { file, endsAt },
    `the certificate of this edge ${leftMs > 0 ? 'ends soon' : 'has ended'}; \`warmfront edge-token create NAME\` gives another for the same key`,
  );
}

type MachineParts = {
  readonly edge: string;
  readonly join: JoinChoices;
  readonly identity: EdgeIdentity;
  readonly recorder: Recorder;
};

/** What the parts of an edge machine have in common: contact, the copy, and what is known of both. */
class EdgeMachine {
  readonly copy: EdgeCopy;
  readonly reports: Reports;
  readonly #parts: MachineParts;
  readonly #contact: ApiContact;
  readonly #reader: FeedReader;
  readonly #stop = new AbortController();
  readonly #domain: string;
  #leaseMs: number;
  #following: Promise<void>;
  #hasContact = false;
  #drains = false;
  #behindFromMs: number | undefined;
  #refusals = 0;
  #failure: Error | undefined;
  #heard = Promise.withResolvers<void>();

  constructor({ data, domain, edgeLeaseMs }: ServerSettings, parts: MachineParts) {
    const { edge, identity, join, recorder } = parts;
    this.#parts = parts;
    this.#domain = domain;
    this.#leaseMs = edgeLeaseMs;
    this.#contact = new ApiContact({
      urls: join.urls,
      edge,
      identity,
      authorities: join.authorities,
      clock,
      randomness,
    });
    this.#reader = new FeedReader({
      contact: this.#contact,
      clock,
      randomness,
      onHello: (hello) => this.#greeted(hello),
    });
    const store = openStore(data, recorder);
    this.copy = new EdgeCopy(
      {
        store,
        reader: this.#reader,
        clock,
        onDetached: (cause) => this.#detached(cause),
        onFailed: (cause) => this.#failed(cause),
        onCaughtUp: () => this.#caughtUp(),
      },
      { fromWhole: !opensWith(store, identity.sealingKey) },
    );
    this.reports = new Reports({
      contact: this.#contact,
      clock,
      leaseMs: () => this.#leaseMs,
      unfit: () => this.#failure,
      onHead: (head) => this.#headIs(head.revision),
      onUnproven: () => {
        recorder.warn({ edge }, 'the history this edge follows is gone; it begins anew');
        this.copy.beginAnew();
      },
    });
    this.#heard.promise.catch(() => undefined);
    this.#following = this.copy.follow(this.#stop.signal);
  }

  /** What the API says of it, as soon as it has said so. */
  get leaseMs(): number {
    return this.#leaseMs;
  }

  /** Resolves once there is a state to serve; rejects with a StartFailure where none can come. */
  async firstState(): Promise<void> {
    const { edge, join, recorder } = this.#parts;
    const late = new AbortController();
    const waited = pause(clock, contactMsMax, late.signal).catch(() => undefined);
    await Promise.race([this.#heard.promise, waited]);
    late.abort();
    while (this.copy.cursor === undefined && !this.#stop.signal.aborted) {
      recorder.warn(
        { edge, urls: join.urls },
        'no API has answered yet, and there is no state kept',
      );
      const told = new AbortController();
      const again = pause(clock, waitingToldMs, told.signal).catch(() => undefined);
      await Promise.race([this.#heard.promise, again]);
      told.abort();
    }
    if (this.#hasContact) return;
    recorder.warn({ edge }, 'no API answers; the edge serves the last state that it has kept');
  }

  async certificateFor(names: readonly string[]) {
    const asked = {
      method: 'POST',
      path: '/_warmfront/feed/certificate',
      body: JSON.stringify({ names }),
    } as const;
    const { certificate, key } = await this.#contact.ask(asked, this.#stop.signal);
    if (typeof certificate !== 'string' || typeof key !== 'string') {
      throw new Error(`${this.#contact.url} gave no certificate`);
    }
    return { certificate, key };
  }

  health(detached: ServerSettings['detached']) {
    const isOk = this.#hasContact && this.reports.isLive;
    const status = isOk ? ('ok' as const) : ('detached' as const);
    return {
      edge: this.#parts.edge,
      status: this.#drains ? ('draining' as const) : status,
      position: this.copy.cursor?.revision,
      draining: this.#drains || (!isOk && detached === 'drain'),
      certificateEndsAtMs: this.#parts.identity.endsAtMs,
    };
  }

  /** From now on health sends viewers elsewhere. */
  drain(): void {
    this.#drains = true;
  }

  async close(): Promise<void> {
    this.#stop.abort(new Error('the edge machine stops'));
    await this.#following;
    await this.#reader.close();
    await this.copy.close();
    this.#contact.close();
  }

  #greeted({ domain, leaseMs }: Hello): void {
    if (domain !== this.#domain) {
      throw new JoinRefused(
        `--domain is ${this.#domain} here and ${domain} at the API; give both the same`,
      );
    }
    this.#leaseMs = leaseMs;
  }

  #caughtUp(): void {
    const { edge, recorder } = this.#parts;
    this.#heard.resolve();
    this.#failure = undefined;
    this.#behindFromMs = undefined;
    if (this.#hasContact) return;
    this.#hasContact = true;
    recorder.info({ edge, url: this.#contact.url }, 'the edge follows an API');
  }

  /** It serves what it has, and is live no more until its disk takes the rest. */
  #failed(error: Error): void {
    this.#failure = error;
    this.#hasContact = false;
    this.#parts.recorder.error(
      { error },
      'the copy of the log cannot be written; it is tried again',
    );
  }

  #detached(cause: Error): void {
    const { edge, join, recorder } = this.#parts;
    const url = this.#contact.url;
    if (cause instanceof JoinRefused) {
      recorder.error({ edge, url, error: cause }, 'the API does not let this edge join');
      this.#refusals += 1;
      if (this.copy.cursor === undefined && this.#refusals >= join.urls.length) {
        this.#heard.reject(new StartFailure(`This edge cannot join: ${cause.message}`));
      }
    } else if (this.#hasContact) {
      recorder.warn({ edge, url, error: cause }, 'contact with the API is lost');
    }
    this.#hasContact = false;
  }

  /** A stream that does not bring what the log has is stuck, whatever its heartbeats say. */
  #headIs(head: number): void {
    if ((this.copy.cursor?.revision ?? revision(0)) >= head) {
      this.#behindFromMs = undefined;
      return;
    }
    const now = clock.monotonicMs();
    this.#behindFromMs ??= now;
    if (now - this.#behindFromMs < behindMsMax) return;
    this.#behindFromMs = undefined;
    this.#reader.drop();
  }
}

/** Private keys in the copy were sealed for who the edge was then; as another it needs them anew. */
function opensWith(store: EmbeddedStore, sealingKey: Uint8Array): boolean {
  const own = sealingKeyId(sealingKey);
  let after = revision(0);
  for (;;) {
    const page = store.readPage({ after, proof: undefined, every: false });
    if (page.kind !== 'page') return false;
    for (const record of page.records) {
      after = record.revision;
      for (const { key, value } of record.changes) {
        if (value === null || decodeKey(key).kind !== 'certificate') continue;
        if (readCertificateDocument(value).sealedKey.keyId !== own) return false;
      }
    }
    if (!page.more) return true;
  }
}
