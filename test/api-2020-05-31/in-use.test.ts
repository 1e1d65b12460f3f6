/**
 * What something uses is not deleted: the code is the one of its kind, the message names the user and
 * the step that comes next, and once that step is done the deletion goes through.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectAt, refused, startWorld } from './calling.ts';
import { cliForm, type Form } from './distribution-forms.ts';
import type { Called } from './sdk.ts';
import { type Specimen, type SpecimenName, specimenNames, Specimens } from './specimens.ts';

const limits = { 'public-keys': 100 };
const started = await startWorld({ limits });
const { client, world } = started;
const specimens = new Specimens(started);

type Use = {
  readonly used: SpecimenName;
  readonly code: string;
  /** The user, of this kind, that names what is used. */
  readonly user: SpecimenName;
  readonly naming: (used: Specimen) => Form;
  /** What has to be done with it before anything can name it. */
  readonly before?: (used: Specimen) => Promise<unknown>;
};

const form: Called = cliForm('');
const behavior = objectAt(form, 'DefaultCacheBehavior');
const { Items: origins } = objectAt(form, 'Origins');
const [origin] = Array.isArray(origins) ? origins : [];
const { ForwardedValues: _values, MinTTL: _minTtl, ...plainBehavior } = behavior;
const optimized = '658327ea-f89d-4fab-a63d-7e88639e58f6';

function behaving(changed: Form): Form {
  return { DefaultCacheBehavior: { ...behavior, ...changed } };
}

function withPolicy(changed: Form): Form {
  return { DefaultCacheBehavior: { ...plainBehavior, CachePolicyId: optimized, ...changed } };
}

function comingFrom(changed: Form): Form {
  const { CustomOriginConfig: _, ...common } = origin;
  return { Origins: { Quantity: 1, Items: [{ ...common, ...changed }] } };
}

const bucket = { DomainName: 'pics.s3.amazonaws.com' };
const allMethods = {
  Quantity: 7,
  Items: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE'],
};

const uses: readonly Use[] = [
  {
    used: 'CachePolicy',
    code: 'CachePolicyInUse',
    user: 'Distribution',
    naming: ({ id }) => withPolicy({ CachePolicyId: id }),
  },
  {
    used: 'OriginRequestPolicy',
    code: 'OriginRequestPolicyInUse',
    user: 'Distribution',
    naming: ({ id }) => withPolicy({ OriginRequestPolicyId: id }),
  },
  {
    used: 'ResponseHeadersPolicy',
    code: 'ResponseHeadersPolicyInUse',
    user: 'Distribution',
    naming: ({ id }) => behaving({ ResponseHeadersPolicyId: id }),
  },
  {
    used: 'OriginAccessControl',
    code: 'OriginAccessControlInUse',
    user: 'Distribution',
    naming: ({ id }) =>
      comingFrom({
        ...bucket,
        S3OriginConfig: { OriginAccessIdentity: '' },
        OriginAccessControlId: id,
      }),
  },
  {
    used: 'CloudFrontOriginAccessIdentity',
    code: 'CloudFrontOriginAccessIdentityInUse',
    user: 'Distribution',
    naming: ({ id }) =>
      comingFrom({
        ...bucket,
        S3OriginConfig: { OriginAccessIdentity: `origin-access-identity/cloudfront/${id}` },
      }),
  },
  {
    used: 'CloudFrontOriginAccessIdentity',
    code: 'CloudFrontOriginAccessIdentityInUse',
    user: 'StreamingDistribution',
    naming: ({ id }) => ({
      S3Origin: {
        DomainName: 'films.s3.amazonaws.com',
        OriginAccessIdentity: `origin-access-identity/cloudfront/${id}`,
      },
    }),
  },
  {
    used: 'KeyGroup',
    code: 'ResourceInUse',
    user: 'Distribution',
    naming: ({ id }) => behaving({ TrustedKeyGroups: { Enabled: true, Quantity: 1, Items: [id] } }),
  },
  {
    used: 'PublicKey',
    code: 'PublicKeyInUse',
    user: 'KeyGroup',
    naming: ({ id }) => ({ Items: [id] }),
  },
  {
    used: 'PublicKey',
    code: 'PublicKeyInUse',
    user: 'FieldLevelEncryptionProfile',
    naming: ({ id: PublicKeyId }) => ({
      EncryptionEntities: {
        Quantity: 1,
        Items: [
          {
            PublicKeyId,
            ProviderId: 'provider',
            FieldPatterns: { Quantity: 1, Items: ['Card*'] },
          },
        ],
      },
    }),
  },
  {
    used: 'FieldLevelEncryptionProfile',
    code: 'FieldLevelEncryptionProfileInUse',
    user: 'FieldLevelEncryptionConfig',
    naming: ({ id: ProfileId }) => ({
      QueryArgProfileConfig: {
        ForwardWhenQueryArgProfileIsUnknown: true,
        QueryArgProfiles: { Quantity: 1, Items: [{ QueryArg: 'a', ProfileId }] },
      },
    }),
  },
  {
    used: 'FieldLevelEncryptionConfig',
    code: 'FieldLevelEncryptionConfigInUse',
    user: 'Distribution',
    naming: ({ id }) => ({
      ...behaving({
        FieldLevelEncryptionId: id,
        ViewerProtocolPolicy: 'https-only',
        AllowedMethods: allMethods,
      }),
      ...comingFrom({
        CustomOriginConfig: { HTTPPort: 80, HTTPSPort: 443, OriginProtocolPolicy: 'https-only' },
      }),
    }),
  },
  {
    used: 'Function',
    code: 'FunctionInUse',
    user: 'Distribution',
    before: ({ etag, target }) => client.call('PublishFunction', { ...target, IfMatch: etag }),
    naming: ({ arn: FunctionARN }) =>
      behaving({
        FunctionAssociations: {
          Quantity: 1,
          Items: [{ EventType: 'viewer-request', FunctionARN }],
        },
      }),
  },
  {
    used: 'ConnectionFunction',
    code: 'CannotDeleteEntityWhileInUse',
    user: 'Distribution',
    before: ({ etag, target }) =>
      client.call('PublishConnectionFunction', { ...target, IfMatch: etag }),
    naming: ({ id }) => ({ ConnectionFunctionAssociation: { Id: id } }),
  },
  {
    used: 'KeyValueStore',
    code: 'CannotDeleteEntityWhileInUse',
    user: 'Function',
    naming: ({ arn: KeyValueStoreARN }) => ({
      FunctionConfig: {
        Comment: '',
        Runtime: 'cloudfront-js-2.0',
        KeyValueStoreAssociations: { Quantity: 1, Items: [{ KeyValueStoreARN }] },
      },
    }),
  },
  {
    used: 'RealtimeLogConfig',
    code: 'RealtimeLogConfigInUse',
    user: 'Distribution',
    naming: ({ arn }) => behaving({ RealtimeLogConfigArn: arn }),
  },
  {
    used: 'VpcOrigin',
    code: 'CannotDeleteEntityWhileInUse',
    user: 'Distribution',
    naming: ({ id: VpcOriginId }) => comingFrom({ VpcOriginConfig: { VpcOriginId } }),
  },
  {
    used: 'ContinuousDeploymentPolicy',
    code: 'ContinuousDeploymentPolicyInUse',
    user: 'Distribution',
    naming: ({ id }) => ({ ContinuousDeploymentPolicyId: id }),
  },
  {
    used: 'AnycastIpList',
    code: 'CannotDeleteEntityWhileInUse',
    user: 'Distribution',
    naming: ({ id }) => ({ AnycastIpListId: id }),
  },
  {
    used: 'AnycastIpList',
    code: 'CannotDeleteEntityWhileInUse',
    user: 'ConnectionGroup',
    naming: ({ id }) => ({ AnycastIpListId: id }),
  },
];

for (const { before, code, naming, used, user } of uses) {
  test(`${used}, named by ${user}: ${code}, and deleted after that`, async () => {
    const one = await specimens.make(used);
    await before?.(one);
    const holder = await specimens.make(user, naming(one));
    await world.edgeCatchesUp();
    const { message } = await refused(remove(used, one), code);
    assert.ok(message.includes(holder.id), message);
    assert.match(message, /Take it out of there first|Remove it from every configuration/);
    await remove(user, holder);
    await world.edgeCatchesUp();
    await remove(used, one);
  });
}

test('a distribution on trial is held by its policy, which the refusal names', async () => {
  const policy = await specimens.make('ContinuousDeploymentPolicy');
  const listed = await client.call('ListDistributions', {});
  const { Items } = objectAt(listed, 'DistributionList');
  assert.ok(Array.isArray(Items));
  const { ETag, Id } = Items.findLast(({ Staging }) => Staging === true);
  await world.edgeCatchesUp();
  const held = client.call('DeleteDistribution', { Id, IfMatch: ETag });
  const { message } = await refused(held, 'StagingDistributionInUse');
  assert.ok(message.includes(policy.id), message);
  await remove('ContinuousDeploymentPolicy', policy);
  await client.call('DeleteDistribution', { Id, IfMatch: ETag });
});

test('what a distribution names changes only as far as that one bears it', async () => {
  const place = await specimens.make('VpcOrigin');
  const { id: VpcOriginId } = place;
  const naming = comingFrom({ VpcOriginConfig: { VpcOriginId } });
  const user = await specimens.make('Distribution', naming);
  const change = { ...place.target, ...place.config, IfMatch: place.etag };
  const held = await refused(
    client.call('UpdateVpcOrigin', change),
    'CannotUpdateEntityWhileInUse',
  );
  assert.ok(held.message.includes(user.id), held.message);

  const control = await specimens.make('OriginAccessControl');
  const signed = comingFrom({
    ...bucket,
    S3OriginConfig: { OriginAccessIdentity: '' },
    OriginAccessControlId: control.id,
  });
  const other = await specimens.make('Distribution', signed);
  const config = objectAt(control.config, 'OriginAccessControlConfig');
  const update = (changed: Form): Promise<Called> =>
    client.call('UpdateOriginAccessControl', {
      ...control.target,
      IfMatch: control.etag,
      OriginAccessControlConfig: { ...config, ...changed },
    });
  const refusal = await refused(
    update({ OriginAccessControlOriginType: 'lambda' }),
    'IllegalUpdate',
  );
  assert.ok(refusal.message.includes(other.id), refusal.message);
  await update({ SigningBehavior: 'never' });
});

/** Held by tenants, or by nothing at all. */
const elsewhere: readonly SpecimenName[] = [
  'Distribution',
  'StreamingDistribution',
  'ConnectionGroup',
  'TrustStore',
];

test('every kind of resource has its place here', () => {
  const known = new Set([...uses.map(({ used }) => used), ...elsewhere]);
  assert.deepEqual(known, new Set(specimenNames));
});

function remove(kind: SpecimenName, { etag, target }: Specimen): Promise<Called> {
  return client.call(`Delete${kind}`, { ...target, IfMatch: etag });
}
