/**
 * The items of key-value stores, by the SDK of that service, which signs by Version 4A; and the same
 * requests with a wrong secret, an old version, too much.
 */
import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { after, test } from 'node:test';
import * as sdk from '@aws-sdk/client-cloudfront-keyvaluestore';
import '@aws-sdk/signature-v4a';
import { defaultCredential } from '../../src/api/credentials.ts';
import { otherCredential } from '../harness/api-world.ts';
import { objectAt, refused, startWorld } from './calling.ts';

/** The SDK puts the account before the name of the host, and asks for its address. */
function dataClient(credentials: object): sdk.CloudFrontKeyValueStoreClient {
  return new sdk.CloudFrontKeyValueStoreClient({
    endpoint: `http://localhost:${world.port}`,
    region: 'us-east-1',
    credentials: { ...defaultCredential, ...credentials },
    maxAttempts: 1,
    requestHandler: {
      httpAgent: new Agent({
        keepAlive: true,
        lookup: (_host, _options, found) => found(null, [{ address: '127.0.0.1', family: 4 }]),
      }),
    },
  });
}

const { client: control, world } = await startWorld({ limits: { 'key-value-store-bytes': 2_000 } });
const client = dataClient({});
after(() => client.destroy());
const made = await control.call('CreateKeyValueStore', { Name: 'redirects' });
const KvsARN = String(objectAt(made, 'KeyValueStore')['ARN']);

async function etagNow(): Promise<string> {
  const { ETag } = await client.send(new sdk.DescribeKeyValueStoreCommand({ KvsARN }));
  return ETag ?? '';
}

test('items are put, read, listed and deleted, each time under the version of all', async () => {
  const IfMatch = await etagNow();
  const Key = '/alt/ä?b=%2F c';
  const put = await client.send(new sdk.PutKeyCommand({ KvsARN, Key, Value: '/neu', IfMatch }));
  assert.equal(put.ItemCount, 1);
  assert.notEqual(put.ETag, IfMatch);
  const got = await client.send(new sdk.GetKeyCommand({ KvsARN, Key }));
  assert.deepEqual([got.Key, got.Value], [Key, '/neu']);
  assert.equal(got.TotalSizeInBytes, Buffer.byteLength(`${Key}/neu`));

  const stale = client.send(new sdk.DeleteKeyCommand({ KvsARN, Key, IfMatch }));
  const { message } = await refused(stale, 'ConflictException');
  assert.match(message, /the last change was made by PutKey at \d{4}-/);
  const many = await client.send(
    new sdk.UpdateKeysCommand({
      KvsARN,
      IfMatch: await etagNow(),
      Puts: [1, 2, 3].map((one) => ({ Key: `k${one}`, Value: `v${one}` })),
      Deletes: [{ Key }, { Key: 'not there' }],
    }),
  );
  assert.equal(many.ItemCount, 3);
  const first = await client.send(new sdk.ListKeysCommand({ KvsARN, MaxResults: 2 }));
  const { NextToken } = first;
  const second = await client.send(new sdk.ListKeysCommand({ KvsARN, MaxResults: 2, NextToken }));
  const keys = [...(first.Items ?? []), ...(second.Items ?? [])].map((item) => item.Key);
  assert.deepEqual(keys, ['k1', 'k2', 'k3']);
  assert.equal(second.NextToken, undefined);
  await refused(client.send(new sdk.GetKeyCommand({ KvsARN, Key })), 'ResourceNotFoundException');

  const description = await control.call('DescribeKeyValueStore', { Name: 'redirects' });
  assert.notEqual(description['ETag'], await etagNow());
});

test('what does not fit is refused, and nothing of it is kept', async () => {
  const IfMatch = await etagNow();
  const before = await client.send(new sdk.DescribeKeyValueStoreCommand({ KvsARN }));
  const put = (Key: string, Value: string) =>
    client.send(new sdk.PutKeyCommand({ KvsARN, Key, Value, IfMatch }));
  await refused(put('k'.repeat(513), ''), 'ValidationException');
  await refused(put('k', 'v'.repeat(1_025)), 'ValidationException');
  const Puts = [1, 2].map((one) => ({ Key: `big${one}`, Value: 'v'.repeat(1_000) }));
  const full = client.send(new sdk.UpdateKeysCommand({ KvsARN, IfMatch, Puts }));
  await refused(full, 'ServiceQuotaExceededException');
  const none = client.send(new sdk.UpdateKeysCommand({ KvsARN, IfMatch }));
  await refused(none, 'ValidationException');
  const now = await client.send(new sdk.DescribeKeyValueStoreCommand({ KvsARN }));
  assert.deepEqual([now.ItemCount, now.ETag], [before.ItemCount, before.ETag]);
});

test('a wrong secret, another account and a store that is not there', async () => {
  const wrong = dataClient({ secretAccessKey: 'not-the-secret' });
  const asked = wrong.send(new sdk.DescribeKeyValueStoreCommand({ KvsARN }));
  await refused(asked, 'AccessDeniedException');
  wrong.destroy();
  const other = dataClient(otherCredential);
  const others = other.send(new sdk.DescribeKeyValueStoreCommand({ KvsARN }));
  await refused(others, 'ResourceNotFoundException');
  other.destroy();
  const unknown = KvsARN.replace(/[^/]+$/, '00000000-0000-0000-0000-000000000000');
  const none = client.send(new sdk.DescribeKeyValueStoreCommand({ KvsARN: unknown }));
  await refused(none, 'ResourceNotFoundException');
});

test('a store goes with all its items', async () => {
  const { ETag } = await control.call('DescribeKeyValueStore', { Name: 'redirects' });
  const stale = control.call('DeleteKeyValueStore', { Name: 'redirects', IfMatch: 'E00000000000' });
  await refused(stale, 'PreconditionFailed');
  await control.call('DeleteKeyValueStore', { Name: 'redirects', IfMatch: String(ETag) });
  const gone = client.send(new sdk.ListKeysCommand({ KvsARN }));
  await refused(gone, 'ResourceNotFoundException');
});
