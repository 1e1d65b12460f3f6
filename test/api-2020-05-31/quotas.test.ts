/**
 * Quotas (API 2020-05-31, section 6): each as a setting, refused with its own code beyond it, and open
 * again after a deletion or an update. Where the older version allows less, it still does.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLimits, type LimitName, type Limits } from '../../src/model/limits.ts';
import { ApiCaller, assertRefused, assertStatus, etagOf } from '../harness/api-caller.ts';
import { create as createOlder, download } from '../harness/kinds.ts';
import { idOf, objectAt, refused, startWorld } from './calling.ts';
import { cliForm, type Form } from './distribution-forms.ts';
import { namingOf } from './namings.ts';
import { type SpecimenName, Specimens } from './specimens.ts';

type Account = readonly [kind: SpecimenName, limit: LimitName, code: string];

const ofAccounts: readonly Account[] = [
  ['Distribution', 'distributions', 'TooManyDistributions'],
  ['StreamingDistribution', 'streaming-distributions', 'TooManyStreamingDistributions'],
  [
    'CloudFrontOriginAccessIdentity',
    'access-identities',
    'TooManyCloudFrontOriginAccessIdentities',
  ],
  ['OriginAccessControl', 'origin-access-controls', 'TooManyOriginAccessControls'],
  ['CachePolicy', 'cache-policies', 'TooManyCachePolicies'],
  ['OriginRequestPolicy', 'origin-request-policies', 'TooManyOriginRequestPolicies'],
  ['ResponseHeadersPolicy', 'response-headers-policies', 'TooManyResponseHeadersPolicies'],
  ['PublicKey', 'public-keys', 'TooManyPublicKeys'],
  ['KeyGroup', 'key-groups', 'TooManyKeyGroups'],
  ['Function', 'functions', 'TooManyFunctions'],
  ['KeyValueStore', 'key-value-stores', 'EntityLimitExceeded'],
  ['RealtimeLogConfig', 'realtime-log-configs', 'TooManyRealtimeLogConfigs'],
  [
    'ContinuousDeploymentPolicy',
    'continuous-deployment-policies',
    'TooManyContinuousDeploymentPolicies',
  ],
  [
    'FieldLevelEncryptionProfile',
    'field-encryption-profiles',
    'TooManyFieldLevelEncryptionProfiles',
  ],
  ['FieldLevelEncryptionConfig', 'field-encryption-configs', 'TooManyFieldLevelEncryptionConfigs'],
  ['VpcOrigin', 'vpc-origins', 'EntityLimitExceeded'],
  ['AnycastIpList', 'anycast-ip-lists', 'EntityLimitExceeded'],
  ['TrustStore', 'trust-stores', 'EntityLimitExceeded'],
  ['ConnectionGroup', 'connection-groups', 'EntityLimitExceeded'],
  ['DistributionTenant', 'distribution-tenants', 'EntityLimitExceeded'],
  ['ConnectionFunction', 'connection-functions', 'EntityLimitExceeded'],
];

async function specimensWithin(limits: Partial<Limits>): Promise<Specimens> {
  return new Specimens(await startWorld({ limits }));
}

for (const [kind, limit, code] of ofAccounts) {
  const specimens = await specimensWithin({ [limit]: 1 });
  test(`--limit ${limit}=1: a second one is refused by ${code}, until the first is gone`, async () => {
    const { client, world } = specimens.started;
    const first = await specimens.make(kind);
    const { message } = await refused(specimens.make(kind), code);
    assert.match(message, /\b1\b/);
    await world.edgeCatchesUp();
    await client.call(`Delete${kind}`, { ...first.target, IfMatch: first.etag });
    await specimens.make(kind);
  });
}

type Sharing = readonly [used: SpecimenName, user: SpecimenName, limit: LimitName, code: string];

const sharings: readonly Sharing[] = [
  [
    'CachePolicy',
    'Distribution',
    'distributions-of-policy',
    'TooManyDistributionsAssociatedToCachePolicy',
  ],
  [
    'OriginRequestPolicy',
    'Distribution',
    'distributions-of-policy',
    'TooManyDistributionsAssociatedToOriginRequestPolicy',
  ],
  [
    'ResponseHeadersPolicy',
    'Distribution',
    'distributions-of-policy',
    'TooManyDistributionsAssociatedToResponseHeadersPolicy',
  ],
  [
    'OriginAccessControl',
    'Distribution',
    'distributions-of-access-control',
    'TooManyDistributionsAssociatedToOriginAccessControl',
  ],
  [
    'KeyGroup',
    'Distribution',
    'distributions-of-key-group',
    'TooManyDistributionsAssociatedToKeyGroup',
  ],
  [
    'Function',
    'Distribution',
    'distributions-of-function',
    'TooManyDistributionsWithSingleFunctionARN',
  ],
  [
    'FieldLevelEncryptionConfig',
    'Distribution',
    'distributions-of-field-encryption',
    'TooManyDistributionsAssociatedToFieldLevelEncryptionConfig',
  ],
  ['VpcOrigin', 'Distribution', 'distributions-of-vpc-origin', 'EntityLimitExceeded'],
  ['AnycastIpList', 'Distribution', 'distributions-of-anycast-ip-list', 'EntityLimitExceeded'],
  [
    'AnycastIpList',
    'ConnectionGroup',
    'connection-groups-of-anycast-ip-list',
    'EntityLimitExceeded',
  ],
  ['KeyValueStore', 'Function', 'functions-of-key-value-store', 'EntityLimitExceeded'],
];

for (const [used, user, limit, code] of sharings) {
  const specimens = await specimensWithin({ [limit]: 1 });
  test(`--limit ${limit}=1: ${used} is named by one ${user}, which may change`, async () => {
    const { client, world } = specimens.started;
    const naming = namingOf(used, user);
    const named = await specimens.makeNameable(naming);
    const config = naming.configOf(named);
    const first = await specimens.make(user, config);
    const { message } = await refused(specimens.make(user, config), code);
    assert.ok(message.includes(named.id), message);
    const again = await client.call(`Update${user}`, {
      ...first.target,
      ...first.config,
      IfMatch: first.etag,
    });
    await world.edgeCatchesUp();
    await client.call(`Delete${user}`, { ...first.target, IfMatch: again['ETag'] });
    await specimens.make(user, config);
  });
}

const managed = await specimensWithin({ 'distributions-of-policy': 1 });
test('a managed policy is for any number of distributions', async () => {
  const CachePolicyId = '658327ea-f89d-4fab-a63d-7e88639e58f6';
  const behavior = { TargetOriginId: 'www', ViewerProtocolPolicy: 'allow-all', CachePolicyId };
  for (let count = 0; count < 3; count += 1) {
    await managed.make('Distribution', { DefaultCacheBehavior: behavior });
  }
});

const trials = await specimensWithin({ 'staging-distributions': 1 });
test('--limit staging-distributions=1: others are not counted', async () => {
  await trials.make('Distribution');
  await trials.make('Distribution', { Staging: true });
  await refused(trials.make('Distribution', { Staging: true }), 'TooManyDistributions');
  await trials.make('Distribution');
});

function named(count: number): Form {
  const Items = Array.from({ length: count }, (_, index) => `a${index}.example.net`);
  return { Aliases: { Quantity: count, Items } };
}

const both = await startWorld();
test('100 aliases by this version, 10 by the older one, which leaves more as they are', async () => {
  const { client, world } = both;
  const older = new ApiCaller(`http://127.0.0.1:${world.port}`);
  const create = (count: number) =>
    client.call('CreateDistribution', { DistributionConfig: cliForm('aliases', named(count)) });
  await refused(create(101), 'TooManyDistributionCNAMEs');
  const made = await create(100);
  const Id = idOf(made, 'Distribution');

  const cnames = Array.from({ length: 11 }, (_, index) => `b${index}.example.net`);
  const parts = { reference: 'older', cnames };
  await assert.rejects(createOlder(older, download, parts), /TooManyDistributionCNAMEs/);
  await createOlder(older, download, { reference: 'older', cnames: cnames.slice(1) });

  const path = `/2010-11-01/distribution/${Id}/config`;
  const read = await older.get(path);
  const off = read.body.replace('<Enabled>true<', '<Enabled>false<');
  const put = await older.put(path, etagOf(read), off);
  assertStatus(put, 200);
  const more = off.replace('<CNAME>', '<CNAME>one-more.example.net</CNAME><CNAME>');
  assertRefused(await older.put(path, etagOf(put), more), 400, 'TooManyDistributionCNAMEs');
  const now = await client.call('GetDistributionConfig', { Id });
  assert.equal(objectAt(objectAt(now, 'DistributionConfig'), 'Aliases')['Quantity'], 100);
});

const small = await startWorld({ limits: { 'list-page': 2 } });
test('--limit list-page=2: a page has two items, however many are asked for', async () => {
  for (const MaxItems of [undefined, 3]) {
    const list = await small.client.call('ListCachePolicies', { MaxItems });
    const { MaxItems: told, NextMarker, Quantity } = objectAt(list, 'CachePolicyList');
    assert.deepEqual([told, Quantity], [2, 2]);
    assert.ok(NextMarker !== undefined);
  }
});

const few = await startWorld({ limits: { distributions: 3, 'distributions-2010': 2 } });
test('the older version stops at its own number of distributions, this one goes on', async () => {
  const older = new ApiCaller(`http://127.0.0.1:${few.world.port}`);
  for (const reference of ['1', '2']) await createOlder(older, download, { reference });
  await assert.rejects(createOlder(older, download, { reference: '3' }), /TooManyDistributions/);
  const create = (reference: string) =>
    few.client.call('CreateDistribution', { DistributionConfig: cliForm(reference) });
  await create('3');
  await refused(create('4'), 'TooManyDistributions');
});

test('the defaults are those of the service', () => {
  const expected: Partial<Limits> = {
    distributions: 500,
    'distributions-2010': 100,
    aliases: 100,
    'aliases-2010': 10,
    behaviors: 75,
    origins: 100,
    'origin-groups': 10,
    'staging-distributions': 20,
    'continuous-deployment-policies': 20,
    'tags-of-resource': 50,
    'origin-custom-headers': 30,
    'origin-access-controls': 100,
    'distributions-of-access-control': 100,
    'access-identities': 100,
    'public-keys': 10,
    'public-keys-of-group': 5,
    'key-groups': 10,
    'key-groups-of-behavior': 4,
    'distributions-of-key-group': 100,
    'cache-policies': 20,
    'origin-request-policies': 20,
    'response-headers-policies': 20,
    'distributions-of-policy': 100,
    'policy-names': 10,
    'policy-custom-headers': 10,
    'forwarded-names': 10,
    'invalidation-paths-in-progress': 3_000,
    'invalidation-wildcards-in-progress': 15,
    functions: 100,
    'function-bytes': 10_240,
    'distributions-of-function': 100,
    'key-value-stores': 200,
    'key-value-store-bytes': 5_242_880,
    'functions-of-key-value-store': 100,
    'realtime-log-configs': 150,
    'vpc-origins': 25,
    'distributions-of-vpc-origin': 50,
    'distributions-of-anycast-ip-list': 100,
    'connection-groups-of-anycast-ip-list': 5,
    'field-encryption-configs': 10,
    'field-encryption-profiles': 10,
    'field-encryption-fields': 10,
    'field-encryption-mappings': 5,
    'distributions-of-field-encryption': 20,
    'trust-stores': 20,
    'connection-groups': 100,
  };
  assert.partialDeepStrictEqual(createLimits(), expected);
});
