/** Domains by the SDK: moved between distributions and tenants, and in each other's way. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idOf, objectAt, refused, startWorld } from './calling.ts';
import { cliForm, type Form } from './distribution-forms.ts';
import { createTenant, multiTenant, tenantForm } from './tenant-life.ts';

const asked: (readonly [name: string, target: string])[] = [];
const started = await startWorld({
  limits: { 'domains-of-tenant': 2 },
  async pointingOf(name, target) {
    asked.push([name, target]);
    if (name.startsWith('there')) return { kind: 'there' };
    return { kind: name.startsWith('lost') ? 'unknown' : 'elsewhere', why: 'it is so' };
  },
});
const { client } = started;
const shop = await multiTenant(started, 'shop');

type Made = { readonly id: string; readonly etag: string };

async function direct(reference: string, Enabled: boolean, ...aliases: string[]): Promise<Made> {
  const Aliases = { Quantity: aliases.length, Items: aliases };
  const DistributionConfig = cliForm(reference, { Aliases, Enabled });
  const made = await client.call('CreateDistribution', { DistributionConfig });
  return { id: idOf(made, 'Distribution'), etag: String(made['ETag']) };
}

function tenant(name: string, Enabled: boolean, ...domains: string[]): Promise<Made> {
  const Domains = domains.map((Domain) => ({ Domain }));
  return createTenant(started, tenantForm(shop, name, { Domains, Enabled }));
}

function move(Domain: string, TargetResource: Form, IfMatch: string | undefined) {
  return client.call('UpdateDomainAssociation', { Domain, TargetResource, IfMatch });
}

async function aliasesOf(Id: string): Promise<unknown> {
  const read = await client.call('GetDistributionConfig', { Id });
  return objectAt(objectAt(read, 'DistributionConfig'), 'Aliases')['Items'];
}

async function domainsOf(Identifier: string): Promise<readonly unknown[]> {
  const read = await client.call('GetDistributionTenant', { Identifier });
  const { Domains } = objectAt(read, 'DistributionTenant');
  assert.ok(Array.isArray(Domains));
  return Domains.map(({ Domain }) => Domain);
}

test('a domain moves from a distribution to a tenant, to another tenant, and back', async () => {
  const from = await direct('from', false, 'moves.example.com', 'stays.example.com');
  const first = await tenant('first', false, 'first.example.com');
  const second = await tenant('second', true, 'second.example.com');

  const moved = await move('Moves.example.com', { DistributionTenantId: first.id }, first.etag);
  assert.deepEqual(moved, {
    Domain: 'moves.example.com',
    ResourceId: first.id,
    ETag: moved['ETag'],
  });
  assert.notEqual(moved['ETag'], first.etag);
  assert.deepEqual(await aliasesOf(from.id), ['stays.example.com']);
  assert.deepEqual(await domainsOf(first.id), ['first.example.com', 'moves.example.com']);

  const on = await move('moves.example.com', { DistributionTenantId: second.id }, second.etag);
  assert.deepEqual(await domainsOf(first.id), ['first.example.com']);
  const enabled = move('moves.example.com', { DistributionId: from.id }, undefined);
  await refused(enabled, 'InvalidIfMatchVersion');
  const { ETag } = await client.call('GetDistribution', { Id: from.id });
  const early = move('moves.example.com', { DistributionId: from.id }, String(ETag));
  const error = await refused(early, 'IllegalUpdate');
  assert.match(error.message, new RegExp(`distribution tenant ${second.id}, which is enabled`));
  const update = { Id: second.id, IfMatch: on['ETag'], Enabled: false };
  await client.call('UpdateDistributionTenant', update);
  const back = await move('moves.example.com', { DistributionId: from.id }, String(ETag));
  assert.deepEqual(await aliasesOf(from.id), ['stays.example.com', 'moves.example.com']);
  // It is there already.
  const again = await move('moves.example.com', { DistributionId: from.id }, String(back['ETag']));
  assert.equal(again['ETag'], back['ETag']);
});

test('a tenant may lose its last domain, and takes no more than it may have', async () => {
  const only = await tenant('only', false, 'only.example.com');
  const full = await tenant('full', false, 'full-1.example.com', 'full-2.example.com');
  const over = move('only.example.com', { DistributionTenantId: full.id }, full.etag);
  await refused(over, 'InvalidArgument');
  const to = await direct('takes', true);
  await move('only.example.com', { DistributionId: to.id }, to.etag);
  assert.deepEqual(await domainsOf(only.id), []);
});

test('each no of a move', async () => {
  const { etag, id } = await direct('target', true);
  await direct('source', true, 'enabled.example.com');
  const target = { DistributionId: id };
  await refused(move('nobodys.example.com', target, etag), 'EntityNotFound');
  await refused(move('enabled.example.com', target, 'E0000000000000'), 'PreconditionFailed');
  await refused(move('enabled.example.com', target, etag), 'IllegalUpdate');
  await refused(move('enabled.example.com', {}, etag), 'InvalidArgument');
  const both = { DistributionId: id, DistributionTenantId: 'dt_1' };
  await refused(move('enabled.example.com', both, etag), 'InvalidArgument');
  const gone = { DistributionTenantId: 'dt_1' };
  await refused(move('enabled.example.com', gone, etag), 'EntityNotFound');
  await direct('off', false, 'off.example.com');
  const { ETag } = await client.call('GetDistribution', { Id: shop });
  const tenants = move('off.example.com', { DistributionId: shop }, String(ETag));
  await refused(tenants, 'InvalidArgument');
});

test('a domain of a tenant is no alias that AssociateAlias moves', async () => {
  const { id } = await tenant('owner', false, 'owned.example.com');
  const { id: TargetDistributionId } = await direct('wants', true);
  const given = { TargetDistributionId, Alias: 'owned.example.com' };
  const error = await refused(client.call('AssociateAlias', given), 'IllegalUpdate');
  assert.match(error.message, new RegExp(id));
});

async function conflicts(Domain: string, resource: Form): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  let Marker: unknown;
  do {
    const page = await client.call('ListDomainConflicts', {
      Domain,
      DomainControlValidationResource: resource,
      MaxItems: 1,
      Marker,
    });
    assert.ok(Array.isArray(page['DomainConflicts']));
    found.push(
      ...page['DomainConflicts'].map((one) => [one.Domain, one.ResourceType, one.ResourceId]),
    );
    Marker = page['NextMarker'];
  } while (Marker !== undefined);
  return found;
}

test('conflicts are told page by page, over distributions and tenants', async () => {
  const self = await tenant('self', true, 'www.conflict.example');
  const wild = await direct('wild', true, '*.conflict.example');
  const deep = await tenant('deep', true, 'a.b.conflict.example');
  const mine = { DistributionTenantId: self.id };
  const wildcard = ['*.conflict.example', 'distribution', wild.id];
  const below = ['a.b.conflict.example', 'distribution-tenant', deep.id];
  assert.deepEqual(await conflicts('www.conflict.example', mine), [wildcard]);
  assert.deepEqual(await conflicts('*.conflict.example', mine), [wildcard, below]);
  assert.deepEqual(await conflicts('*.conflict.example', { DistributionId: wild.id }), [
    below,
    ['www.conflict.example', 'distribution-tenant', self.id],
  ]);
  assert.deepEqual(await conflicts('free.example', mine), []);
  await refused(conflicts('free.example', { DistributionId: 'E00000000000' }), 'EntityNotFound');
  await refused(conflicts('free.example', {}), 'InvalidArgument');
});

test('each domain of a tenant is looked up, and meant to lead to its connection group', async () => {
  const { id } = await tenant('verified', true, 'there.example.com', 'else.example.com');
  const { DistributionTenant } = await client.call('GetDistributionTenant', { Identifier: id });
  const Identifier = objectAt({ DistributionTenant }, 'DistributionTenant')['ConnectionGroupId'];
  const group = await client.call('GetConnectionGroup', { Identifier });
  const endpoint = String(objectAt(group, 'ConnectionGroup')['RoutingEndpoint']);
  const verified = await client.call('VerifyDnsConfiguration', { Identifier: 'verified' });
  const elsewhere = {
    Domain: 'else.example.com',
    Status: 'invalid-configuration',
    Reason: 'it is so',
  };
  assert.deepEqual(verified['DnsConfigurationList'], [
    { Domain: 'there.example.com', Status: 'valid-configuration' },
    elsewhere,
  ]);
  assert.deepEqual(asked, [
    ['there.example.com', endpoint],
    ['else.example.com', endpoint],
  ]);
  const one = { Identifier: id, Domain: 'ELSE.example.com' };
  const single = await client.call('VerifyDnsConfiguration', one);
  assert.deepEqual(single['DnsConfigurationList'], [elsewhere]);
  const { id: lost } = await tenant('lost', true, 'lost.example.com');
  const unknown = await client.call('VerifyDnsConfiguration', { Identifier: lost });
  assert.deepEqual(unknown['DnsConfigurationList'], [
    { Domain: 'lost.example.com', Status: 'unknown-configuration', Reason: 'it is so' },
  ]);
  const foreign = client.call('VerifyDnsConfiguration', { Identifier: id, Domain: 'a.a' });
  await refused(foreign, 'InvalidArgument');
  const none = client.call('VerifyDnsConfiguration', { Identifier: 'dt_1' });
  await refused(none, 'EntityNotFound');
});
