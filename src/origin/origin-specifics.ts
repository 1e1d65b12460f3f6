/**
 * What a request owes to the origin it goes to, whichever of several that is: the origin's path before
 * its own, custom headers in place of the viewer's, the name it is asked by (edge contract 3.2 and 4.5),
 * and how long it may take (10.3).
 */
import { type HeaderList, headerValue, selectHeaders } from '../http/header-list.ts';
import type { CustomOrigin, S3Origin, TlsProtocol } from '../model/distribution.ts';
import { plainCustomOrigin, plainOrigin } from '../model/plain-config.ts';
import type { OriginAccessControlConfig } from '../model/resources/origin-access-control.ts';

/** Private places were made custom origins by who asks. */
export type AskedOrigin = (S3Origin | CustomOrigin) & {
  /** What its access control says. */
  readonly signing?: OriginAccessControlConfig | undefined;
};

export type Timeouts = { readonly connectMs: number; readonly readMs: number };

/** An origin that says the usual has said nothing of its own: then the operator's word counts. */
export function timeoutsOf(origin: AskedOrigin, usual: Timeouts): Timeouts {
  const { connectTimeoutS, readTimeoutS } = origin;
  return {
    connectMs:
      connectTimeoutS === plainOrigin.connectTimeoutS ? usual.connectMs : connectTimeoutS * 1_000,
    readMs: readTimeoutS === plainOrigin.readTimeoutS ? usual.readMs : readTimeoutS * 1_000,
  };
}

/** Of a bucket, connections are kept for so long (10.3, rule 8). */
const bucketKeepAliveS = 5;

export function pacingOf(origin: AskedOrigin): { completionMs: number; keepAliveMs: number } {
  const keepAliveS = origin.kind === 's3' ? bucketKeepAliveS : origin.keepAliveTimeoutS;
  return { completionMs: origin.completionTimeoutS * 1_000, keepAliveMs: keepAliveS * 1_000 };
}

export function tlsProtocolsOf(origin: AskedOrigin): readonly TlsProtocol[] {
  return origin.kind === 's3' ? plainCustomOrigin.tlsProtocols : origin.tlsProtocols;
}

/** Undefined: whatever addresses its name has. */
export function familyOf(origin: AskedOrigin): 4 | 6 | undefined {
  if (origin.kind === 's3') return undefined;
  if (origin.addresses === 'ipv4') return 4;
  return origin.addresses === 'ipv6' ? 6 : undefined;
}

/** A bucket is never told who asks, nor by which name, even where another of its group is. */
const notForBuckets = new Set(['host', 'x-forwarded-for', 'surrogate-capability']);

/** `headers` as they are for any origin of the behavior; the answer begins with `Host`. */
export function addressed(origin: AskedOrigin, headers: HeaderList): HeaderList {
  const { customHeaders, domainName, kind } = origin;
  const own = new Set(customHeaders.map(({ name }) => name.toLowerCase()));
  const isChanged = own.size > 0 || kind === 's3';
  const kept = isChanged
    ? [
        ...selectHeaders(
          headers,
          (name) => !own.has(name) && !(kind === 's3' && notForBuckets.has(name)),
        ),
      ]
    : headers;
  const sent = customHeaders.flatMap(({ name, value }) => [name, value]);
  const named = headerValue(kept, 'host') === undefined ? ['Host', hostOf(domainName)] : [];
  return named.length === 0 && sent.length === 0 ? kept : [...named, ...kept, ...sent];
}

function hostOf(name: string): string {
  return name.includes(':') ? `[${name}]` : name;
}
