/** Distribution tenants by the SDK: their life, their lists, and every no on the way. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idOf, objectAt, refused, startWorld } from './calling.ts';
import { cliForm, type Form, multiTenantForm } from './distribution-forms.ts';
import type { Called } from './sdk.ts';
import { createTenant, multiTenant, tenantForm } from './tenant-life.ts';

const started = await startWorld({
  limits: { 'domains-of-tenant': 3, 'parameters-of-tenant': 2 },
});
const { client, world } = started;
const distribution = await multiTenant(started, 'shop');

const webAcl =
  'arn:aws:wafv2:us-east-1:000000000000:global/webacl/shops/00000000-0000-0000-0000-000000000000';
const certificate = 'arn:aws:acm:us-east-1:000000000000:certificate/abc';

async function read(Identifier: unknown): Promise<Called> {
  return objectAt(await client.call('GetDistributionTenant', { Identifier }), 'DistributionTenant');
}

async function disable(Id: string, IfMatch: string): Promise<string> {
  const off = await client.call('UpdateDistributionTenant', { Id, IfMatch, Enabled: false });
  return String(off['ETag']);
}

async function remove(Id: string, IfMatch: string): Promise<void> {
  const etag = await disable(Id, IfMatch);
  await world.edgeCatchesUp();
  await client.call('DeleteDistributionTenant', { Id, IfMatch: etag });
}

test('one is made whole, and found by id, name, ARN and domain', async () => {
  const Tags = { Items: [{ Key: 'plan', Value: 'gold' }] };
  const Customizations = {
    WebAcl: { Action: 'override', Arn: webAcl },
    Certificate: { Arn: certificate },
    GeoRestrictions: { RestrictionType: 'whitelist', Locations: ['DE', 'FR'] },
  };
  const Domains = [{ Domain: 'Red.example.com' }, { Domain: '*.red.example.com' }];
  const form = tenantForm(distribution, 'red', { Tags, Customizations, Domains });
  const { etag, id, tenant } = await createTenant(started, form);
  assert.match(id, /^dt_[0-9A-Za-z]{27}$/);
  const { Arn, ConnectionGroupId, CreatedTime, LastModifiedTime } = tenant;
  assert.deepEqual(tenant, {
    Id: id,
    Arn,
    Name: 'red',
    DistributionId: distribution,
    Domains: [
      { Domain: 'red.example.com', Status: 'inactive' },
      { Domain: '*.red.example.com', Status: 'inactive' },
    ],
    Parameters: [{ Name: 'site', Value: 'red' }],
    Customizations,
    Tags,
    ConnectionGroupId,
    CreatedTime,
    LastModifiedTime,
    Enabled: true,
    Status: 'InProgress',
  });
  await world.edgeCatchesUp();
  for (const identifier of [id, 'red', Arn]) {
    const found = await read(identifier);
    assert.equal(found['Id'], id);
    assert.equal(found['Status'], 'Deployed');
    assert.deepEqual(found['Domains'], [
      { Domain: 'red.example.com', Status: 'active' },
      { Domain: '*.red.example.com', Status: 'active' },
    ]);
  }
  const by = await client.call('GetDistributionTenantByDomain', { Domain: 'RED.example.com' });
  assert.deepEqual([idOf(by, 'DistributionTenant'), by['ETag']], [id, etag]);
  const unknown = client.call('GetDistributionTenantByDomain', { Domain: 'blue.example.com' });
  await refused(unknown, 'EntityNotFound');
  await refused(client.call('GetDistributionTenant', { Identifier: 'blue' }), 'EntityNotFound');
  await remove(id, etag);
  await refused(client.call('GetDistributionTenant', { Identifier: id }), 'EntityNotFound');
  await refused(client.call('ListTagsForResource', { Resource: Arn }), 'NoSuchResource');
});

test('without a connection group it gets the default one, of which there is one', async () => {
  const first = await createTenant(started, tenantForm(distribution, 'first'));
  const second = await createTenant(started, tenantForm(distribution, 'second'));
  const Identifier = first.tenant['ConnectionGroupId'];
  assert.equal(second.tenant['ConnectionGroupId'], Identifier);
  const found = await client.call('GetConnectionGroup', { Identifier });
  const group = objectAt(found, 'ConnectionGroup');
  assert.equal(group['IsDefault'], true);
  const off = await client.call('UpdateConnectionGroup', {
    Id: Identifier,
    IfMatch: found['ETag'],
    Enabled: false,
  });
  assert.equal(objectAt(off, 'ConnectionGroup')['IsDefault'], true);
  await world.edgeCatchesUp();
  const [domain] = [(await read('first'))['Domains']].flat();
  assert.deepEqual(domain, { Domain: 'first.example.com', Status: 'inactive' });
  const deletion = { Id: Identifier, IfMatch: off['ETag'] };
  const held = client.call('DeleteConnectionGroup', deletion);
  await refused(held, 'CannotDeleteEntityWhileInUse');
  await client.call('UpdateConnectionGroup', { ...deletion, Enabled: true });

  const own = await client.call('CreateConnectionGroup', { Name: 'own', Enabled: false });
  const ownId = idOf(own, 'ConnectionGroup');
  const moved = await client.call('UpdateDistributionTenant', {
    Id: first.id,
    IfMatch: first.etag,
    ConnectionGroupId: ownId,
  });
  assert.equal(objectAt(moved, 'DistributionTenant')['ConnectionGroupId'], ownId);
  const inUse = client.call('DeleteConnectionGroup', { Id: ownId, IfMatch: own['ETag'] });
  const error = await refused(inUse, 'CannotDeleteEntityWhileInUse');
  assert.match(error.message, new RegExp(`distribution-tenant ${first.id}`));
  await remove(first.id, String(moved['ETag']));
  await remove(second.id, second.etag);
  await client.call('DeleteConnectionGroup', { Id: ownId, IfMatch: own['ETag'] });
});

test('an update changes what it says, and domains that it leaves out are free', async () => {
  const { etag, id } = await createTenant(started, tenantForm(distribution, 'grey'));
  const update = { Id: id, IfMatch: etag };
  const Domains = [{ Domain: 'gray.example.com' }];
  const changed = await client.call('UpdateDistributionTenant', { ...update, Domains });
  const tenant = objectAt(changed, 'DistributionTenant');
  assert.deepEqual(tenant['Parameters'], [{ Name: 'site', Value: 'grey' }]);
  assert.notEqual(changed['ETag'], etag);
  await refused(
    client.call('UpdateDistributionTenant', { ...update, Domains }),
    'PreconditionFailed',
  );
  const other = await createTenant(
    started,
    tenantForm(distribution, 'other', { Domains: [{ Domain: 'grey.example.com' }] }),
  );
  const back = { Id: id, IfMatch: changed['ETag'], Domains: [{ Domain: 'grey.example.com' }] };
  await refused(client.call('UpdateDistributionTenant', back), 'CNAMEAlreadyExists');
  await remove(other.id, other.etag);
  const Customizations = { WebAcl: { Action: 'disable' } };
  const own = await client.call('UpdateDistributionTenant', { ...back, Customizations });
  assert.deepEqual(objectAt(own, 'DistributionTenant')['Customizations'], Customizations);
  const kept = await client.call('UpdateDistributionTenant', {
    Id: id,
    IfMatch: own['ETag'],
    Parameters: [
      { Name: 'site', Value: 'grey' },
      { Name: 'folder', Value: 'a/b' },
    ],
  });
  assert.deepEqual(objectAt(kept, 'DistributionTenant')['Customizations'], Customizations);
  const none = { Id: id, IfMatch: kept['ETag'], Customizations: {} };
  const plain = await client.call('UpdateDistributionTenant', none);
  assert.equal(objectAt(plain, 'DistributionTenant')['Customizations'], undefined);
  await remove(id, String(plain['ETag']));
});

const named = (...pairs: readonly (readonly [string, string])[]) => ({
  Parameters: pairs.map(([Name, Value]) => ({ Name, Value })),
});
const domains = (...all: readonly string[]) => ({ Domains: all.map((Domain) => ({ Domain })) });
const customized = (Customizations: Form) => ({ Customizations });

const nos: readonly (readonly [said: string, changed: Form, code: string])[] = [
  ['no such distribution', { DistributionId: 'E00000000000' }, 'EntityNotFound'],
  ['no such connection group', { ConnectionGroupId: 'cg_1' }, 'EntityNotFound'],
  ['no domain', domains(), 'InvalidArgument'],
  ['a domain that is none', domains('-.example.com'), 'InvalidArgument'],
  ['a domain of the service', domains('a.cloudfront.localhost'), 'InvalidArgument'],
  ['too many domains', domains('a.a', 'b.a', 'c.a', 'd.a'), 'EntityLimitExceeded'],
  ['no value that is required', named(), 'InvalidArgument'],
  ['an unknown parameter', named(['site', 'a'], ['color', 'b']), 'InvalidArgument'],
  ['a parameter twice', named(['site', 'a'], ['site', 'b']), 'InvalidArgument'],
  [
    'too many parameters',
    named(['site', 'a'], ['folder', 'b'], ['color', 'c']),
    'EntityLimitExceeded',
  ],
  ['a value that makes no name', named(['site', 'a b']), 'InvalidArgument'],
  ['a value that makes no path', named(['site', 'a'], ['folder', 'b/']), 'InvalidArgument'],
  ['a value that points at itself', named(['site', 'none']), 'InvalidArgument'],
  [
    'an unknown location',
    customized({ GeoRestrictions: { RestrictionType: 'whitelist', Locations: ['DEU'] } }),
    'InvalidArgument',
  ],
  [
    'a restriction to nothing',
    customized({ GeoRestrictions: { RestrictionType: 'blacklist' } }),
    'InvalidArgument',
  ],
  ['a web ACL without a name', customized({ WebAcl: { Action: 'override' } }), 'InvalidArgument'],
  [
    'a web ACL that is disabled',
    customized({ WebAcl: { Action: 'disable', Arn: webAcl } }),
    'InvalidArgument',
  ],
  [
    'a certificate elsewhere',
    customized({ Certificate: { Arn: 'arn:aws:acm:eu-west-1:000000000000:certificate/a' } }),
    'InvalidArgument',
  ],
  [
    'a certificate for another domain',
    { ManagedCertificateRequest: { ValidationTokenHost: 'cloudfront', PrimaryDomainName: 'a.a' } },
    'InvalidArgument',
  ],
  ['a name that is none', { Name: '-no-' }, 'MalformedXML'],
  ['reserved tags', { Tags: { Items: [{ Key: 'aws:a', Value: '' }] } }, 'InvalidTagging'],
];

for (const [said, changed, code] of nos) {
  test(`refused: ${said}`, async () => {
    const form = tenantForm(distribution, 'none', {
      Domains: [{ Domain: 'none.origin.example.com' }],
      ...named(['site', 'yes']),
      ...changed,
    });
    await refused(client.call('CreateDistributionTenant', form), code);
    await refused(client.call('GetDistributionTenant', { Identifier: 'none' }), 'EntityNotFound');
  });
}

test('a distribution that viewers reach directly has no tenants', async () => {
  const made = await client.call('CreateDistribution', { DistributionConfig: cliForm('direct') });
  const form = tenantForm(idOf(made, 'Distribution'), 'lost', named());
  await refused(client.call('CreateDistributionTenant', form), 'InvalidAssociation');
});

test('names are of one tenant, domains of one tenant or distribution', async () => {
  const { etag, id } = await createTenant(started, tenantForm(distribution, 'taken'));
  const again = tenantForm(distribution, 'taken', domains('else.example.com'));
  const error = await refused(
    client.call('CreateDistributionTenant', again),
    'EntityAlreadyExists',
  );
  assert.match(error.message, new RegExp(id));
  const same = tenantForm(distribution, 'new', domains('TAKEN.example.com'));
  await refused(client.call('CreateDistributionTenant', same), 'CNAMEAlreadyExists');
  const aliased = (reference: string, alias: string) =>
    client.call('CreateDistribution', {
      DistributionConfig: cliForm(reference, { Aliases: { Quantity: 1, Items: [alias] } }),
    });
  await refused(aliased('taken', 'taken.example.com'), 'CNAMEAlreadyExists');
  await aliased('free', 'alias.example.com');
  const alias = tenantForm(distribution, 'new', domains('alias.example.com'));
  await refused(client.call('CreateDistributionTenant', alias), 'CNAMEAlreadyExists');
  await remove(id, etag);
});

test('one is disabled everywhere before it is deleted', async () => {
  const { etag, id } = await createTenant(started, tenantForm(distribution, 'going'));
  await world.edgeCatchesUp();
  const enabled = client.call('DeleteDistributionTenant', { Id: id, IfMatch: etag });
  await refused(enabled, 'ResourceNotDisabled');
  const IfMatch = await disable(id, etag);
  const early = client.call('DeleteDistributionTenant', { Id: id, IfMatch });
  assert.match((await refused(early, 'ResourceNotDisabled')).message, /not every edge/);
  const stale = client.call('DeleteDistributionTenant', { Id: id, IfMatch: etag });
  await refused(stale, 'PreconditionFailed');
  await world.edgeCatchesUp();
  await client.call('DeleteDistributionTenant', { Id: id, IfMatch });
});

test('a distribution keeps fitting its tenants, and is kept while it has some', async () => {
  const Id = await multiTenant(started, 'fitting');
  const { etag, id } = await createTenant(started, tenantForm(Id, 'fits'));
  const before = await client.call('GetDistributionConfig', { Id });
  const config = objectAt(before, 'DistributionConfig');
  const update = (changed: Form, IfMatch = before['ETag']) =>
    client.call('UpdateDistribution', {
      Id,
      IfMatch,
      DistributionConfig: { ...config, ...changed },
    });
  const asking = multiTenantForm('fitting', {
    TenantConfig: {
      ParameterDefinitions: ['site', 'folder', 'color'].map((Name) => ({
        Name,
        Definition: { StringSchema: { Required: Name !== 'folder' } },
      })),
    },
  });
  const { TenantConfig } = asking;
  const error = await refused(update({ TenantConfig }), 'IllegalUpdate');
  assert.match(error.message, new RegExp(`${id}.*color`));
  const off = await update({ Enabled: false });
  await world.edgeCatchesUp();
  const [domain] = [(await read(id))['Domains']].flat();
  assert.deepEqual(domain, { Domain: 'fits.example.com', Status: 'inactive' });
  const deletion = { Id, IfMatch: off['ETag'] };
  const inUse = await refused(client.call('DeleteDistribution', deletion), 'ResourceInUse');
  assert.match(inUse.message, new RegExp(`distribution-tenant ${id}`));
  await remove(id, etag);
  await client.call('DeleteDistribution', deletion);
});

test('a web ACL is set and taken off by itself', async () => {
  const { etag, id } = await createTenant(started, tenantForm(distribution, 'guarded'));
  const set = { Id: id, IfMatch: etag, WebACLArn: webAcl };
  const guarded = await client.call('AssociateDistributionTenantWebACL', set);
  assert.deepEqual(guarded, { Id: id, WebACLArn: webAcl, ETag: guarded['ETag'] });
  const WebAcl = { Action: 'override', Arn: webAcl };
  assert.deepEqual((await read(id))['Customizations'], { WebAcl });
  await refused(client.call('AssociateDistributionTenantWebACL', set), 'PreconditionFailed');
  const wrong = { Id: id, IfMatch: guarded['ETag'], WebACLArn: 'acl' };
  await refused(client.call('AssociateDistributionTenantWebACL', wrong), 'InvalidArgument');
  await refused(
    client.call('DisassociateDistributionTenantWebACL', { Id: id }),
    'InvalidIfMatchVersion',
  );
  const off = { Id: id, IfMatch: guarded['ETag'] };
  const plain = await client.call('DisassociateDistributionTenantWebACL', off);
  assert.equal((await read(id))['Customizations'], undefined);
  await remove(id, String(plain['ETag']));
});

test('a managed certificate is issued at once, under a name that stays', async () => {
  const ManagedCertificateRequest = {
    ValidationTokenHost: 'self-hosted',
    PrimaryDomainName: 'secure.example.com',
    CertificateTransparencyLoggingPreference: 'disabled',
  };
  const form = tenantForm(distribution, 'secure', { ManagedCertificateRequest });
  const { etag, id } = await createTenant(started, form);
  const details = async (Identifier: string) =>
    objectAt(
      await client.call('GetManagedCertificateDetails', { Identifier }),
      'ManagedCertificateDetails',
    );
  const first = await details(id);
  assert.match(
    String(first['CertificateArn']),
    /^arn:aws:acm:us-east-1:\d{12}:certificate\/[\da-f-]{36}$/,
  );
  assert.deepEqual(first, {
    CertificateArn: first['CertificateArn'],
    CertificateStatus: 'issued',
    ValidationTokenHost: 'self-hosted',
    ValidationTokenDetails: [{ Domain: 'secure.example.com' }],
  });
  const changed = await client.call('UpdateDistributionTenant', {
    Id: id,
    IfMatch: etag,
    Customizations: { Certificate: { Arn: first['CertificateArn'] } },
  });
  assert.deepEqual(await details('secure'), first);
  await remove(id, String(changed['ETag']));
  const plain = await createTenant(started, tenantForm(distribution, 'plain'));
  await refused(details(plain.id), 'EntityNotFound');
  await remove(plain.id, plain.etag);
});

async function pages(operation: string, input: Form): Promise<readonly unknown[]> {
  const ids: unknown[] = [];
  let Marker: unknown;
  do {
    const page = await client.call(operation, { ...input, MaxItems: 2, Marker });
    const list = page['DistributionTenantList'];
    assert.ok(Array.isArray(list) && list.length <= 2);
    ids.push(...list.map(({ Id }) => Id));
    Marker = page['NextMarker'];
  } while (Marker !== undefined);
  return ids;
}

function list(AssociationFilter?: Form): Promise<readonly unknown[]> {
  return pages('ListDistributionTenants', { AssociationFilter });
}

function by(input: Form): Promise<readonly unknown[]> {
  return pages('ListDistributionTenantsByCustomization', input);
}

test('lists come page by page, of a distribution, of a group, and by customization', async () => {
  const other = await multiTenant(started, 'lists');
  const group = await client.call('CreateConnectionGroup', { Name: 'listed' });
  const ConnectionGroupId = idOf(group, 'ConnectionGroup');
  const ids: string[] = [];
  for (const [index, of] of [distribution, other, other, distribution, other].entries()) {
    const Customizations = {
      ...(index > 0 && { WebAcl: { Action: 'override', Arn: webAcl } }),
      ...(index % 2 === 0 && { Certificate: { Arn: certificate } }),
    };
    const grouped = index < 3 ? { ConnectionGroupId } : {};
    const form = tenantForm(of, `listed-${index}`, { Customizations, ...grouped });
    ids.push((await createTenant(started, form)).id);
  }
  const at = (...indexes: readonly number[]) => indexes.map((index) => ids[index]);
  assert.deepEqual(await list(), ids);
  assert.deepEqual(await list({ DistributionId: other }), at(1, 2, 4));
  assert.deepEqual(await list({ ConnectionGroupId }), at(0, 1, 2));
  assert.deepEqual(await list({ ConnectionGroupId, DistributionId: distribution }), at(0));
  await refused(list({ DistributionId: 'E00000000000' }), 'EntityNotFound');
  await refused(list({ ConnectionGroupId: 'cg_1' }), 'EntityNotFound');
  assert.deepEqual(await by({ WebACLArn: webAcl }), at(1, 2, 3, 4));
  assert.deepEqual(await by({ CertificateArn: certificate }), at(0, 2, 4));
  assert.deepEqual(await by({ CertificateArn: certificate, WebACLArn: webAcl }), at(2, 4));
  await refused(by({}), 'InvalidArgument');
  const lost = client.call('ListDistributionTenants', { Marker: 'dt_1' });
  await refused(lost, 'InvalidArgument');
  await refused(client.call('ListDistributionTenants', { MaxItems: 0 }), 'InvalidArgument');
});
