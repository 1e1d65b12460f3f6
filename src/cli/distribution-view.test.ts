import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  fakeConfig,
  fakeDistribution,
  fakeTime,
  newDistribution,
} from '../../test/harness/fake-answers.ts';
import type * as Wire from '../wire/shapes.generated.ts';
import { distributionFacts } from './distribution-text.ts';
import { summaryOfStreaming, viewOfDownload } from './distribution-view.ts';
import { downloadConfig } from './new-distribution.ts';

const made = downloadConfig(newDistribution);

test('what the API answers is read into a plain view', () => {
  const given = fakeDistribution({ InProgressInvalidationBatches: 2, DistributionConfig: made });
  assert.deepEqual(viewOfDownload(given), {
    id: 'E1',
    status: 'InProgress',
    lastModified: fakeTime,
    domainName: 'd1.x',
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
    trustedSigners: ['self', '111122223333'],
    callerReference: 'ref-1',
    defaultRootObject: 'index.html',
    logging: { bucket: 'logs.s3.amazonaws.com', prefix: '' },
    httpsOnly: true,
    inProgressInvalidations: 2,
    activeSigners: [],
    viewerProtocolPolicy: 'https-only',
    keyGroups: [],
    otherOrigins: [],
    behaviors: [],
  });
});

test('who may sign is told with the key pairs that are active', () => {
  const ActiveTrustedSigners = {
    Enabled: true,
    Quantity: 2,
    Items: [
      { AwsAccountNumber: 'self', KeyPairIds: { Quantity: 2, Items: ['APKA1', 'APKA2'] } },
      { AwsAccountNumber: '111122223333', KeyPairIds: { Quantity: 0 } },
    ],
  };
  assert.deepEqual(viewOfDownload(fakeDistribution({ ActiveTrustedSigners })).activeSigners, [
    { signer: 'self', keyPairIds: ['APKA1', 'APKA2'] },
    { signer: '111122223333', keyPairIds: [] },
  ]);
});

test('an item of a list has its configuration among its own members', () => {
  const summary: Wire.StreamingDistributionSummary = {
    ...fakeDistribution({ Id: 'E2', Status: 'Deployed', DomainName: 's1.x' }),
    S3Origin: {
      DomainName: 'p.s3.amazonaws.com',
      OriginAccessIdentity: 'origin-access-identity/cloudfront/E9',
    },
    Aliases: { Quantity: 0 },
    TrustedSigners: { Enabled: false, Quantity: 0 },
    Comment: '',
    PriceClass: 'PriceClass_All',
    Enabled: false,
  };
  assert.partialDeepStrictEqual(summaryOfStreaming(summary, summary), {
    id: 'E2',
    enabled: false,
    origin: {
      kind: 's3',
      domainName: 'p.s3.amazonaws.com',
      accessIdentity: 'origin-access-identity/cloudfront/E9',
    },
  });
});

test('of several origins the one of the default behavior comes first, of a group its first', () => {
  const behavior = { TargetOriginId: 'both', ViewerProtocolPolicy: 'redirect-to-https' } as const;
  const config = fakeConfig({
    Origins: {
      Quantity: 3,
      Items: [
        { Id: 'api', DomainName: 'api.example.com', VpcOriginConfig: { VpcOriginId: 'vo_1' } },
        { Id: 'second', DomainName: 'b.s3.amazonaws.com' },
        { Id: 'first', DomainName: 'a.s3.amazonaws.com' },
      ],
    },
    OriginGroups: {
      Quantity: 1,
      Items: [
        {
          Id: 'both',
          FailoverCriteria: { StatusCodes: { Quantity: 1, Items: [500] } },
          Members: { Quantity: 2, Items: [{ OriginId: 'first' }, { OriginId: 'second' }] },
        },
      ],
    },
    DefaultCacheBehavior: behavior,
    CacheBehaviors: {
      Quantity: 1,
      Items: [{ PathPattern: '/api/*', TargetOriginId: 'api', ViewerProtocolPolicy: 'https-only' }],
    },
  });
  const view = viewOfDownload(fakeDistribution({ DistributionConfig: config }));
  assert.equal(view.origin?.domainName, 'a.s3.amazonaws.com');
  const text = distributionFacts(view, 'E9');
  assert.match(
    text,
    /\norigin +a\.s3\.amazonaws\.com\nmore origin +api\.example\.com, VPC origin vo_1\nmore origin +b\.s3\.amazonaws\.com\n/,
  );
  assert.match(text, /\nbehavior +\/api\/\* from api\.example\.com, https only\n/);
  assert.match(text, /\nprotocols +http is redirected to https\n/);
});
