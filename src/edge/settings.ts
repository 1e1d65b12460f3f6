/** What an edge is told when it starts; it crosses to the edge's worker threads, so plain data only. */
import type { ListenAddress } from '../base/listen-address.ts';
import type { IdentityCredentials } from '../origin/identity-credentials.ts';
import type { ViewerBounds } from './bounds.ts';
import type { ShieldSettings } from './shield/shield.ts';

/** Both in PEM. */
export type CertificateAndKey = { readonly certificate: string; readonly key: string };

/** The default certificate, which covers `*.<domain>`, and the secrets that workers share. */
export type TlsSettings = CertificateAndKey & {
  /** 48 bytes; seal the tickets by which viewers take up a session again. */
  readonly ticketKeys: Uint8Array;
  /** 32 bytes; opens the private keys of imported certificates. */
  readonly sealingKey: Uint8Array;
};

export type EdgeSettings = {
  /** The name of the edge location, such as `local1`. */
  readonly name: string;
  readonly http: ListenAddress;
  /** Whether several workers listen at the same addresses, and the kernel spreads viewers over them. */
  readonly reusePort: boolean;
  readonly https: (ListenAddress & TlsSettings) | undefined;
  /** Suffix of the names of distributions. */
  readonly domain: string;
  /** Bucket name → absolute folder that answers for it. */
  readonly buckets: Readonly<Record<string, string>>;
  /** Bucket name → the origin access identities that alone may read its folder. */
  readonly privateBuckets: Readonly<Record<string, readonly string[]>>;
  /** The keys by which an identity signs its requests to buckets. */
  readonly identityCredentials: readonly IdentityCredentials[];
  /** Origin host → URL at which it is reached instead. */
  readonly originUrls: Readonly<Record<string, string>>;
  /** Whether an origin name may resolve to a loopback, private or link-local address. */
  readonly privateOrigins: 'allow' | 'refuse';
  /** PEM certificates that origins may be signed by, beside the public ones. */
  readonly originAuthorities: string | undefined;
  /** Bytes of bodies and heads that the memory cache of one worker may hold. */
  readonly cacheBytesMax: number;
  /** A longer body is not for memory. */
  readonly cachedBodyBytesMax: number;
  /** Each worker has a folder of its own in this one, and so many bytes; undefined: no disk is used. */
  readonly diskCache: { readonly folder: string; readonly bytesMax: number } | undefined;
  /** Of one attempt, name look-up and TLS handshake included. */
  readonly originConnectTimeoutMs: number;
  /** Attempts at a request that may be repeated. */
  readonly originConnectAttempts: number;
  /** Before the first byte of an answer, and between any two packets of it. */
  readonly originReadTimeoutMs: number;
  /** What RFC 9111 asks and CloudFront does not do. */
  readonly standards: boolean;
  /** Which edge location asks origins of a region for all; undefined: none does. */
  readonly originShield: ShieldSettings | undefined;
  /** Databases of addresses, as bytes that all workers share; of several the first that knows counts. */
  readonly geoDatabases: readonly Uint8Array[];
  /** Whether viewers may ask how an answer came about. */
  readonly explain: boolean;
  /** To which viewers are sent for HTTPS; 0: the one that is listened on. */
  readonly viewerHttpsPort: number;
  readonly viewerBounds: ViewerBounds;
};
