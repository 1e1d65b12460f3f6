/** Policies, keys and access controls, by the SDK: their whole life, and every no on the way. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { idOf, objectAt, refused, startWorld } from './calling.ts';

const { client } = await startWorld();

function publicKey(): string {
  const { publicKey: key } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return String(key.export({ type: 'spki', format: 'pem' }));
}

type Kind = {
  /** As operations are named after it. */
  readonly name: string;
  readonly plural: string;
  /** Of a config that the name makes its own. */
  readonly config: (name: string) => object;
  readonly changed: object;
  readonly exists: string;
  readonly noSuch: string;
};

const selections = {
  CookiesConfig: { CookieBehavior: 'whitelist', Cookies: { Quantity: 1, Items: ['session'] } },
  QueryStringsConfig: { QueryStringBehavior: 'all' },
};

const kinds: readonly Kind[] = [
  {
    name: 'CachePolicy',
    plural: 'CachePolicies',
    config: (name) => ({
      Name: name,
      Comment: 'a comment',
      MinTTL: 1,
      ParametersInCacheKeyAndForwardedToOrigin: {
        ...selections,
        EnableAcceptEncodingGzip: true,
        EnableAcceptEncodingBrotli: true,
        HeadersConfig: { HeaderBehavior: 'whitelist', Headers: { Quantity: 1, Items: ['Accept'] } },
      },
    }),
    changed: { MinTTL: 5 },
    exists: 'CachePolicyAlreadyExists',
    noSuch: 'NoSuchCachePolicy',
  },
  {
    name: 'OriginRequestPolicy',
    plural: 'OriginRequestPolicies',
    config: (name) => ({
      Name: name,
      ...selections,
      HeadersConfig: { HeaderBehavior: 'allExcept', Headers: { Quantity: 1, Items: ['host'] } },
    }),
    changed: { Comment: 'another comment' },
    exists: 'OriginRequestPolicyAlreadyExists',
    noSuch: 'NoSuchOriginRequestPolicy',
  },
  {
    name: 'ResponseHeadersPolicy',
    plural: 'ResponseHeadersPolicies',
    config: (name) => ({
      Name: name,
      CustomHeadersConfig: {
        Quantity: 1,
        Items: [{ Header: 'X-Said', Value: '', Override: true }],
      },
      ServerTimingHeadersConfig: { Enabled: true, SamplingRate: 12.5 },
    }),
    changed: { Comment: 'another comment' },
    exists: 'ResponseHeadersPolicyAlreadyExists',
    noSuch: 'NoSuchResponseHeadersPolicy',
  },
  {
    name: 'OriginAccessControl',
    plural: 'OriginAccessControls',
    config: (name) => ({
      Name: name,
      SigningProtocol: 'sigv4',
      SigningBehavior: 'always',
      OriginAccessControlOriginType: 's3',
    }),
    changed: { Description: 'a description' },
    exists: 'OriginAccessControlAlreadyExists',
    noSuch: 'NoSuchOriginAccessControl',
  },
  {
    name: 'PublicKey',
    plural: 'PublicKeys',
    config: (name) => ({ Name: name, CallerReference: name, EncodedKey: publicKey() }),
    changed: { Comment: 'a comment' },
    exists: 'PublicKeyAlreadyExists',
    noSuch: 'NoSuchPublicKey',
  },
];

for (const { changed, config, exists, name, noSuch, plural } of kinds) {
  test(`${name}: created, read, listed, changed under its ETag, deleted`, async () => {
    const given = config('one');
    const made = await client.call(`Create${name}`, { [`${name}Config`]: given });
    const Id = idOf(made, name);
    const etag = String(made['ETag']);
    assert.match(String(made['Location']), new RegExp(`/${Id}$`));
    await refused(client.call(`Create${name}`, { [`${name}Config`]: given }), exists);

    const read = await client.call(`Get${name}Config`, { Id });
    assert.equal(read['ETag'], etag);
    const complete = objectAt(read, `${name}Config`);
    for (const [member, value] of Object.entries(given)) {
      assert.deepEqual(complete[member], value, member);
    }
    // Read, written back unchanged, read: nothing has moved.
    const same = await client.call(`Update${name}`, {
      Id,
      IfMatch: etag,
      [`${name}Config`]: complete,
    });
    assert.notEqual(same['ETag'], etag);
    const again = await client.call(`Get${name}Config`, { Id });
    assert.deepEqual(objectAt(again, `${name}Config`), complete);

    const next = { ...complete, ...changed };
    const stale = client.call(`Update${name}`, { Id, IfMatch: etag, [`${name}Config`]: next });
    await refused(stale, 'PreconditionFailed');
    await refused(client.call(`Delete${name}`, { Id }), 'InvalidIfMatchVersion');
    const IfMatch = String(again['ETag']);
    const replaced = await client.call(`Update${name}`, { Id, IfMatch, [`${name}Config`]: next });

    const listed = await client.call(`List${plural}`, { MaxItems: 100 });
    assert.ok(JSON.stringify(listed).includes(Id));
    await client.call(`Delete${name}`, { Id, IfMatch: String(replaced['ETag']) });
    await refused(client.call(`Get${name}`, { Id }), noSuch);
  });
}

test('a key group names its keys, and they cannot go while it does', async () => {
  const made = await client.call('CreatePublicKey', {
    PublicKeyConfig: { Name: 'signer', CallerReference: 'signer', EncodedKey: publicKey() },
  });
  const keyId = idOf(made, 'PublicKey');
  const unknown = { KeyGroupConfig: { Name: 'team', Items: ['K0000000000000'] } };
  await refused(client.call('CreateKeyGroup', unknown), 'InvalidArgument');
  const group = await client.call('CreateKeyGroup', {
    KeyGroupConfig: { Name: 'team', Items: [keyId] },
  });
  const deletion = { Id: keyId, IfMatch: String(made['ETag']) };
  const error = await refused(client.call('DeletePublicKey', deletion), 'PublicKeyInUse');
  assert.match(error.message, /key-group/);
  await client.call('DeleteKeyGroup', {
    Id: idOf(group, 'KeyGroup'),
    IfMatch: String(group['ETag']),
  });
  await client.call('DeletePublicKey', deletion);
});

test('managed policies are there for every account, and stay as they are', async () => {
  const Id = '658327ea-f89d-4fab-a63d-7e88639e58f6';
  const found = await client.call('GetCachePolicy', { Id });
  const config = objectAt(objectAt(found, 'CachePolicy'), 'CachePolicyConfig');
  assert.equal(config['Name'], 'Managed-CachingOptimized');
  const IfMatch = String(found['ETag']);
  const update = client.call('UpdateCachePolicy', { Id, IfMatch, CachePolicyConfig: config });
  await refused(update, 'IllegalUpdate');
  await refused(client.call('DeleteCachePolicy', { Id, IfMatch }), 'IllegalDelete');
  const managed = await client.call('ListCachePolicies', { Type: 'managed' });
  assert.equal(objectAt(managed, 'CachePolicyList')['Quantity'], 11);
});

test('lists come page by page', async () => {
  const seen: unknown[] = [];
  let marker: unknown;
  do {
    const page = objectAt(
      await client.call('ListOriginRequestPolicies', { MaxItems: 3, Marker: marker }),
      'OriginRequestPolicyList',
    );
    seen.push(page['Items']);
    marker = page['NextMarker'];
  } while (marker !== undefined);
  assert.equal(seen.length, 3);
  assert.equal(seen.flat().length, 8);
});

test('all that is wrong with a request is told at once', async () => {
  const wrong = client.call('CreateOriginAccessControl', {
    OriginAccessControlConfig: { Name: 'x', SigningProtocol: 'sigv9', SigningBehavior: 'maybe' },
  });
  const { message } = await refused(wrong, 'MalformedXML');
  assert.match(message, /^3 validation errors detected: /);
  assert.match(
    message,
    /'sigv9' at 'originAccessControlConfig\.signingProtocol' failed to satisfy/,
  );
  assert.match(message, /null at 'originAccessControlConfig\.originAccessControlOriginType'/);
});
