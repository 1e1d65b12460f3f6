/**
 * What Terraform's provider calls for a distribution (API 2020-05-31, section 4.19): applied and waited for,
 * planned without drift, changed with its tags though somebody else was faster, and destroyed until it is
 * gone; alone, with what it names, and in continuous deployment.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectAt, refused, startWorld } from './calling.ts';
import { holds, isCompleteAnswer } from './complete.ts';
import { type Form, terraformForm, terraformShortForm } from './distribution-forms.ts';
import { namingOf } from './namings.ts';
import type { Called } from './sdk.ts';
import { type SpecimenName, Specimens } from './specimens.ts';

const started = await startWorld();
const { client, world } = started;
const specimens = new Specimens(started);

async function call(operation: string, input: Form): Promise<Called> {
  const answer = await client.call(operation, input);
  isCompleteAnswer(operation, answer);
  return answer;
}

type Tag = { readonly Key: string; readonly Value: string };
type State = { readonly Id: string; readonly ARN: string; readonly ETag: string };

/** Reads as the provider does after each change, compares, and reads again as the next plan does. */
async function planned(Id: string, form: Form, tags: readonly Tag[]): Promise<State> {
  const answer = await call('GetDistribution', { Id });
  const distribution = objectAt(answer, 'Distribution');
  holds(objectAt(distribution, 'DistributionConfig'), form);
  const ARN = String(distribution['ARN']);
  const { Tags } = await call('ListTagsForResource', { Resource: ARN });
  assert.deepEqual(Tags, { Items: tags });
  assert.deepEqual(await call('GetDistribution', { Id }), answer);
  return { Id, ARN, ETag: String(answer['ETag']) };
}

/** Polls while the edge lags, and once more when it has come as far. */
async function waitedFor(Id: string): Promise<void> {
  const status = async (): Promise<unknown> =>
    objectAt(await call('GetDistribution', { Id }), 'Distribution')['Status'];
  assert.equal(await status(), 'InProgress');
  assert.equal(await status(), 'InProgress');
  await world.edgeCatchesUp();
  assert.equal(await status(), 'Deployed');
}

async function applied(form: Form, tags: readonly Tag[]): Promise<State> {
  const made = await call('CreateDistributionWithTags', {
    DistributionConfigWithTags: { DistributionConfig: form, Tags: { Items: tags } },
  });
  const Id = String(objectAt(made, 'Distribution')['Id']);
  await waitedFor(Id);
  const state = await planned(Id, form, tags);
  assert.equal(state.ETag, made['ETag']);
  return state;
}

/** Once more with a fresh ETag where the one of the state is not current. */
async function updated(
  { ETag, Id }: State,
  DistributionConfig: Form,
): Promise<'at once' | 'again'> {
  try {
    await call('UpdateDistribution', { Id, IfMatch: ETag, DistributionConfig });
    return 'at once';
  } catch (error) {
    assert.ok(error instanceof Error && error.name === 'PreconditionFailed', String(error));
    const fresh = await call('GetDistribution', { Id });
    await call('UpdateDistribution', { Id, IfMatch: fresh['ETag'], DistributionConfig });
    return 'again';
  } finally {
    await waitedFor(Id);
  }
}

async function destroyed({ Id }: State): Promise<void> {
  const read = await call('GetDistribution', { Id });
  const config = objectAt(objectAt(read, 'Distribution'), 'DistributionConfig');
  const off = await call('UpdateDistribution', {
    Id,
    IfMatch: read['ETag'],
    DistributionConfig: { ...config, Enabled: false },
  });
  const deletion = { Id, IfMatch: off['ETag'] };
  await refused(client.call('DeleteDistribution', deletion), 'DistributionNotDisabled');
  await waitedFor(Id);
  await client.call('DeleteDistribution', deletion);
  await refused(client.call('GetDistribution', { Id }), 'NoSuchDistribution');
  await refused(client.call('DeleteDistribution', deletion), 'NoSuchDistribution');
  // It waits for half a minute before it asks whether that is gone; by then edges have heard of it.
  await world.edgeCatchesUp();
}

const team = { Key: 'team', Value: 'web' };

for (const [said, form] of [
  ['a short configuration', terraformShortForm('terraform-short')],
  ['a long configuration', terraformForm('terraform-long')],
] as const) {
  test(`${said}: applied, planned, changed, planned and destroyed`, async () => {
    const state = await applied(form, []);
    const changed = {
      ...form,
      Comment: 'changed',
      CustomErrorResponses: {
        Quantity: 1,
        Items: [{ ErrorCode: 404, ResponsePagePath: '', ResponseCode: '', ErrorCachingMinTTL: 30 }],
      },
      HttpVersion: 'http2and3',
      IsIPV6Enabled: true,
      PriceClass: 'PriceClass_200',
    };
    assert.equal(await updated(state, changed), 'at once');
    await client.call('TagResource', { Resource: state.ARN, Tags: { Items: [team] } });
    const then = await planned(state.Id, changed, [team]);
    assert.notEqual(then.ETag, state.ETag);
    await client.call('UntagResource', { Resource: state.ARN, TagKeys: { Items: ['team'] } });
    const last = await planned(state.Id, changed, []);
    assert.equal(last.ETag, then.ETag);
    await destroyed(last);
  });
}

test('an update after somebody else was faster is made once more, under a fresh ETag', async () => {
  const form = terraformShortForm('terraform-retried');
  const state = await applied(form, [team]);
  const theirs = { ...form, Comment: 'by hand' };
  await call('UpdateDistribution', {
    Id: state.Id,
    IfMatch: state.ETag,
    DistributionConfig: theirs,
  });
  const ours = { ...form, Comment: 'by Terraform' };
  assert.equal(await updated(state, ours), 'again');
  await destroyed(await planned(state.Id, ours, [team]));
});

/** What one module makes beside a distribution, and destroys after it. */
const beside: readonly SpecimenName[] = [
  'CachePolicy',
  'OriginRequestPolicy',
  'ResponseHeadersPolicy',
  'OriginAccessControl',
  'CloudFrontOriginAccessIdentity',
  'KeyGroup',
  'Function',
  'RealtimeLogConfig',
  'FieldLevelEncryptionConfig',
  'VpcOrigin',
];

for (const kind of beside) {
  test(`with ${kind}: destroyed in the order of what names what`, async () => {
    const naming = namingOf(kind, 'Distribution');
    const one = await specimens.makeNameable(naming);
    const own = naming.configOf(one);
    const target = targetOf(own);
    const form = terraformShortForm(
      `with-${kind}`,
      target === undefined ? own : { ...own, ...target },
    );
    const state = await applied(form, []);
    await destroyed(state);
    await client.call(`Delete${kind}`, { ...one.target, IfMatch: one.etag });
  });
}

/** Where the change is of behaviors alone, they are of the origin that the change is of. */
function targetOf(changed: Form): Form | undefined {
  const { DefaultCacheBehavior: behavior, Origins: origins } = changed;
  const { Origins: usual, DefaultCacheBehavior: plain } = terraformShortForm('');
  if (origins !== undefined && behavior !== undefined) return undefined;
  if (behavior !== undefined) {
    return {
      DefaultCacheBehavior: { ...objectOf(behavior), TargetOriginId: 'bucket' },
      Origins: usual,
    };
  }
  return { DefaultCacheBehavior: { ...objectOf(plain), TargetOriginId: 'www' } };
}

function objectOf(value: unknown): Form {
  assert.ok(typeof value === 'object' && value !== null);
  return { ...value };
}

test('in continuous deployment: staging, policy and primary, destroyed in the other order', async () => {
  const staging = await applied(terraformShortForm('staging', { Staging: true }), []);
  const read = await call('GetDistribution', { Id: staging.Id });
  const name = objectAt(read, 'Distribution')['DomainName'];
  const made = await call('CreateContinuousDeploymentPolicy', {
    ContinuousDeploymentPolicyConfig: {
      Enabled: true,
      StagingDistributionDnsNames: { Quantity: 1, Items: [name] },
      TrafficConfig: {
        Type: 'SingleHeader',
        SingleHeaderConfig: { Header: 'aws-cf-cd-example', Value: 'example' },
      },
    },
  });
  const { Id: ContinuousDeploymentPolicyId } = objectAt(made, 'ContinuousDeploymentPolicy');
  const form = terraformShortForm('primary', { ContinuousDeploymentPolicyId });
  const primary = await applied(form, []);

  const policy = { Id: ContinuousDeploymentPolicyId, IfMatch: made['ETag'] };
  const held = client.call('DeleteContinuousDeploymentPolicy', policy);
  await refused(held, 'ContinuousDeploymentPolicyInUse');
  const detached = { ...form, ContinuousDeploymentPolicyId: '' };
  assert.equal(await updated(primary, detached), 'at once');
  const first = await call('GetContinuousDeploymentPolicy', { Id: policy.Id });
  assert.deepEqual(await call('GetContinuousDeploymentPolicy', { Id: policy.Id }), first);
  await client.call('DeleteContinuousDeploymentPolicy', policy);
  const gone = client.call('GetContinuousDeploymentPolicy', { Id: policy.Id });
  await refused(gone, 'NoSuchContinuousDeploymentPolicy');
  await destroyed(staging);
  await destroyed(primary);
});
