/**
 * Origins: which place answers for an origin of a distribution, and one request to it (edge contract
 * 10.1). The operator may name another place for an origin host, or a folder for a bucket; else the
 * name is looked up. Retries are the caller's.
 */
import type { Clock } from '../base/clock.ts';
import type { Recorder } from '../base/recorder.ts';
import type { OriginProtocolPolicy } from '../model/distribution.ts';
import { plainCustomOrigin } from '../model/plain-config.ts';
import { BucketFolder } from './bucket-folder.ts';
import { bucketOf } from './bucket-name.ts';
import { Connector, type Endpoint } from './connector.ts';
import type { IdentityCredentials } from './identity-credentials.ts';
import { IdentitySigning, signerOf } from './identity-signing.ts';
import { NameResolver } from './name-resolver.ts';
import type { OriginAnswer, OriginRequest } from './origin-answer.ts';
import { type ClientBounds, OriginClient } from './origin-client.ts';
import {
  addressed,
  type AskedOrigin,
  familyOf,
  pacingOf,
  type Timeouts,
  timeoutsOf,
  tlsProtocolsOf,
} from './origin-specifics.ts';

export type OriginSettings = {
  /** Bucket name → absolute folder that answers for it. */
  readonly buckets: Readonly<Record<string, string>>;
  /** Bucket name → the origin access identities that alone may read its folder. */
  readonly privateBuckets: Readonly<Record<string, readonly string[]>>;
  readonly identityCredentials: readonly IdentityCredentials[];
  /** Origin host → URL at which it is reached instead; its path is put before the request's. */
  readonly originUrls: Readonly<Record<string, string>>;
  readonly privateOrigins: 'allow' | 'refuse';
  readonly originAuthorities: string | undefined;
  readonly originConnectTimeoutMs: number;
  readonly originReadTimeoutMs: number;
};

export type OriginsParts = {
  readonly settings: OriginSettings;
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly bounds: ClientBounds;
};

type Place = Omit<Endpoint, 'connectTimeoutMs' | 'family' | 'tlsProtocols'>;

type MappedPlace = { readonly endpoint: Place; readonly basePath: string };

export type AskedEdge = {
  readonly url: string;
  /** What TLS asks for and verifies: the host that the viewer wants. */
  readonly name: string;
  readonly for: readonly AskedOrigin[];
};

const edgeConnectMs = 2_000;
const edgeMarginMs = 5_000;
/** Less than edges keep an idle connection themselves. */
const edgeIdleMs = 30_000;

export class Origins {
  readonly #client: OriginClient;
  readonly #folders = new Map<string, BucketFolder>();
  readonly #mapped = new Map<string, MappedPlace>();
  readonly #signing: IdentitySigning;
  readonly #usual: Timeouts;

  constructor({ bounds, clock, recorder, settings }: OriginsParts) {
    const connector = new Connector({
      clock,
      resolver: new NameResolver({ clock }),
      privateOrigins: settings.privateOrigins,
      authorities: settings.originAuthorities,
    });
    this.#client = new OriginClient({ clock, connector, bounds });
    this.#usual = {
      connectMs: settings.originConnectTimeoutMs,
      readMs: settings.originReadTimeoutMs,
    };
    const readers = new Map(Object.entries(settings.privateBuckets));
    for (const [bucket, folder] of Object.entries(settings.buckets)) {
      const answering = new BucketFolder(folder, clock, readers.get(bucket));
      this.#folders.set(bucket.toLowerCase(), answering);
    }
    this.#signing = new IdentitySigning({
      credentials: settings.identityCredentials,
      clock,
      recorder,
    });
    for (const [host, url] of Object.entries(settings.originUrls)) {
      this.#mapped.set(host.toLowerCase(), mappedPlace(host.toLowerCase(), new URL(url)));
    }
  }

  /** Rejects with an `OriginFailure`. */
  ask(origin: AskedOrigin, given: OriginRequest): Promise<OriginAnswer> {
    const headers = addressed(origin, given.headers);
    const request = { ...given, path: origin.path + given.path, headers };
    const host = origin.domainName.toLowerCase();
    const mapped = this.#mapped.get(host);
    if (mapped !== undefined) {
      const path = mapped.basePath + request.path;
      return this.#send(mapped.endpoint, origin, { ...request, path });
    }
    const folder = this.#folders.get(bucketOf(host) ?? '');
    if (folder !== undefined) return folder.ask(request, signerOf(origin));
    return this.#send(endpointOf(origin, request.viewerScheme), origin, request);
  }

  /**
   * Another edge in the origins' place; it may take as long as all attempts at them. Rejects with an
   * `OriginFailure`.
   */
  askEdge({ for: origins, name, url }: AskedEdge, request: OriginRequest): Promise<OriginAnswer> {
    const { endpoint } = mappedPlace(name, new URL(url));
    const waits = origins.map((origin) => {
      const { connectMs, readMs } = timeoutsOf(origin, this.#usual);
      return origin.attempts * (connectMs + readMs);
    });
    const readMs = edgeMarginMs + waits.reduce((sum, one) => sum + one, 0);
    const { tlsProtocols } = plainCustomOrigin;
    const reached = {
      ...endpoint,
      connectTimeoutMs: edgeConnectMs,
      tlsProtocols,
      family: undefined,
    };
    return this.#client.ask(reached, request, { readMs, completionMs: 0, keepAliveMs: edgeIdleMs });
  }

  #send(endpoint: Place, origin: AskedOrigin, request: OriginRequest): Promise<OriginAnswer> {
    const headers = this.#signing.sign(origin, request, request.headers);
    const { connectMs, readMs } = timeoutsOf(origin, this.#usual);
    const reached = {
      ...endpoint,
      connectTimeoutMs: connectMs,
      tlsProtocols: tlsProtocolsOf(origin),
      // Where the operator says where it is, its own name is not looked up.
      family: endpoint.trusted ? undefined : familyOf(origin),
    };
    const pacing = { readMs, ...pacingOf(origin) };
    return this.#client.ask(reached, { ...request, headers }, pacing);
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

/** S3 is spoken to as the viewer came, or by TLS where an access control signs (10.7); a custom origin by its policy. */
function endpointOf(origin: AskedOrigin, viewerScheme: 'http' | 'https'): Place {
  const host = origin.domainName;
  const place = { host, tlsName: host, trusted: false };
  if (origin.kind === 's3') {
    const isSigned = (origin.signing ?? { signs: 'never' }).signs !== 'never';
    const scheme = isSigned ? 'https' : viewerScheme;
    return { ...place, scheme, port: scheme === 'https' ? 443 : 80 };
  }
  const scheme = schemeOf(origin.protocolPolicy, viewerScheme);
  return { ...place, scheme, port: scheme === 'https' ? origin.httpsPort : origin.httpPort };
}

function schemeOf(policy: OriginProtocolPolicy, viewerScheme: 'http' | 'https'): 'http' | 'https' {
  if (policy === 'match-viewer') return viewerScheme;
  return policy === 'https-only' ? 'https' : 'http';
}

/** TLS still verifies the origin's own name: the URL says where it is reached, not who it is. */
function mappedPlace(host: string, url: URL): MappedPlace {
  const scheme = url.protocol === 'https:' ? 'https' : 'http';
  const defaultPort = scheme === 'https' ? 443 : 80;
  return {
    endpoint: {
      scheme,
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? defaultPort : Number(url.port),
      tlsName: host,
      trusted: true,
    },
    basePath: url.pathname.replace(/\/$/, ''),
  };
}
