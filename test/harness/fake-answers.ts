/**
 * What an API answers, for tests that write it by hand: said in the terms of the model, complete where
 * the model wants it to be, and put on the wire by the same code as the service has.
 */
import { writeOutput } from '../../src/api/2020-05-31/writing.ts';
import { instant } from '../../src/base/clock.ts';
import { counted } from '../../src/wire/counted.ts';
import { facts } from '../../src/wire/facts.ts';
import type * as Wire from '../../src/wire/shapes.generated.ts';
import type { Given } from './fake-api.ts';
import type { NewDistribution } from '../../src/cli/new-distribution.ts';

export const fakeTime = '2026-11-22T21:22:35.087Z';
const at = instant(Date.parse(fakeTime));

/** The answer of an operation to which this is the output. */
export function answerOf<Name extends Wire.OperationName>(
  name: Name,
  output: Wire.Outputs[Name],
): Given {
  const fact = facts().operations.get(name);
  if (fact === undefined) throw new Error(`there is no operation ${name}`);
  const { body, headers, status } = writeOutput({ ...fact, name }, output);
  return body === undefined
    ? { status, headers }
    : { status, headers, body: Buffer.from(body.bytes).toString('utf8') };
}

export function fakeConfig(said: Partial<Wire.DistributionConfig> = {}): Wire.DistributionConfig {
  return {
    CallerReference: 'r',
    Comment: '',
    Enabled: true,
    Origins: {
      Quantity: 1,
      Items: [
        {
          Id: 'default',
          DomainName: 'p.s3.amazonaws.com',
          S3OriginConfig: { OriginAccessIdentity: '' },
        },
      ],
    },
    DefaultCacheBehavior: { TargetOriginId: 'default', ViewerProtocolPolicy: 'allow-all' },
    ...said,
  };
}

export function fakeDistribution(said: Partial<Wire.Distribution> = {}): Wire.Distribution {
  return {
    Id: 'E1',
    ARN: 'arn:aws:cloudfront::000000000000:distribution/E1',
    Status: 'InProgress',
    LastModifiedTime: at,
    InProgressInvalidationBatches: 0,
    DomainName: 'd1.x',
    DistributionConfig: fakeConfig(),
    ...said,
  };
}

export function fakeInvalidation(
  status: string,
  paths: readonly string[] = ['/a & b', '/c'],
): Wire.Invalidation {
  return {
    Id: 'I1',
    Status: status,
    CreateTime: at,
    InvalidationBatch: { Paths: counted(paths), CallerReference: 'r' },
  };
}

/** One page of a list of invalidations; `next`: more follow. */
export function fakeInvalidations(ids: readonly string[], next?: string): Wire.InvalidationList {
  const items = ids.map((Id) => ({ Id, CreateTime: at, Status: 'Completed' }));
  return {
    Marker: '',
    MaxItems: 100,
    IsTruncated: next !== undefined,
    NextMarker: next,
    ...counted(items),
  };
}

/** Of everything that a command can say of a new distribution. */
export const newDistribution: NewDistribution = {
  callerReference: 'ref-1',
  origin: {
    kind: 'custom',
    domainName: 'www.example.com',
    httpPort: 8080,
    httpsPort: 8443,
    protocolPolicy: 'match-viewer',
  },
  aliases: ['a.example.com', 'b.example.com'],
  comment: 'a & <b> "c"',
  enabled: true,
  defaultRootObject: 'index.html',
  logging: { bucket: 'logs.s3.amazonaws.com', prefix: '' },
  trustedSigners: ['self', '111122223333'],
  httpsOnly: true,
};
