/**
 * Distributions as this program shows them, of both kinds alike: plain views of what the API answers.
 * `--json` prints them as they are, so a member may be added and none may change.
 */
import type { Instant } from '../base/clock.ts';
import { itemsOf } from '../wire/counted.ts';
import type * as Wire from '../wire/shapes.generated.ts';

export type OriginView =
  | { readonly kind: 's3'; readonly domainName: string; readonly accessIdentity: string | null }
  | {
      readonly kind: 'custom';
      readonly domainName: string;
      readonly httpPort: number;
      readonly httpsPort: number;
      readonly protocolPolicy: string;
    }
  | { readonly kind: 'vpc'; readonly domainName: string; readonly vpcOrigin: string };

/** What a list tells of each. */
export type SummaryView = {
  readonly id: string;
  /** `InProgress` or `Deployed`. */
  readonly status: string;
  readonly lastModified: string;
  readonly domainName: string;
  /** Where the default behavior sends its requests; of a group, the first one. */
  readonly origin: OriginView | null;
  readonly aliases: readonly string[];
  readonly comment: string;
  readonly enabled: boolean;
  /** `self` and account numbers. */
  readonly trustedSigners: readonly string[];
};

export type DistributionView = SummaryView & {
  readonly callerReference: string;
  readonly defaultRootObject: string;
  readonly logging: { readonly bucket: string; readonly prefix: string } | null;
  readonly httpsOnly: boolean;
  readonly inProgressInvalidations: number;
  /** Of each trusted signer, the key pairs with which it can sign now. */
  readonly activeSigners: readonly SignerView[];
  readonly viewerProtocolPolicy: string;
  /** Ids of those whose keys may sign. */
  readonly keyGroups: readonly string[];
  /** Beside `origin`. */
  readonly otherOrigins: readonly OriginView[];
  /** Beside the default one, in the order in which they are tried. */
  readonly behaviors: readonly BehaviorView[];
};

/** With the ETag that a change of it has to name. */
export type Tagged = { readonly view: DistributionView; readonly etag: string };

export type SignerView = {
  /** `self` or an account number. */
  readonly signer: string;
  readonly keyPairIds: readonly string[];
};

export type BehaviorView = {
  readonly pathPattern: string;
  /** The host name of the origin that is asked; of a group, the first one. */
  readonly origin: string;
  readonly viewerProtocolPolicy: string;
};

type Named = {
  readonly Id: string;
  readonly Status: string;
  readonly LastModifiedTime?: Instant | undefined;
  readonly DomainName: string;
};

type DownloadParts = Pick<
  Wire.DistributionConfig,
  'Aliases' | 'Comment' | 'DefaultCacheBehavior' | 'Enabled' | 'OriginGroups' | 'Origins'
>;

/** `config`: where the configuration's members stand; in a list, beside the others. */
export function summaryOfDownload(named: Named, config: DownloadParts): SummaryView {
  const origin = originOf(config, config.DefaultCacheBehavior.TargetOriginId);
  return {
    ...namesOf(named),
    origin: origin === undefined ? null : viewOfOrigin(origin),
    aliases: itemsOf(config.Aliases),
    comment: config.Comment,
    enabled: config.Enabled,
    trustedSigners: itemsOf(config.DefaultCacheBehavior.TrustedSigners),
  };
}

export function viewOfDownload(given: Wire.Distribution): DistributionView {
  const { DistributionConfig: config } = given;
  const { DefaultCacheBehavior: behavior, Logging: logging } = config;
  const target = originOf(config, behavior.TargetOriginId);
  return {
    ...summaryOfDownload(given, config),
    callerReference: config.CallerReference,
    defaultRootObject: config.DefaultRootObject ?? '',
    logging: viewOfLogging(logging),
    httpsOnly: behavior.ViewerProtocolPolicy === 'https-only',
    inProgressInvalidations: given.InProgressInvalidationBatches,
    activeSigners: viewOfSigners(given.ActiveTrustedSigners),
    viewerProtocolPolicy: behavior.ViewerProtocolPolicy,
    keyGroups: itemsOf(behavior.TrustedKeyGroups),
    otherOrigins: itemsOf(config.Origins)
      .filter((one) => one !== target)
      .map(viewOfOrigin),
    behaviors: itemsOf(config.CacheBehaviors).map((one) => ({
      pathPattern: one.PathPattern,
      origin: originOf(config, one.TargetOriginId)?.DomainName ?? '',
      viewerProtocolPolicy: one.ViewerProtocolPolicy,
    })),
  };
}

type StreamingParts = Pick<
  Wire.StreamingDistributionConfig,
  'Aliases' | 'Comment' | 'Enabled' | 'S3Origin' | 'TrustedSigners'
>;

export function summaryOfStreaming(named: Named, config: StreamingParts): SummaryView {
  return {
    ...namesOf(named),
    origin: viewOfBucket(config.S3Origin.DomainName, config.S3Origin.OriginAccessIdentity),
    aliases: itemsOf(config.Aliases),
    comment: config.Comment,
    enabled: config.Enabled,
    trustedSigners: itemsOf(config.TrustedSigners),
  };
}

export function viewOfStreaming(given: Wire.StreamingDistribution): DistributionView {
  const { StreamingDistributionConfig: config } = given;
  return {
    ...summaryOfStreaming(given, config),
    callerReference: config.CallerReference,
    defaultRootObject: '',
    logging: viewOfLogging(config.Logging),
    httpsOnly: false,
    inProgressInvalidations: 0,
    activeSigners: viewOfSigners(given.ActiveTrustedSigners),
    viewerProtocolPolicy: 'allow-all',
    keyGroups: [],
    otherOrigins: [],
    behaviors: [],
  };
}

function namesOf({ DomainName, Id, LastModifiedTime, Status }: Named) {
  return {
    id: Id,
    status: Status,
    lastModified: LastModifiedTime === undefined ? '' : new Date(LastModifiedTime).toISOString(),
    domainName: DomainName,
  };
}

/** Of a group, the first of its members. */
function originOf(config: DownloadParts, target: string): Wire.Origin | undefined {
  const group = itemsOf(config.OriginGroups).find(({ Id }) => Id === target);
  const sought = group?.Members.Items[0]?.OriginId ?? target;
  return itemsOf(config.Origins).find(({ Id }) => Id === sought);
}

function viewOfOrigin(origin: Wire.Origin): OriginView {
  const { CustomOriginConfig: custom, DomainName: domainName, VpcOriginConfig: vpc } = origin;
  if (vpc !== undefined) return { kind: 'vpc', domainName, vpcOrigin: vpc.VpcOriginId };
  if (custom === undefined) {
    return viewOfBucket(domainName, origin.S3OriginConfig?.OriginAccessIdentity);
  }
  return {
    kind: 'custom',
    domainName,
    httpPort: custom.HTTPPort,
    httpsPort: custom.HTTPSPort,
    protocolPolicy: custom.OriginProtocolPolicy,
  };
}

function viewOfBucket(domainName: string, accessIdentity: string | undefined): OriginView {
  return { kind: 's3', domainName, accessIdentity: accessIdentity || null };
}

function viewOfLogging(
  given: Wire.LoggingConfig | Wire.StreamingLoggingConfig | undefined,
): DistributionView['logging'] {
  if (given?.Enabled !== true) return null;
  return { bucket: given.Bucket ?? '', prefix: given.Prefix ?? '' };
}

function viewOfSigners(given: Wire.ActiveTrustedSigners | undefined): readonly SignerView[] {
  return itemsOf(given).map((one) => ({
    signer: one.AwsAccountNumber ?? '',
    keyPairIds: itemsOf(one.KeyPairIds),
  }));
}
