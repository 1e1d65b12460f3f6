/** Configurations in the model's words, for tests below the API. */
import { writeId, type Revision } from '../../src/base/log-record.ts';
import { Catalog, type Touched } from '../../src/model/catalog.ts';
import { putDistribution } from '../../src/model/document.ts';
import {
  type Distribution,
  type DistributionConfig,
  type DistributionKind,
  type ErrorResponse,
  type S3Origin,
} from '../../src/model/distribution.ts';
import { plainBehavior, plainConfig, plainOrigin } from '../../src/model/plain-config.ts';

export function configOf(
  kind: DistributionKind,
  callerReference: string,
  changed: Partial<DistributionConfig> = {},
): DistributionConfig {
  return {
    ...plainConfig,
    kind,
    callerReference,
    enabled: true,
    origins: [s3OriginOf('default', 'pics')],
    defaultBehavior: {
      ...plainBehavior,
      targetOriginId: 'default',
      viewerProtocolPolicy: 'allow-all',
    },
    ...changed,
  };
}

export function s3OriginOf(id: string, bucket: string, accessIdentity?: string): S3Origin {
  const domainName = `${bucket}.s3.amazonaws.com`;
  return { ...plainOrigin, kind: 's3', id, domainName, accessIdentity };
}

/** An error that viewers get as it is, and that is kept for so long. */
export function keptFor(status: number, minTtlS: number): ErrorResponse {
  return { status, pagePath: '', pageStatus: 0, minTtlS };
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
