/** Distributions by the SDK: their whole life, what they are completed to, and every no on the way. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandomness } from '../../src/base/randomness.ts';
import { ApiWorld } from '../harness/api-world.ts';
import { idOf, objectAt, refused } from './calling.ts';
import { cliForm, type Form, terraformForm } from './distribution-forms.ts';
import { type Called, type SdkClient, sdkClient } from './sdk.ts';

let world: ApiWorld;
let client: SdkClient;

before(async () => {
  world = await ApiWorld.start({ clock: systemClock, randomness: systemRandomness });
  client = sdkClient(`http://127.0.0.1:${world.port}`);
});

after(async () => {
  client.close();
  await world.stop();
});

function create(form: Form): Promise<Called> {
  return client.call('CreateDistribution', { DistributionConfig: form });
}

async function deployed(Id: string): Promise<Called> {
  const before = objectAt(await client.call('GetDistribution', { Id }), 'Distribution');
  assert.equal(before['Status'], 'InProgress');
  await world.edgeCatchesUp();
  const read = await client.call('GetDistribution', { Id });
  assert.equal(objectAt(read, 'Distribution')['Status'], 'Deployed');
  return read;
}

async function remove(Id: string): Promise<void> {
  const read = await client.call('GetDistributionConfig', { Id });
  const config = { ...objectAt(read, 'DistributionConfig'), Enabled: false };
  const IfMatch = String(read['ETag']);
  const off = await client.call('UpdateDistribution', { Id, IfMatch, DistributionConfig: config });
  await deployed(Id);
  await client.call('DeleteDistribution', { Id, IfMatch: String(off['ETag']) });
}

/** Every member of `given` stands in `found`, lists of the same items in whatever order. */
function holds(found: unknown, given: unknown, path = ''): void {
  if (Array.isArray(given)) {
    if (given.length === 0) return;
    assert.ok(Array.isArray(found), path);
    if (given.every((item) => typeof item !== 'object')) {
      assert.deepEqual(new Set(found), new Set(given), path);
      return;
    }
    for (const [index, item] of given.entries()) holds(found[index], item, `${path}.${index}`);
    return;
  }
  if (typeof given !== 'object' || given === null) {
    if (given !== '' || found !== undefined) assert.deepEqual(found, given, path);
    return;
  }
  assert.ok(typeof found === 'object' && found !== null, path);
  const members = new Map(Object.entries(found));
  for (const [name, value] of Object.entries(given)) {
    holds(members.get(name), value, `${path}.${name}`);
  }
}

for (const [client_, form] of [
  ['the AWS CLI', cliForm('life-cli')],
  ['Terraform', terraformForm('life-terraform')],
] as const) {
  test(`what ${client_} sends is completed, and written back unchanged it stays as it is`, async () => {
    const made = await create(form);
    const Id = idOf(made, 'Distribution');
    assert.match(String(made['Location']), new RegExp(`/2020-05-31/distribution/${Id}$`));
    assert.equal(
      objectAt(made, 'Distribution')['ARN'],
      `arn:aws:cloudfront::000000000000:distribution/${Id}`,
    );
    const read = await client.call('GetDistributionConfig', { Id });
    const config = objectAt(read, 'DistributionConfig');
    holds(config, form);
    for (const member of ['AllowedMethods', 'TrustedKeyGroups', 'FunctionAssociations']) {
      assert.ok(objectAt(config, 'DefaultCacheBehavior')[member] !== undefined, member);
    }
    const IfMatch = String(read['ETag']);
    const same = await client.call('UpdateDistribution', {
      Id,
      IfMatch,
      DistributionConfig: config,
    });
    assert.notEqual(same['ETag'], IfMatch);
    const again = await client.call('GetDistributionConfig', { Id });
    assert.deepEqual(again['DistributionConfig'], config);
    const whole = objectAt(await deployed(Id), 'Distribution');
    assert.deepEqual(whole['DistributionConfig'], config);
    assert.deepEqual(whole['ActiveTrustedKeyGroups'], { Enabled: false, Quantity: 0 });
    const listed = JSON.stringify(await client.call('ListDistributions', {}));
    assert.ok(listed.includes(Id));
    await remove(Id);
    await refused(client.call('GetDistribution', { Id }), 'NoSuchDistribution');
  });
}

test('a caller reference is used once, whatever comes with it', async () => {
  const Id = idOf(await create(cliForm('twice')), 'Distribution');
  const { message } = await refused(create(cliForm('twice')), 'DistributionAlreadyExists');
  assert.match(message, new RegExp(Id));
  await refused(create(cliForm('twice', { Comment: 'other' })), 'DistributionAlreadyExists');
  await remove(Id);
  await remove(idOf(await create(cliForm('twice')), 'Distribution'));
});

test('If-Match is asked for, and has to be current', async () => {
  const made = await create(cliForm('matching'));
  const Id = idOf(made, 'Distribution');
  const DistributionConfig = cliForm('matching', { Comment: 'next' });
  const update = (IfMatch?: string): Promise<Called> =>
    client.call('UpdateDistribution', { Id, IfMatch, DistributionConfig });
  await refused(update(), 'InvalidIfMatchVersion');
  await refused(update('E00000000WRONG'), 'PreconditionFailed');
  await refused(client.call('DeleteDistribution', { Id }), 'InvalidIfMatchVersion');
  const stale = String(made['ETag']);
  await update(stale);
  await refused(update(stale), 'PreconditionFailed');
  const enabled = await client.call('GetDistributionConfig', { Id });
  const deletion = { Id, IfMatch: String(enabled['ETag']) };
  await refused(client.call('DeleteDistribution', deletion), 'DistributionNotDisabled');
  await remove(Id);
});

test('origins may change, the caller reference may not', async () => {
  const made = await create(cliForm('changing'));
  const Id = idOf(made, 'Distribution');
  const IfMatch = String(made['ETag']);
  const other = { Id, IfMatch, DistributionConfig: cliForm('another') };
  await refused(client.call('UpdateDistribution', other), 'IllegalUpdate');
  const moved = { Id, IfMatch, DistributionConfig: terraformForm('changing') };
  await client.call('UpdateDistribution', moved);
  await remove(Id);
});

test('made with tags, which go with it', async () => {
  const made = await client.call('CreateDistributionWithTags', {
    DistributionConfigWithTags: {
      DistributionConfig: cliForm('tagged'),
      Tags: { Items: [{ Key: 'team', Value: 'web' }] },
    },
  });
  const Resource = String(objectAt(made, 'Distribution')['ARN']);
  const { Tags } = await client.call('ListTagsForResource', { Resource });
  assert.deepEqual(Tags, { Items: [{ Key: 'team', Value: 'web' }] });
  await remove(idOf(made, 'Distribution'));
  await refused(client.call('ListTagsForResource', { Resource }), 'NoSuchResource');
});

const custom = objectAt(cliForm(''), 'Origins');
const [origin] = Array.isArray(custom['Items']) ? custom['Items'] : [];
const behavior = objectAt(cliForm(''), 'DefaultCacheBehavior');
const optimized = '658327ea-f89d-4fab-a63d-7e88639e58f6';

function origins(...changed: readonly Form[]): Form {
  return {
    Origins: { Quantity: changed.length, Items: changed.map((one) => ({ ...origin, ...one })) },
  };
}

function behaving(changed: Form): Form {
  return { DefaultCacheBehavior: { ...behavior, ...changed } };
}

function values(changed: Form): Form {
  const given = objectAt(behavior, 'ForwardedValues');
  return behaving({ ForwardedValues: { ...given, ...changed } });
}

function patterns(...given: readonly string[]): Form {
  const Items = given.map((PathPattern) => ({ ...behavior, PathPattern }));
  return { CacheBehaviors: { Quantity: Items.length, Items } };
}

function errorResponse(given: Form): Form {
  return { CustomErrorResponses: { Quantity: 1, Items: [given] } };
}

const nos: readonly (readonly [string, Form])[] = [
  ['NoSuchOrigin', behaving({ TargetOriginId: 'none' })],
  ['InvalidArgument', origins({}, {})],
  ['InvalidOrigin', origins({ DomainName: 'https://www.example.com' })],
  ['InvalidArgument', origins({ OriginPath: 'site' })],
  ['InvalidArgument', origins({ OriginPath: '/site/' })],
  ['InvalidArgument', origins({ ConnectionAttempts: 4 })],
  ['InvalidArgument', origins({ ConnectionTimeout: 11 })],
  ['IllegalUpdate', origins({ S3OriginConfig: { OriginAccessIdentity: '' } })],
  ['InvalidOriginAccessControl', origins({ OriginAccessControlId: 'E00000000NONE0' })],
  [
    'InvalidArgument',
    origins({
      CustomHeaders: { Quantity: 1, Items: [{ HeaderName: 'Host', HeaderValue: 'x' }] },
    }),
  ],
  ['InvalidArgument', patterns('/a', 'a')],
  ['InvalidArgument', patterns('/a%20b')],
  ['InvalidArgument', behaving({ ForwardedValues: undefined })],
  ['InvalidArgument', behaving({ CachePolicyId: optimized })],
  [
    'NoSuchCachePolicy',
    behaving({ ForwardedValues: undefined, CachePolicyId: 'aaaaaaaa-0000-0000-0000-000000000000' }),
  ],
  ['NoSuchResponseHeadersPolicy', behaving({ ResponseHeadersPolicyId: 'none' })],
  ['InvalidTTLOrder', behaving({ MinTTL: 10, DefaultTTL: 5 })],
  ['InvalidArgument', behaving({ AllowedMethods: { Quantity: 2, Items: ['GET', 'POST'] } })],
  ['InvalidForwardCookies', values({ Cookies: { Forward: 'whitelist' } })],
  ['InvalidArgument', values({ QueryStringCacheKeys: { Quantity: 1, Items: ['a'] } })],
  ['InvalidArgument', values({ Headers: { Quantity: 2, Items: ['*', 'Accept'] } })],
  ['InvalidArgument', behaving({ TrustedSigners: { Enabled: true, Quantity: 0 } })],
  [
    'TrustedKeyGroupDoesNotExist',
    behaving({ TrustedKeyGroups: { Enabled: true, Quantity: 1, Items: ['none'] } }),
  ],
  [
    'InvalidLambdaFunctionAssociation',
    behaving({
      LambdaFunctionAssociations: {
        Quantity: 1,
        Items: [{ LambdaFunctionARN: 'arn:aws:lambda:x:1', EventType: 'viewer-request' }],
      },
    }),
  ],
  ['InvalidDefaultRootObject', { DefaultRootObject: '/index.html' }],
  ['InvalidErrorCode', errorResponse({ ErrorCode: 418 })],
  ['InvalidArgument', errorResponse({ ErrorCode: 404, ResponseCode: '200' })],
  [
    'InvalidResponseCode',
    errorResponse({ ErrorCode: 404, ResponseCode: '201', ResponsePagePath: '/x' }),
  ],
  [
    'InvalidRelativePath',
    errorResponse({ ErrorCode: 404, ResponseCode: '200', ResponsePagePath: 'x' }),
  ],
  ['InvalidArgument', { Aliases: { Quantity: 1, Items: ['not a host'] } }],
  [
    'InvalidGeoRestrictionParameter',
    { Restrictions: { GeoRestriction: { RestrictionType: 'none', Quantity: 1, Items: ['DE'] } } },
  ],
  [
    'InvalidLocationCode',
    {
      Restrictions: {
        GeoRestriction: { RestrictionType: 'blacklist', Quantity: 1, Items: ['DEU'] },
      },
    },
  ],
  ['InvalidWebACLId', { WebACLId: 'mine' }],
  ['InvalidViewerCertificate', { ViewerCertificate: { ACMCertificateArn: 'arn' } }],
  ['InvalidArgument', { Comment: 'c'.repeat(129) }],
  ['InconsistentQuantities', { Aliases: { Quantity: 2, Items: ['a.example.com'] } }],
  ['InvalidArgument', { ConnectionMode: 'tenant-only' }],
];

test('each constraint has its own no, and nothing is made', async () => {
  for (const [index, [code, changed]] of nos.entries()) {
    await refused(create(cliForm(`no-${index}`, changed)), code);
  }
  const list = objectAt(await client.call('ListDistributions', {}), 'DistributionList');
  assert.equal(list['Quantity'], 0);
});

function aliases(...Items: readonly string[]): Form {
  return { Aliases: { Quantity: Items.length, Items } };
}

test('an alias has one owner, and wildcards are aliases too', async () => {
  const one = await create(cliForm('alias-1', aliases('*.example.net', 'Www.Example.net')));
  const read = objectAt(objectAt(one, 'Distribution'), 'DistributionConfig');
  assert.deepEqual(read['Aliases'], { Quantity: 2, Items: ['*.example.net', 'www.example.net'] });
  await refused(create(cliForm('alias-2', aliases('*.example.net'))), 'CNAMEAlreadyExists');
  const two = await create(cliForm('alias-3', aliases('a.example.net')));
  await remove(idOf(one, 'Distribution'));
  await remove(idOf(two, 'Distribution'));
});

test('what a distribution names cannot be deleted, and the refusal names the distribution', async () => {
  const made = await client.call('CreateCachePolicy', {
    CachePolicyConfig: { Name: 'used', MinTTL: 1 },
  });
  const CachePolicyId = idOf(made, 'CachePolicy');
  const form = cliForm('using', {
    DefaultCacheBehavior: {
      TargetOriginId: 'www',
      ViewerProtocolPolicy: 'allow-all',
      CachePolicyId,
    },
  });
  const Id = idOf(await create(form), 'Distribution');
  const deletion = { Id: CachePolicyId, IfMatch: String(made['ETag']) };
  const { message } = await refused(client.call('DeleteCachePolicy', deletion), 'CachePolicyInUse');
  assert.match(message, new RegExp(`distribution ${Id}`));
  await remove(Id);
  await client.call('DeleteCachePolicy', deletion);
});

test('lists come page by page, in order of creation', async () => {
  const made: string[] = [];
  for (let index = 0; index < 5; index += 1) {
    made.push(idOf(await create(cliForm(`page-${index}`)), 'Distribution'));
  }
  const seen: unknown[] = [];
  let Marker: unknown = '';
  for (;;) {
    const answer = await client.call('ListDistributions', { MaxItems: 2, Marker });
    const page = objectAt(answer, 'DistributionList');
    assert.equal(page['Marker'], Marker);
    const items: unknown = page['Items'];
    if (Array.isArray(items)) seen.push(...items.map(({ Id }) => Id));
    if (page['IsTruncated'] === false) break;
    Marker = page['NextMarker'];
  }
  assert.equal(seen.length, made.length);
  assert.deepEqual(new Set(seen), new Set(made));
  for (const id of made) await remove(id);
});
