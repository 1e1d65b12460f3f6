/** Continuous deployment policies, by the SDK, over a distribution on trial. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultCredential } from '../../src/api/credentials.ts';
import { configOf } from '../harness/configs.ts';
import { idOf, refused, startWorld } from './calling.ts';

const { accountId: account } = defaultCredential;

const { client, world } = await startWorld();
const staging = await domainOf('staging', true);
const primary = await domainOf('primary', false);

async function domainOf(reference: string, isStaging: boolean): Promise<string> {
  const config = configOf('download', reference, { staging: isStaging });
  const made = await world.control.create(account, 'download', () => config);
  return made.distribution.domainName;
}

function policy(name: string, TrafficConfig?: object) {
  const StagingDistributionDnsNames = { Quantity: 1, Items: [name] };
  const config = { StagingDistributionDnsNames, Enabled: true, TrafficConfig };
  return { ContinuousDeploymentPolicyConfig: config };
}

const weight = {
  Type: 'SingleWeight',
  SingleWeightConfig: {
    Weight: 0.05,
    SessionStickinessConfig: { IdleTTL: 300, MaximumTTL: 600 },
  },
};
const header = {
  Type: 'SingleHeader',
  SingleHeaderConfig: { Header: 'aws-cf-cd-trial', Value: 'yes' },
};

test('a policy: created, read as it was given, changed under its ETag, deleted', async () => {
  const made = await client.call('CreateContinuousDeploymentPolicy', policy(staging, weight));
  const Id = idOf(made, 'ContinuousDeploymentPolicy');
  const read = await client.call('GetContinuousDeploymentPolicyConfig', { Id });
  const { ContinuousDeploymentPolicyConfig: given } = policy(staging, weight);
  assert.deepEqual(read['ContinuousDeploymentPolicyConfig'], given);
  await refused(
    client.call('CreateContinuousDeploymentPolicy', policy(staging)),
    'StagingDistributionInUse',
  );
  const target = { Id, IfMatch: String(made['ETag']) };
  const changed = await client.call('UpdateContinuousDeploymentPolicy', {
    ...target,
    ...policy(staging, header),
  });
  await refused(client.call('DeleteContinuousDeploymentPolicy', target), 'PreconditionFailed');
  await client.call('DeleteContinuousDeploymentPolicy', { Id, IfMatch: String(changed['ETag']) });
  const gone = client.call('GetContinuousDeploymentPolicy', { Id });
  await refused(gone, 'NoSuchContinuousDeploymentPolicy');
});

const wrongs: readonly (readonly [said: string, traffic: object])[] = [
  ['a share that is too large', { ...weight, SingleWeightConfig: { Weight: 0.2 } }],
  [
    'times in the wrong order',
    {
      ...weight,
      SingleWeightConfig: {
        Weight: 0.1,
        SessionStickinessConfig: { IdleTTL: 600, MaximumTTL: 300 },
      },
    },
  ],
  [
    'a field of another name',
    { ...header, SingleHeaderConfig: { Header: 'x-trial', Value: 'yes' } },
  ],
  ['no configuration of its type', { Type: 'SingleHeader' }],
];

for (const [said, traffic] of wrongs) {
  test(`refused: ${said}`, async () => {
    const call = client.call('CreateContinuousDeploymentPolicy', policy(staging, traffic));
    await refused(call, 'InvalidArgument');
  });
}

test('refused: the name of a distribution that is not on trial', async () => {
  const call = client.call('CreateContinuousDeploymentPolicy', policy(primary, weight));
  await refused(call, 'InvalidArgument');
});
