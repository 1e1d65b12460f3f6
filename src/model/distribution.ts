/**
 * A distribution: one served configuration. The types are the union of what the API versions can
 * say, in their canonical, completed form: defaults are filled in, text is trimmed, aliases are in
 * lower case. Names are the field's, never those of a version's XML.
 */
import type { Instant } from '../base/clock.ts';
import type { BehaviorRules } from './behavior-rules.ts';
import type { AccountId, ConfigEtag, DistributionId } from './ids.ts';

/** Download distributions speak HTTP to viewers, streaming distributions RTMP. */
export type DistributionKind = 'download' | 'streaming';

export type S3Origin = {
  readonly kind: 's3';
  readonly id: string;
  /** `<bucket>.s3.amazonaws.com` or a regional form of it. */
  readonly domainName: string;
  /** The id of the origin access identity that signs requests to the bucket. */
  readonly accessIdentity: string | undefined;
};

export type OriginProtocolPolicy = 'http-only' | 'match-viewer';

export type CustomOrigin = {
  readonly kind: 'custom';
  readonly id: string;
  readonly domainName: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly protocolPolicy: OriginProtocolPolicy;
};

export type Origin = S3Origin | CustomOrigin;

/** Who may sign URLs; a behavior with at least one signer is private. */
export type TrustedSigners = {
  /** The account that owns the distribution. */
  readonly self: boolean;
  readonly accounts: readonly string[];
};

export type ViewerProtocolPolicy = 'allow-all' | 'https-only';

/** The rules for a path pattern; so far there is one behavior, for all paths. */
export type Behavior = BehaviorRules & {
  readonly targetOriginId: string;
  readonly viewerProtocolPolicy: ViewerProtocolPolicy;
  readonly trustedSigners: TrustedSigners;
  readonly minTtlS: number;
  readonly defaultTtlS: number;
  readonly maxTtlS: number;
};

/** What a distribution speaks beyond HTTP/1.1; viewers choose. */
export const httpVersions = ['http1.1', 'http2', 'http3', 'http2and3'] as const;

export type HttpVersion = (typeof httpVersions)[number];

export type Logging = { readonly bucket: string; readonly prefix: string };

export type DistributionConfig = {
  readonly kind: DistributionKind;
  readonly callerReference: string;
  readonly aliases: readonly string[];
  /** Empty when there is none. */
  readonly comment: string;
  readonly enabled: boolean;
  /** The object that answers for `/`; empty when there is none. Always empty for streaming. */
  readonly defaultRootObject: string;
  readonly logging: Logging | undefined;
  readonly httpVersion: HttpVersion;
  readonly origins: readonly Origin[];
  readonly defaultBehavior: Behavior;
};

/** What the log holds of a distribution. Its status is not in it: that is arithmetic of positions. */
export type Distribution = {
  /** The form of this document; a reader refuses forms it does not know. */
  readonly format: 1;
  readonly account: AccountId;
  readonly id: DistributionId;
  readonly etag: ConfigEtag;
  /** First label and the suffix of the time it was created: `d….cloudfront.localhost`. */
  readonly domainName: string;
  readonly createdAt: Instant;
  readonly modifiedAt: Instant;
  readonly config: DistributionConfig;
  /** What the create said, to tell a repeated create from another one with its reference. */
  readonly createdWith: DistributionConfig;
};

export const noTrustedSigners: TrustedSigners = { self: false, accounts: [] };

export function speaksHttp2({ httpVersion }: DistributionConfig): boolean {
  return httpVersion === 'http2' || httpVersion === 'http2and3';
}

export function isPrivate(signers: TrustedSigners): boolean {
  return signers.self || signers.accounts.length > 0;
}
