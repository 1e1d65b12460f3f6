/** Multi-tenant distributions by the SDK: what they say of their tenants, and what not beside it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idOf, objectAt, refused, startWorld } from './calling.ts';
import type { Form } from './distribution-forms.ts';
import { multiTenantForm } from './distribution-forms.ts';
import type { Called } from './sdk.ts';

const { client } = await startWorld({ limits: { 'multi-tenant-distributions': 3 } });

function create(DistributionConfig: Form): Promise<Called> {
  return client.call('CreateDistribution', { DistributionConfig });
}

test('parameters stand in origins and come back as they were given', async () => {
  const form = multiTenantForm('round');
  const made = await create(form);
  const Id = idOf(made, 'Distribution');
  const read = await client.call('GetDistributionConfig', { Id });
  const config = objectAt(read, 'DistributionConfig');
  assert.equal(config['ConnectionMode'], 'tenant-only');
  assert.deepEqual(config['TenantConfig'], form['TenantConfig']);
  assert.equal(config['PriceClass'], 'None');
  assert.equal(config['IsIPV6Enabled'], false);
  const IfMatch = String(read['ETag']);
  const again = await client.call('UpdateDistribution', {
    Id,
    IfMatch,
    DistributionConfig: config,
  });
  assert.deepEqual(objectAt(objectAt(again, 'Distribution'), 'DistributionConfig'), config);

  for (const [ConnectionMode, quantity] of [
    ['tenant-only', 1],
    ['direct', 0],
  ] as const) {
    const listed = await client.call('ListDistributionsByConnectionMode', { ConnectionMode });
    assert.equal(objectAt(listed, 'DistributionList')['Quantity'], quantity);
  }
  const direct = { ...config, ConnectionMode: 'direct', TenantConfig: undefined };
  const update = { Id, IfMatch: String(again['ETag']), DistributionConfig: direct };
  // Its placeholders are no names of origins any more, so they go first.
  const Origins = {
    Quantity: 1,
    Items: [
      {
        Id: 'www',
        DomainName: 'www.example.com',
        S3OriginConfig: undefined,
        CustomOriginConfig: { HTTPPort: 80, HTTPSPort: 443, OriginProtocolPolicy: 'http-only' },
      },
    ],
  };
  await refused(
    client.call('UpdateDistribution', { ...update, DistributionConfig: { ...direct, Origins } }),
    'IllegalUpdate',
  );
});

const parameters = (...names: readonly string[]) => ({
  ParameterDefinitions: names.map((Name) => ({
    Name,
    Definition: { StringSchema: { Required: true } },
  })),
});

const wrongs: readonly (readonly [said: string, changed: Form, code: string])[] = [
  ['aliases', { Aliases: { Quantity: 1, Items: ['www.example.com'] } }, 'InvalidArgument'],
  ['IPv6', { IsIPV6Enabled: true }, 'InvalidArgument'],
  ['staging', { Staging: true }, 'InvalidArgument'],
  ['a continuous deployment policy', { ContinuousDeploymentPolicyId: 'one' }, 'InvalidArgument'],
  ['a list of addresses', { AnycastIpListId: 'aip_1' }, 'InvalidArgument'],
  ['parameters without tenants', { ConnectionMode: 'direct' }, 'InvalidArgument'],
  ['a placeholder that is not defined', { TenantConfig: parameters('site') }, 'InvalidArgument'],
  ['a parameter twice', { TenantConfig: parameters('site', 'folder', 'site') }, 'InvalidArgument'],
  [
    'too many parameters',
    { TenantConfig: parameters('site', 'folder', 'a', 'b', 'c', 'd') },
    'EntityLimitExceeded',
  ],
  [
    'a definition without a schema',
    { TenantConfig: { ParameterDefinitions: [{ Name: 'site', Definition: {} }] } },
    'InvalidArgument',
  ],
];

for (const [said, changed, code] of wrongs) {
  test(`refused: ${said}`, async () => {
    await refused(create(multiTenantForm('wrong', changed)), code);
  });
}

const origins: readonly (readonly [said: string, domain: string, path: string, code: string])[] = [
  ['three parameters in a name', '{{site}}.{{site}}.{{folder}}', '', 'EntityLimitExceeded'],
  ['a name that no value makes one', '{{site}}..example.com', '', 'InvalidOrigin'],
  ['a path that no value makes one', '{{site}}.example.com', '{{folder}}', 'InvalidArgument'],
  ['braces that are no parameter', '{{site}.example.com', '', 'InvalidOrigin'],
];

for (const [said, domain, path, code] of origins) {
  test(`refused: ${said}`, async () => {
    const form = multiTenantForm('wrong', {}, { DomainName: domain, OriginPath: path });
    await refused(create(form), code);
  });
}

test('an account has so many of them and no more, and others beside', async () => {
  await create(multiTenantForm('second'));
  await create(multiTenantForm('third'));
  await refused(create(multiTenantForm('fourth')), 'EntityLimitExceeded');
  await create({
    ...multiTenantForm('beside', {}, { DomainName: 'www.example.com', OriginPath: '' }),
    ConnectionMode: 'direct',
    TenantConfig: undefined,
  });
});
