/** Tags, by the SDK: on a distribution, and gone with it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultCredential } from '../../src/api/credentials.ts';
import { configOf } from '../harness/configs.ts';
import { startWorld } from './calling.ts';

const { accountId: account } = defaultCredential;

const { client, world } = await startWorld();
const { distribution: tagged } = await world.control.create(account, 'download', () =>
  configOf('download', 'tagged'),
);
const Resource = `arn:aws:cloudfront::${account}:distribution/${tagged.id}`;

async function tagsNow(): Promise<unknown> {
  const { Tags } = await client.call('ListTagsForResource', { Resource });
  assert.ok(typeof Tags === 'object' && Tags !== null && 'Items' in Tags);
  return Tags.Items;
}

function list(arn: string): Promise<unknown> {
  return client.call('ListTagsForResource', { Resource: arn });
}

test('tags are put on, replaced and taken off, and the distribution keeps its ETag', async () => {
  const id = Resource.split('/').at(-1) ?? '';
  const { distribution: was } = await world.control.find(account, 'download', id);
  assert.deepEqual(await tagsNow(), []);
  const Items = [{ Key: 'team', Value: 'web' }, { Key: 'stage' }];
  await client.call('TagResource', { Resource, Tags: { Items } });
  await client.call('TagResource', { Resource, Tags: { Items: [{ Key: 'team', Value: 'x' }] } });
  assert.deepEqual(await tagsNow(), [
    { Key: 'team', Value: 'x' },
    { Key: 'stage', Value: '' },
  ]);
  await client.call('UntagResource', { Resource, TagKeys: { Items: ['stage', 'unknown'] } });
  assert.deepEqual(await tagsNow(), [{ Key: 'team', Value: 'x' }]);
  const { distribution: is } = await world.control.find(account, 'download', id);
  assert.equal(is.etag, was.etag);
});

test('names of nothing, of another account and of no form are told apart', async () => {
  const nothing = Resource.replace(/[^/]+$/, 'E0000000000000');
  const others = Resource.replace(account, '111122223333');
  await assert.rejects(list(nothing), { name: 'NoSuchResource' });
  await assert.rejects(list(others), { name: 'NoSuchResource' });
  await assert.rejects(list(`${Resource}/x`), { name: 'InvalidArgument' });
});

test('a key twice, a reserved one and one too many are refused, and nothing is put on', async () => {
  const there = await tagsNow();
  const many = Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}`, Value: '' }));
  const wrong = [[{ Key: 'a' }, { Key: 'a' }], [{ Key: 'aws:a' }], many];
  for (const Items of wrong) {
    const call = client.call('TagResource', { Resource, Tags: { Items } });
    await assert.rejects(call, { name: 'InvalidTagging' });
  }
  assert.deepEqual(await tagsNow(), there);
});
