/** Distributions by the SDK: their whole life, what they are completed to, and every no on the way. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idOf, objectAt, refused, startWorld } from './calling.ts';
import { createDistribution, removeDistribution } from './distribution-life.ts';
import { cliForm, type Form, terraformForm } from './distribution-forms.ts';
import type { Called } from './sdk.ts';

const started = await startWorld();
const { client, world } = started;

const create = (form: Form): Promise<Called> => createDistribution(started, form);
const remove = (Id: string): Promise<void> => removeDistribution(started, Id);

test('it is deleted once it is disabled and no edge serves it, and refusals say which is next', async () => {
  const made = await create(cliForm('deleting'));
  const Id = idOf(made, 'Distribution');
  const deletion = (etag: unknown): Promise<Called> =>
    client.call('DeleteDistribution', { Id, IfMatch: etag });
  const enabled = await refused(deletion(made['ETag']), 'DistributionNotDisabled');
  assert.match(enabled.message, /Disable it/);
  const DistributionConfig = cliForm('deleting', { Enabled: false });
  const update = { Id, IfMatch: made['ETag'], DistributionConfig };
  const off = await client.call('UpdateDistribution', update);
  const served = await refused(deletion(off['ETag']), 'DistributionNotDisabled');
  assert.match(served.message, /Wait until its status is Deployed/);
  await world.edgeCatchesUp();
  await deletion(off['ETag']);
  await refused(client.call('GetDistribution', { Id }), 'NoSuchDistribution');
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
  ['InvalidViewerCertificate', { ViewerCertificate: { Certificate: 'ASCAEXAMPLE' } }],
  ['InvalidArgument', { Comment: 'c'.repeat(129) }],
  ['InconsistentQuantities', { Aliases: { Quantity: 2, Items: ['a.example.com'] } }],
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

test('an alias moves between two distributions of the account, and conflicts are told', async () => {
  const one = idOf(await create(cliForm('from', aliases('moved.example.net'))), 'Distribution');
  const two = idOf(await create(cliForm('to', aliases('*.example.net'))), 'Distribution');
  const asked = { DistributionId: two, Alias: 'moved.example.net' };
  const { ConflictingAliasesList: conflicts } = await client.call('ListConflictingAliases', asked);
  assert.deepEqual(conflicts, {
    MaxItems: 100,
    Quantity: 1,
    Items: [{ Alias: 'moved.example.net', DistributionId: one, AccountId: '000000000000' }],
  });
  await client.call('AssociateAlias', { TargetDistributionId: two, Alias: 'moved.example.net' });
  for (const [Id, expected] of [
    [one, { Quantity: 0 }],
    [two, { Quantity: 2, Items: ['*.example.net', 'moved.example.net'] }],
  ] as const) {
    const read = await client.call('GetDistributionConfig', { Id });
    assert.deepEqual(objectAt(read, 'DistributionConfig')['Aliases'], expected);
    await remove(Id);
  }
});

test('a copy has all but the aliases', async () => {
  const made = await create(terraformForm('original', aliases('original.example.net')));
  const PrimaryDistributionId = idOf(made, 'Distribution');
  const order = { PrimaryDistributionId, CallerReference: 'copy', Staging: true };
  await refused(client.call('CopyDistribution', order), 'InvalidIfMatchVersion');
  const IfMatch = String(made['ETag']);
  const copy = await client.call('CopyDistribution', { ...order, IfMatch });
  const config = objectAt(objectAt(copy, 'Distribution'), 'DistributionConfig');
  assert.deepEqual(config, {
    ...objectAt(objectAt(made, 'Distribution'), 'DistributionConfig'),
    CallerReference: 'copy',
    Aliases: { Quantity: 0 },
    Staging: true,
  });
  await remove(idOf(copy, 'Distribution'));
  await remove(PrimaryDistributionId);
});

test('distributions are listed by what they name', async () => {
  const Id = idOf(await create(terraformForm('listed')), 'Distribution');
  const one = { Quantity: 1, Items: [Id], IsTruncated: false, Marker: '', MaxItems: 100 };
  for (const [kind, id] of [
    ['CachePolicyId', optimized],
    ['OriginRequestPolicyId', 'b689b0a8-53d0-40ab-baf2-68738e2966ac'],
    ['ResponseHeadersPolicyId', '67f7725c-6f97-4210-82d7-5512b31e9d03'],
  ] as const) {
    const answer = await client.call(`ListDistributionsBy${kind}`, { [kind]: id });
    assert.deepEqual(answer['DistributionIdList'], one, kind);
  }
  const unknown = client.call('ListDistributionsByCachePolicyId', { CachePolicyId: 'none' });
  await refused(unknown, 'NoSuchCachePolicy');
  const WebACLArn =
    'arn:aws:wafv2:us-east-1:000000000000:global/webacl/x/00000000-0000-0000-0000-000000000000';
  const listedBy = async (WebACLId: string): Promise<unknown> =>
    objectAt(await client.call('ListDistributionsByWebACLId', { WebACLId }), 'DistributionList')[
      'Quantity'
    ];
  const IfMatch = String((await client.call('GetDistribution', { Id }))['ETag']);
  assert.equal(await listedBy('null'), 1);
  const named = await client.call('AssociateDistributionWebACL', { Id, IfMatch, WebACLArn });
  assert.deepEqual([await listedBy('null'), await listedBy(WebACLArn)], [0, 1]);
  await client.call('DisassociateDistributionWebACL', { Id, IfMatch: String(named['ETag']) });
  assert.equal(await listedBy('null'), 1);
  await remove(Id);
});

test('a streaming distribution has its life too, and is seen with all its members', async () => {
  const config = {
    CallerReference: 'stream',
    S3Origin: { DomainName: 'pics.s3.amazonaws.com', OriginAccessIdentity: '' },
    Aliases: { Quantity: 1, Items: ['stream.example.net'] },
    Comment: 'c',
    Logging: { Enabled: false, Bucket: '', Prefix: '' },
    TrustedSigners: { Enabled: true, Quantity: 1, Items: ['self'] },
    PriceClass: 'PriceClass_All',
    Enabled: true,
  };
  const make = (): Promise<Called> =>
    client.call('CreateStreamingDistribution', { StreamingDistributionConfig: config });
  const made = await make();
  const Id = idOf(made, 'StreamingDistribution');
  await refused(make(), 'StreamingDistributionAlreadyExists');
  const read = await client.call('GetStreamingDistributionConfig', { Id });
  assert.deepEqual(read['StreamingDistributionConfig'], config);
  const list = await client.call('ListStreamingDistributions', {});
  assert.equal(objectAt(list, 'StreamingDistributionList')['Quantity'], 1);
  const off = await client.call('UpdateStreamingDistribution', {
    Id,
    IfMatch: String(read['ETag']),
    StreamingDistributionConfig: { ...config, Enabled: false },
  });
  await world.edgeCatchesUp();
  await client.call('DeleteStreamingDistribution', { Id, IfMatch: String(off['ETag']) });
  await refused(client.call('GetStreamingDistribution', { Id }), 'NoSuchStreamingDistribution');
});
