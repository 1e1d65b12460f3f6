/**
 * What something uses is not deleted: the code is the one of its kind, the message names the user and
 * the step that comes next, and once that step is done the deletion goes through.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectAt, refused, startWorld } from './calling.ts';
import type { Form } from './distribution-forms.ts';
import { bucket, comingFrom, namings } from './namings.ts';
import type { Called } from './sdk.ts';
import { type Specimen, type SpecimenName, specimenNames, Specimens } from './specimens.ts';

const limits = { 'public-keys': 100 };
const started = await startWorld({ limits });
const { client, world } = started;
const specimens = new Specimens(started);

const codes: { readonly [Used in SpecimenName]?: string } = {
  CachePolicy: 'CachePolicyInUse',
  OriginRequestPolicy: 'OriginRequestPolicyInUse',
  ResponseHeadersPolicy: 'ResponseHeadersPolicyInUse',
  OriginAccessControl: 'OriginAccessControlInUse',
  CloudFrontOriginAccessIdentity: 'CloudFrontOriginAccessIdentityInUse',
  KeyGroup: 'ResourceInUse',
  PublicKey: 'PublicKeyInUse',
  FieldLevelEncryptionProfile: 'FieldLevelEncryptionProfileInUse',
  FieldLevelEncryptionConfig: 'FieldLevelEncryptionConfigInUse',
  Function: 'FunctionInUse',
  ConnectionFunction: 'CannotDeleteEntityWhileInUse',
  KeyValueStore: 'CannotDeleteEntityWhileInUse',
  RealtimeLogConfig: 'RealtimeLogConfigInUse',
  VpcOrigin: 'CannotDeleteEntityWhileInUse',
  ContinuousDeploymentPolicy: 'ContinuousDeploymentPolicyInUse',
  AnycastIpList: 'CannotDeleteEntityWhileInUse',
  ConnectionGroup: 'CannotDeleteEntityWhileInUse',
};

for (const naming of namings) {
  const { used, user } = naming;
  const code = codes[used] ?? 'no code is known';
  test(`${used}, named by ${user}: ${code}, and deleted after that`, async () => {
    const one = await specimens.makeNameable(naming);
    const holder = await specimens.make(user, naming.configOf(one));
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

/** Held by nothing at all, or by what tests of their own are about. */
const elsewhere: readonly SpecimenName[] = [
  'Distribution',
  'DistributionTenant',
  'StreamingDistribution',
  'TrustStore',
];

test('every kind of resource has its place here', () => {
  const known = new Set([...namings.map(({ used }) => used), ...elsewhere]);
  assert.deepEqual(known, new Set(specimenNames));
});

function remove(kind: SpecimenName, { etag, target }: Specimen): Promise<Called> {
  return client.call(`Delete${kind}`, { ...target, IfMatch: etag });
}
