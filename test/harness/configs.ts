/** Configurations in the model's words, for tests below the API. */
import {
  noTrustedSigners,
  type DistributionConfig,
  type DistributionKind,
} from '../../src/model/distribution.ts';

export function configOf(
  kind: DistributionKind,
  callerReference: string,
  changed: Partial<DistributionConfig> = {},
): DistributionConfig {
  return {
    kind,
    callerReference,
    aliases: [],
    comment: '',
    enabled: true,
    defaultRootObject: '',
    logging: undefined,
    origins: [
      { kind: 's3', id: 'default', domainName: 'pics.s3.amazonaws.com', accessIdentity: undefined },
    ],
    defaultBehavior: {
      targetOriginId: 'default',
      viewerProtocolPolicy: 'allow-all',
      trustedSigners: noTrustedSigners,
      minTtlS: 0,
      defaultTtlS: 86_400,
      maxTtlS: 31_536_000,
    },
    ...changed,
  };
}
