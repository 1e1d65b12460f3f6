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

export type CustomHeader = { readonly name: string; readonly value: string };

/** What all kinds of origins have. */
export type OriginCommon = {
  readonly id: string;
  /** Of an S3 origin `<bucket>.s3.amazonaws.com` or a regional form of it. */
  readonly domainName: string;
  /** Put before the paths of requests: empty, or `/…` without a slash at its end. */
  readonly path: string;
  /** Sent with every request, in place of what a viewer sends under the same name. */
  readonly customHeaders: readonly CustomHeader[];
  readonly attempts: number;
  readonly connectTimeoutS: number;
  readonly readTimeoutS: number;
  /** From the request to the last byte of its answer; 0: without an end. */
  readonly completionTimeoutS: number;
  /** Empty: no shield. */
  readonly shieldRegion: string;
  /** The id of the origin access control that requests are signed by; empty when there is none. */
  readonly accessControl: string;
};

export type S3Origin = OriginCommon & {
  readonly kind: 's3';
  /** The id of the origin access identity that signs requests to the bucket. */
  readonly accessIdentity: string | undefined;
};

export type OriginProtocolPolicy = 'http-only' | 'match-viewer' | 'https-only';

export const tlsProtocols = ['SSLv3', 'TLSv1', 'TLSv1.1', 'TLSv1.2'] as const;

export type TlsProtocol = (typeof tlsProtocols)[number];

export type CustomOrigin = OriginCommon & {
  readonly kind: 'custom';
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly protocolPolicy: OriginProtocolPolicy;
  readonly tlsProtocols: readonly TlsProtocol[];
  readonly keepAliveTimeoutS: number;
  /** Which addresses it is looked up by; empty when nothing was said. */
  readonly addresses: '' | 'ipv4' | 'ipv6' | 'dualstack';
};

/** A private place that a resource of the account describes. */
export type VpcOrigin = OriginCommon & {
  readonly kind: 'vpc';
  /** The id of that resource. */
  readonly vpcOrigin: string;
  /** The account that owns it; empty when nothing was said. */
  readonly owner: string;
  readonly keepAliveTimeoutS: number;
};

export type Origin = S3Origin | CustomOrigin | VpcOrigin;

/** Two origins of which the second is asked where the first fails. */
export type OriginGroup = {
  readonly id: string;
  readonly failoverStatuses: readonly number[];
  /** Ids of origins, the primary first. */
  readonly members: readonly string[];
  readonly selection: 'default' | 'media-quality-based';
};

/** Who may sign URLs; a behavior with at least one signer is private. */
export type TrustedSigners = {
  /** The account that owns the distribution. */
  readonly self: boolean;
  readonly accounts: readonly string[];
};

export type ViewerProtocolPolicy = 'allow-all' | 'https-only' | 'redirect-to-https';

export type FunctionAssociation = {
  readonly event: 'viewer-request' | 'viewer-response';
  /** The name of a function of the account. */
  readonly function: string;
};

/**
 * The rules for the paths that it takes. With a cache policy, that policy says what is keyed, how long
 * objects live and how codings are told apart; its members here are then those of `plainBehavior`.
 */
export type Behavior = Omit<BehaviorRules, 'errorTtlS'> & {
  /** The id of an origin, or of a group. */
  readonly targetOriginId: string;
  readonly viewerProtocolPolicy: ViewerProtocolPolicy;
  readonly trustedSigners: TrustedSigners;
  /** Ids of the key groups whose keys may sign. */
  readonly keyGroups: readonly string[];
  readonly minTtlS: number;
  readonly defaultTtlS: number;
  readonly maxTtlS: number;
  /** Ids; each empty when there is none. */
  readonly cachePolicy: string;
  readonly originRequestPolicy: string;
  readonly responseHeadersPolicy: string;
  readonly fieldEncryption: string;
  readonly realtimeLogConfig: string;
  readonly functions: readonly FunctionAssociation[];
  readonly smoothStreaming: boolean;
  readonly grpc: boolean;
};

/** Of those whose pattern fits a path the first one answers, else the default behavior. */
export type PathBehavior = Behavior & { readonly pathPattern: string };

/** What viewers get in place of an error, and how long the error is kept. */
export type ErrorResponse = {
  readonly status: number;
  /** Empty: the error as it is. */
  readonly pagePath: string;
  /** 0 where there is no page. */
  readonly pageStatus: number;
  readonly minTtlS: number;
};

/** What a distribution speaks beyond HTTP/1.1; viewers choose. */
export const httpVersions = ['http1.1', 'http2', 'http3', 'http2and3'] as const;

export type HttpVersion = (typeof httpVersions)[number];

export type Logging = {
  readonly bucket: string;
  readonly prefix: string;
  readonly withCookies: boolean;
};

/** Where it is served from; every edge location is in every class. */
export type PriceClass = 'all' | '200' | '100' | 'none';

export const tlsPolicies = [
  'SSLv3',
  'TLSv1',
  'TLSv1_2016',
  'TLSv1.1_2016',
  'TLSv1.2_2018',
  'TLSv1.2_2019',
  'TLSv1.2_2021',
  'TLSv1.2_2025',
  'TLSv1.3_2025',
] as const;

export type TlsPolicy = (typeof tlsPolicies)[number];

/** `default`: that of the service, for its own names. */
export type ViewerCertificate =
  | { readonly kind: 'default'; readonly tlsPolicy: TlsPolicy }
  | {
      /** The store it is named in. */
      readonly kind: 'acm' | 'iam';
      readonly name: string;
      readonly support: 'sni-only' | 'vip' | 'static-ip';
      readonly tlsPolicy: TlsPolicy;
    };

/** ISO 3166-1 alpha-2 codes. */
export type GeoRestriction =
  | { readonly kind: 'none' }
  | { readonly kind: 'only' | 'except'; readonly countries: readonly string[] };

/** What each tenant of a distribution gives a value: `{{name}}` in its origins stands for that. */
export type ParameterDefinition = {
  readonly name: string;
  /** Whether a tenant has to give one where there is no usual value. */
  readonly required: boolean;
  /** Each empty when there is none. */
  readonly comment: string;
  readonly usualValue: string;
};

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
  readonly ipv6: boolean;
  readonly priceClass: PriceClass;
  readonly certificate: ViewerCertificate;
  readonly geoRestriction: GeoRestriction;
  /** Empty when there is none. */
  readonly webAcl: string;
  readonly origins: readonly Origin[];
  readonly originGroups: readonly OriginGroup[];
  readonly defaultBehavior: Behavior;
  readonly behaviors: readonly PathBehavior[];
  readonly errorResponses: readonly ErrorResponse[];
  /** Takes its requests from another distribution only, on trial. */
  readonly staging: boolean;
  /** Ids, and the name of a field; each empty when there is none. */
  readonly continuousDeploymentPolicy: string;
  readonly anycastIpList: string;
  readonly connectionFunction: string;
  readonly cacheTagHeader: string;
  /** `tenant-only`: viewers reach it by the domains of its tenants alone. */
  readonly connectionMode: 'direct' | 'tenant-only';
  readonly tenantParameters: readonly ParameterDefinition[];
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
  /** The operation that changed it last; absent in documents of earlier releases. */
  readonly changedBy?: string;
  readonly config: DistributionConfig;
  /** What the create said, to tell a repeated create from another one with its reference. */
  readonly createdWith: DistributionConfig;
};

export const noTrustedSigners: TrustedSigners = { self: false, accounts: [] };

export function speaksHttp2({ httpVersion }: DistributionConfig): boolean {
  return httpVersion === 'http2' || httpVersion === 'http2and3';
}

export function hasSigners(signers: TrustedSigners): boolean {
  return signers.self || signers.accounts.length > 0;
}

export function isPrivate({ keyGroups, trustedSigners }: Behavior): boolean {
  return keyGroups.length > 0 || hasSigners(trustedSigners);
}

/** The default behavior first. */
export function behaviorsOf({
  behaviors,
  defaultBehavior,
}: DistributionConfig): readonly Behavior[] {
  return [defaultBehavior, ...behaviors];
}
