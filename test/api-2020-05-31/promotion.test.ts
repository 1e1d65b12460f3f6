/** A trial by the SDK: a copy on trial beside its primary distribution, promoted, and taken down again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idOf, objectAt, refused, startWorld } from './calling.ts';
import { cliForm, type Form } from './distribution-forms.ts';
import type { Called } from './sdk.ts';

const { client, world } = await startWorld();

type Trial = { readonly primary: string; readonly staging: string; readonly policy: string };

function configOf(id: string): Promise<Called> {
  return client.call('GetDistributionConfig', { Id: id });
}

async function etagOf(id: string): Promise<string> {
  return String((await configOf(id))['ETag']);
}

async function update(id: string, changed: Form): Promise<Called> {
  const read = await configOf(id);
  const DistributionConfig = { ...objectAt(read, 'DistributionConfig'), ...changed };
  return client.call('UpdateDistribution', {
    Id: id,
    IfMatch: String(read['ETag']),
    DistributionConfig,
  });
}

/** A primary distribution whose policy has a copy of it on trial. */
async function trial(reference: string): Promise<Trial> {
  const form = cliForm(reference, {
    Aliases: { Quantity: 1, Items: [`${reference}.example.com`] },
  });
  const made = await client.call('CreateDistribution', { DistributionConfig: form });
  const primary = idOf(made, 'Distribution');
  const copy = await client.call('CopyDistribution', {
    PrimaryDistributionId: primary,
    IfMatch: String(made['ETag']),
    Staging: true,
    CallerReference: `${reference}-staging`,
    Enabled: true,
  });
  const name = String(objectAt(copy, 'Distribution')['DomainName']);
  const created = await client.call('CreateContinuousDeploymentPolicy', {
    ContinuousDeploymentPolicyConfig: {
      StagingDistributionDnsNames: { Quantity: 1, Items: [name] },
      Enabled: true,
      TrafficConfig: { Type: 'SingleWeight', SingleWeightConfig: { Weight: 0.1 } },
    },
  });
  const policy = idOf(created, 'ContinuousDeploymentPolicy');
  await update(primary, { ContinuousDeploymentPolicyId: policy });
  return { primary, staging: idOf(copy, 'Distribution'), policy };
}

async function promotion({ primary, staging }: Trial): Promise<Form> {
  const IfMatch = `${await etagOf(primary)}, ${await etagOf(staging)}`;
  return { Id: primary, StagingDistributionId: staging, IfMatch };
}

test('what was on trial becomes what the primary distribution is; the trial ends', async () => {
  const all = await trial('promoted');
  await update(all.staging, { DefaultRootObject: 'new.html', Comment: 'the new one' });
  const given = await promotion(all);
  const promoted = await client.call('UpdateDistributionWithStagingConfig', given);
  const distribution = objectAt(promoted, 'Distribution');
  assert.equal(distribution['Status'], 'InProgress');
  const config = objectAt(distribution, 'DistributionConfig');
  assert.equal(config['DefaultRootObject'], 'new.html');
  assert.equal(config['Comment'], 'the new one');
  assert.deepEqual(config['Aliases'], { Quantity: 1, Items: ['promoted.example.com'] });
  assert.equal(config['ContinuousDeploymentPolicyId'], all.policy);
  assert.equal(config['CallerReference'], 'promoted');
  assert.equal(config['Staging'], false);
  assert.equal(promoted['ETag'], await etagOf(all.primary));
  const read = await client.call('GetContinuousDeploymentPolicyConfig', { Id: all.policy });
  assert.equal(objectAt(read, 'ContinuousDeploymentPolicyConfig')['Enabled'], false);
  // The old ETag is dead.
  await refused(client.call('UpdateDistributionWithStagingConfig', given), 'PreconditionFailed');
  await world.edgeCatchesUp();
  const later = await client.call('GetDistribution', { Id: all.primary });
  assert.equal(objectAt(later, 'Distribution')['Status'], 'Deployed');
});

test('a trial that is switched off switches no primary distribution off', async () => {
  const all = await trial('off');
  await update(all.staging, { Enabled: false });
  const { StagingDistributionId: _, ...found } = await promotion(all);
  const promoted = await client.call('UpdateDistributionWithStagingConfig', found);
  const config = objectAt(objectAt(promoted, 'Distribution'), 'DistributionConfig');
  assert.equal(config['Enabled'], true);
});

test('both ETags are asked for, the primary one first', async () => {
  const all = await trial('etags');
  const given = await promotion(all);
  const [primary, staging] = String(given['IfMatch']).split(', ');
  for (const [IfMatch, code] of [
    [undefined, 'InvalidIfMatchVersion'],
    [primary, 'InvalidIfMatchVersion'],
    [`${primary},`, 'InvalidIfMatchVersion'],
    [`${primary}, ${staging}, ${staging}`, 'InvalidIfMatchVersion'],
    [`${staging}, ${primary}`, 'PreconditionFailed'],
    [`${primary}, E0000000000000`, 'PreconditionFailed'],
  ] as const) {
    const call = client.call('UpdateDistributionWithStagingConfig', { ...given, IfMatch });
    await refused(call, code);
  }
  const quoted = `"${primary}","${staging}"`;
  await client.call('UpdateDistributionWithStagingConfig', { ...given, IfMatch: quoted });
});

test('only a staging distribution is promoted, and only the one on trial there', async () => {
  const all = await trial('mine');
  const other = await trial('theirs');
  const given = await promotion(all);
  const promote = (changed: Form) =>
    client.call('UpdateDistributionWithStagingConfig', { ...given, ...changed });
  await refused(promote({ StagingDistributionId: 'E00000000000' }), 'NoSuchDistribution');
  await refused(promote({ StagingDistributionId: other.primary }), 'InvalidArgument');
  await refused(promote({ StagingDistributionId: other.staging }), 'IllegalUpdate');
  await refused(
    promote({ Id: other.staging, StagingDistributionId: undefined }),
    'InvalidArgument',
  );
});

test('on trial, a distribution changes in what is tried and in nothing else', async () => {
  const all = await trial('limited');
  const error = await refused(
    update(all.staging, { PriceClass: 'PriceClass_100' }),
    'IllegalUpdate',
  );
  assert.match(error.message, /not supported for continuous deployment/);
  await refused(update(all.staging, { HttpVersion: 'http1.1' }), 'IllegalUpdate');
  await refused(update(all.staging, { Staging: false }), 'IllegalUpdate');
  await update(all.staging, {
    Comment: 'tried',
    CustomErrorResponses: { Quantity: 1, Items: [{ ErrorCode: 404, ErrorCachingMinTTL: 1 }] },
  });
});

test('a policy is there, of one primary distribution, and without HTTP/3', async () => {
  const all = await trial('single');
  const other = await client.call('CreateDistribution', { DistributionConfig: cliForm('another') });
  const id = idOf(other, 'Distribution');
  const unknown = update(id, { ContinuousDeploymentPolicyId: 'none-of-them' });
  await refused(unknown, 'NoSuchContinuousDeploymentPolicy');
  const taken = update(id, { ContinuousDeploymentPolicyId: all.policy });
  const error = await refused(taken, 'ContinuousDeploymentPolicyInUse');
  assert.match(error.message, new RegExp(`distribution ${all.primary}`));
  await refused(update(all.primary, { HttpVersion: 'http2and3' }), 'InvalidArgument');
  await refused(update(all.staging, { ContinuousDeploymentPolicyId: all.policy }), 'IllegalUpdate');
});

test('what takes part in a trial is deleted in the order of the trial', async () => {
  const { policy, primary, staging } = await trial('order');
  const policyRead = await client.call('GetContinuousDeploymentPolicy', { Id: policy });
  const policyDeletion = { Id: policy, IfMatch: String(policyRead['ETag']) };
  const early = client.call('DeleteContinuousDeploymentPolicy', policyDeletion);
  const inUse = await refused(early, 'ContinuousDeploymentPolicyInUse');
  assert.match(inUse.message, new RegExp(`distribution ${primary}`));

  await update(staging, { Enabled: false });
  await world.edgeCatchesUp();
  const onTrial = client.call('DeleteDistribution', {
    Id: staging,
    IfMatch: await etagOf(staging),
  });
  const held = await refused(onTrial, 'StagingDistributionInUse');
  assert.match(held.message, new RegExp(policy));

  await update(primary, { ContinuousDeploymentPolicyId: '' });
  await client.call('DeleteContinuousDeploymentPolicy', policyDeletion);
  await client.call('DeleteDistribution', { Id: staging, IfMatch: await etagOf(staging) });
  await refused(configOf(staging), 'NoSuchDistribution');
});
