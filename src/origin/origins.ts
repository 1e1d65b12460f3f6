/**
 * Origins: which place answers for an origin of a distribution, and one request to it (edge contract
 * 10.1). The operator may name another place for an origin host, or a folder for a bucket; else the
 * name is looked up. Retries are the caller's.
 */
import type { Clock } from '../base/clock.ts';
import type { Recorder } from '../base/recorder.ts';
import { type HeaderList, headerValue } from '../http/header-list.ts';
import type { CustomOrigin, OriginProtocolPolicy, S3Origin } from '../model/distribution.ts';
import { BucketFolder } from './bucket-folder.ts';
import { bucketOf } from './bucket-name.ts';
import { Connector, type Endpoint } from './connector.ts';
import type { IdentityCredentials } from './identity-credentials.ts';
import { IdentitySigning } from './identity-signing.ts';
import { NameResolver } from './name-resolver.ts';
import type { OriginAnswer, OriginRequest } from './origin-answer.ts';
import { type ClientBounds, OriginClient } from './origin-client.ts';

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

/** Private places were made custom origins by who asks. */
export type AskedOrigin = S3Origin | CustomOrigin;

type MappedPlace = { readonly endpoint: Endpoint; readonly basePath: string };

export class Origins {
  readonly #client: OriginClient;
  readonly #folders = new Map<string, BucketFolder>();
  readonly #mapped = new Map<string, MappedPlace>();
  readonly #signing: IdentitySigning;

  constructor({ bounds, clock, recorder, settings }: OriginsParts) {
    const connector = new Connector({
      clock,
      resolver: new NameResolver({ clock }),
      privateOrigins: settings.privateOrigins,
      authorities: settings.originAuthorities,
      timeoutMs: settings.originConnectTimeoutMs,
    });
    this.#client = new OriginClient({
      connector,
      readTimeoutMs: settings.originReadTimeoutMs,
      bounds,
    });
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
  ask(origin: AskedOrigin, request: OriginRequest): Promise<OriginAnswer> {
    const host = origin.domainName.toLowerCase();
    const mapped = this.#mapped.get(host);
    if (mapped !== undefined) {
      const path = mapped.basePath + request.path;
      return this.#send(mapped.endpoint, origin, { ...request, path });
    }
    const folder = this.#folders.get(bucketOf(host) ?? '');
    if (folder !== undefined) return folder.ask(request, identityOf(origin));
    return this.#send(endpointOf(origin, request.viewerScheme), origin, request);
  }

  #send(endpoint: Endpoint, origin: AskedOrigin, request: OriginRequest): Promise<OriginAnswer> {
    const plain = addressed(origin, request);
    const headers = origin.kind === 's3' ? this.#signing.sign(origin, request, plain) : plain;
    return this.#client.ask(endpoint, { ...request, headers });
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

/** In whose name a bucket is asked; a custom origin is asked in nobody's. */
function identityOf(origin: AskedOrigin): string | undefined {
  return origin.kind === 's3' ? origin.accessIdentity : undefined;
}

/** S3 is spoken to as the viewer came; a custom origin by its policy. */
function endpointOf(origin: AskedOrigin, viewerScheme: 'http' | 'https'): Endpoint {
  const host = origin.domainName;
  const place = { host, tlsName: host, trusted: false };
  if (origin.kind === 's3') {
    return { ...place, scheme: viewerScheme, port: viewerScheme === 'https' ? 443 : 80 };
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

/** The origin's name, unless the request has the viewer's, which a bucket's never has (4.5). */
function addressed(origin: AskedOrigin, request: OriginRequest): HeaderList {
  if (headerValue(request.headers, 'host') !== undefined) return request.headers;
  const host = origin.domainName.includes(':') ? `[${origin.domainName}]` : origin.domainName;
  return ['Host', host, ...request.headers];
}
