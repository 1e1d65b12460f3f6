/** Invalidations and origin access identities, by the SDK; each is seen by the older version too. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultCredential } from '../../src/api/credentials.ts';
import { configOf } from '../harness/configs.ts';
import { idOf, objectAt, refused, startWorld } from './calling.ts';

const { accountId: account } = defaultCredential;

const { client, world } = await startWorld();
const { distribution } = await world.control.create(account, 'download', () =>
  configOf('download', 'one'),
);
const DistributionId = distribution.id;

function batch(CallerReference: string, ...Items: string[]) {
  const InvalidationBatch = { CallerReference, Paths: { Quantity: Items.length, Items } };
  return { DistributionId, InvalidationBatch };
}

test('an invalidation is Completed when every edge has taken it', async () => {
  const made = await client.call('CreateInvalidation', batch('one', '/a*', '/b?x=1'));
  const Id = idOf(made, 'Invalidation');
  assert.equal(objectAt(made, 'Invalidation')['Status'], 'InProgress');
  assert.match(
    String(made['Location']),
    new RegExp(`/distribution/${DistributionId}/invalidation/${Id}$`),
  );
  const again = await client.call('CreateInvalidation', batch('one', '/b?x=1', '/a*'));
  assert.equal(idOf(again, 'Invalidation'), Id);
  await refused(client.call('CreateInvalidation', batch('one', '/c')), 'InvalidArgument');
  await world.edgeCatchesUp();
  const read = await client.call('GetInvalidation', { DistributionId, Id });
  const invalidation = objectAt(read, 'Invalidation');
  assert.equal(invalidation['Status'], 'Completed');
  assert.deepEqual(invalidation['InvalidationBatch'], {
    CallerReference: 'one',
    Paths: { Quantity: 2, Items: ['/a*', '/b?x=1'] },
  });
});

test('paths are checked, and the newest is listed first', async () => {
  for (const path of ['a', '/ä', '/a b']) {
    await refused(client.call('CreateInvalidation', batch(path, path)), 'InvalidArgument');
  }
  await refused(client.call('CreateInvalidation', batch('none')), 'InvalidArgument');
  const stars = Array.from({ length: 16 }, (_, index) => `/${index}*`);
  const many = client.call('CreateInvalidation', batch('stars', ...stars));
  await refused(many, 'TooManyInvalidationsInProgress');
  const made = await client.call('CreateInvalidation', batch('two', '/c'));
  const listed = await client.call('ListInvalidations', { DistributionId, MaxItems: 1 });
  const list = objectAt(listed, 'InvalidationList');
  assert.ok(Array.isArray(list['Items']));
  const [newest]: unknown[] = list['Items'];
  assert.ok(typeof newest === 'object' && newest !== null && 'Id' in newest);
  assert.equal(newest.Id, idOf(made, 'Invalidation'));
  assert.equal(list['IsTruncated'], true);
  const unknown = client.call('GetInvalidation', { DistributionId, Id: 'I0000000000000' });
  await refused(unknown, 'NoSuchInvalidation');
});

test('an origin access identity: made once, changed under its ETag, deleted', async () => {
  const name = 'CloudFrontOriginAccessIdentity';
  const config = { CallerReference: 'reader', Comment: 'reads' };
  const create = { [`${name}Config`]: config };
  const made = await client.call(`Create${name}`, create);
  const Id = idOf(made, name);
  const again = await client.call(`Create${name}`, create);
  assert.equal(idOf(again, name), Id);
  const other = { [`${name}Config`]: { ...config, Comment: 'other' } };
  await refused(client.call(`Create${name}`, other), `${name}AlreadyExists`);
  assert.match(String(objectAt(made, name)['S3CanonicalUserId']), /^[0-9a-f]{96}$/);

  const IfMatch = String(made['ETag']);
  const changed = await client.call(`Update${name}`, { Id, IfMatch, ...other });
  const read = await client.call(`Get${name}Config`, { Id });
  assert.deepEqual(read[`${name}Config`], { ...config, Comment: 'other' });
  assert.equal(read['ETag'], changed['ETag']);
  await refused(client.call(`Delete${name}`, { Id, IfMatch }), 'PreconditionFailed');
  const listed = objectAt(
    await client.call('ListCloudFrontOriginAccessIdentities', {}),
    'CloudFrontOriginAccessIdentityList',
  );
  assert.equal(listed['Quantity'], 1);
  await world.edgeCatchesUp();
  await client.call(`Delete${name}`, { Id, IfMatch: String(changed['ETag']) });
  await refused(client.call(`Get${name}`, { Id }), 'NoSuchCloudFrontOriginAccessIdentity');
});
