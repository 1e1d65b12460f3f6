import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configOf } from '../../test/harness/configs.ts';
import { distributionOf } from '../../test/harness/scenario.ts';
import { putDistribution, readDistribution } from './document.ts';

/** As a release before this one wrote it. */
const older = {
  kind: 'download',
  callerReference: 'reference',
  aliases: [],
  comment: '',
  enabled: true,
  defaultRootObject: '',
  logging: { bucket: 'logs.s3.amazonaws.com', prefix: 'p/' },
  origins: [{ kind: 's3', id: 'default', domainName: 'pics.s3.amazonaws.com' }],
  defaultBehavior: {
    targetOriginId: 'default',
    viewerProtocolPolicy: 'allow-all',
    trustedSigners: { self: false, accounts: [] },
    minTtlS: 0,
    defaultTtlS: 86400,
    maxTtlS: 31536000,
    forwardedHeaders: 'keyed',
    errorTtlS: {},
  },
};

test('a document of an earlier release is completed as it is read', () => {
  const value = Buffer.from(
    JSON.stringify({ ...distributionOf('s3'), config: older, createdWith: older }),
  );
  const { config, createdWith } = readDistribution(value);
  const logging = { bucket: 'logs.s3.amazonaws.com', prefix: 'p/', withCookies: false };
  assert.deepEqual(config, configOf('download', 'reference', { logging }));
  assert.deepEqual(createdWith, config);
});

test('what is written reads back as it was', () => {
  for (const kind of ['custom', 's3'] as const) {
    const distribution = distributionOf(kind);
    const { value } = putDistribution(distribution);
    assert.ok(value);
    assert.deepEqual(readDistribution(value), distribution);
  }
});
