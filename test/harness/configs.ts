/** Configurations in the model's words, for tests below the API. */
import { writeId, type Revision } from '../../src/base/log-record.ts';
import { rulesOf2010 } from '../../src/model/behavior-rules.ts';
import { Catalog, type Touched } from '../../src/model/catalog.ts';
import { putDistribution } from '../../src/model/document.ts';
import {
  noTrustedSigners,
  type Distribution,
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
    httpVersion: 'http1.1',
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
      ...rulesOf2010,
    },
    ...changed,
  };
}

/** What the fold says of a distribution that was put at a position. */
export function touchedBy(document: Distribution, at: Revision): Touched {
  return { kind: 'distribution', id: document.id, placed: { document, revision: at } };
}

/** The fold of a log that holds these distributions and nothing else. */
export function catalogOf(all: readonly Distribution[], at: Revision): Catalog {
  const catalog = new Catalog();
  const changes = all.map(putDistribution);
  catalog.apply({ revision: at, writeId: writeId(new Uint8Array(16)), changes });
  return catalog;
}
