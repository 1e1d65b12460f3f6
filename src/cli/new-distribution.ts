/** Configurations of new distributions, as the options of `create` say them. */
import { counted } from '../wire/counted.ts';
import type * as Wire from '../wire/shapes.generated.ts';

export type NewOrigin =
  | {
      readonly kind: 's3';
      readonly domainName: string;
      /** The id alone. */
      readonly accessIdentity?: string | undefined;
    }
  | {
      readonly kind: 'custom';
      readonly domainName: string;
      readonly httpPort: number;
      readonly httpsPort: number;
      readonly protocolPolicy: Wire.OriginProtocolPolicy;
    };

export type NewDistribution = {
  readonly callerReference: string;
  readonly origin: NewOrigin;
  readonly aliases: readonly string[];
  readonly comment: string;
  readonly enabled: boolean;
  readonly defaultRootObject: string | undefined;
  readonly logging: { readonly bucket: string; readonly prefix: string } | undefined;
  /** `self` and account numbers. */
  readonly trustedSigners: readonly string[];
  readonly httpsOnly: boolean;
};

const originId = 'default';

/** Caching goes by what the origin says; query strings and cookies are not for it to see. */
export function downloadConfig(made: NewDistribution): Wire.DistributionConfig {
  const { logging, trustedSigners } = made;
  return {
    ...common(made),
    DefaultRootObject: made.defaultRootObject,
    Origins: { Quantity: 1, Items: [originOf(made.origin)] },
    DefaultCacheBehavior: {
      TargetOriginId: originId,
      TrustedSigners: signersOf(trustedSigners),
      ViewerProtocolPolicy: made.httpsOnly ? 'https-only' : 'allow-all',
      ForwardedValues: { QueryString: false, Cookies: { Forward: 'none' } },
      MinTTL: 0,
    },
    Logging:
      logging === undefined
        ? undefined
        : {
            Enabled: true,
            IncludeCookies: false,
            Bucket: logging.bucket,
            Prefix: logging.prefix,
          },
  };
}

/** Throws an Error for a custom origin, which this kind cannot have. */
export function streamingConfig(made: NewDistribution): Wire.StreamingDistributionConfig {
  const { logging, origin, trustedSigners } = made;
  if (origin.kind !== 's3') throw new Error('streaming distributions are in front of buckets');
  return {
    ...common(made),
    S3Origin: {
      DomainName: origin.domainName,
      OriginAccessIdentity: identityName(origin.accessIdentity),
    },
    TrustedSigners: signersOf(trustedSigners),
    Logging:
      logging === undefined
        ? undefined
        : { Enabled: true, Bucket: logging.bucket, Prefix: logging.prefix },
  };
}

function common({ aliases, callerReference, comment, enabled }: NewDistribution) {
  return {
    CallerReference: callerReference,
    Aliases: counted(aliases),
    Comment: comment,
    Enabled: enabled,
  };
}

function originOf(origin: NewOrigin): Wire.Origin {
  const named = { Id: originId, DomainName: origin.domainName };
  if (origin.kind === 's3') {
    return {
      ...named,
      S3OriginConfig: { OriginAccessIdentity: identityName(origin.accessIdentity) },
    };
  }
  return {
    ...named,
    CustomOriginConfig: {
      HTTPPort: origin.httpPort,
      HTTPSPort: origin.httpsPort,
      OriginProtocolPolicy: origin.protocolPolicy,
    },
  };
}

function identityName(id: string | undefined): string {
  return id === undefined ? '' : `origin-access-identity/cloudfront/${id}`;
}

function signersOf(signers: readonly string[]): Wire.TrustedSigners {
  return { Enabled: signers.length > 0, ...counted(signers) };
}
