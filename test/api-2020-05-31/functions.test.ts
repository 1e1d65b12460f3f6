/** Functions, and connection functions, by the SDK: two stages, each under an ETag of its own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectAt, refused, startWorld } from './calling.ts';
import type { Called } from './sdk.ts';

const code = Buffer.from('function handler(event) { return event.request; }\n');
const FunctionConfig = { Comment: 'a comment', Runtime: 'cloudfront-js-2.0' };

const { client } = await startWorld();

/** Name of an operation → what both kinds of functions call things. */
const kinds = [
  {
    said: 'a function',
    suffix: 'Function',
    list: 'ListFunctions',
    code: 'FunctionCode',
    config: 'FunctionConfig',
    summary: 'FunctionSummary',
    noSuch: 'NoSuchFunctionExists',
    exists: 'FunctionAlreadyExists',
    read: (_summary: Called, name: string) => ({ Name: name }),
    write: (_summary: Called, name: string) => ({ Name: name }),
    itemsOf: (listed: Called) => objectAt(listed, 'FunctionList')['Items'],
  },
  {
    said: 'a connection function',
    suffix: 'ConnectionFunction',
    list: 'ListConnectionFunctions',
    code: 'ConnectionFunctionCode',
    config: 'ConnectionFunctionConfig',
    summary: 'ConnectionFunctionSummary',
    noSuch: 'EntityNotFound',
    exists: 'EntityAlreadyExists',
    read: (summary: Called) => ({ Identifier: summary['ConnectionFunctionArn'] }),
    write: (summary: Called) => ({ Id: summary['Id'] }),
    itemsOf: (listed: Called) => listed['ConnectionFunctions'],
  },
] as const;

for (const kind of kinds) {
  test(`${kind.said}: created, published, changed, published again, deleted`, async () => {
    const create = { Name: 'rewrite', [kind.config]: FunctionConfig, [kind.code]: code };
    const made = await client.call(`Create${kind.suffix}`, create);
    const summary = objectAt(made, kind.summary);
    assert.equal(summary['Status'], 'UNPUBLISHED');
    await refused(client.call(`Create${kind.suffix}`, create), kind.exists);
    const read = kind.read(summary, 'rewrite');
    const target = kind.write(summary, 'rewrite');

    const live = client.call(`Describe${kind.suffix}`, { ...read, Stage: 'LIVE' });
    await refused(live, kind.noSuch);
    const got = await client.call(`Get${kind.suffix}`, read);
    assert.deepEqual(Buffer.from(bytesOf(got[kind.code])), code);
    assert.equal(got['ETag'], made['ETag']);

    await refused(
      client.call(`Publish${kind.suffix}`, { ...target, IfMatch: 'E0000000000000' }),
      'PreconditionFailed',
    );
    const publication = { ...target, IfMatch: String(made['ETag']) };
    const published = await client.call(`Publish${kind.suffix}`, publication);
    assert.equal(objectAt(published, kind.summary)['Status'], 'UNASSOCIATED');

    const next = Buffer.concat([code, Buffer.from('// more\n')]);
    const changed = await client.call(`Update${kind.suffix}`, {
      ...target,
      IfMatch: String(made['ETag']),
      [kind.config]: FunctionConfig,
      [kind.code]: next,
    });
    assert.notEqual(changed['ETag'], made['ETag']);
    const still = await client.call(`Get${kind.suffix}`, { ...read, Stage: 'LIVE' });
    assert.deepEqual(Buffer.from(bytesOf(still[kind.code])), code);
    assert.notEqual(still['ETag'], made['ETag']);

    await client.call(`Publish${kind.suffix}`, { ...target, IfMatch: String(changed['ETag']) });
    const then = await client.call(`Get${kind.suffix}`, { ...read, Stage: 'LIVE' });
    assert.deepEqual(Buffer.from(bytesOf(then[kind.code])), next);

    const both = kind.itemsOf(await client.call(kind.list, {}));
    const one = kind.itemsOf(await client.call(kind.list, { Stage: 'LIVE' }));
    assert.ok(Array.isArray(both) && Array.isArray(one));
    assert.deepEqual([both.length, one.length], [2, 1]);

    const deletion = { ...target, IfMatch: String(changed['ETag']) };
    await client.call(`Delete${kind.suffix}`, deletion);
    await refused(client.call(`Describe${kind.suffix}`, read), kind.noSuch);
  });
}

test('lists of stages come page by page', async () => {
  for (const Name of ['one', 'two']) {
    const made = await client.call('CreateFunction', { Name, FunctionConfig, FunctionCode: code });
    await client.call('PublishFunction', { Name, IfMatch: String(made['ETag']) });
  }
  const seen: unknown[] = [];
  let Marker: unknown;
  do {
    const page = objectAt(
      await client.call('ListFunctions', { MaxItems: 3, Marker }),
      'FunctionList',
    );
    assert.ok(Array.isArray(page['Items']));
    seen.push(...page['Items']);
    Marker = page['NextMarker'];
  } while (Marker !== undefined);
  assert.equal(seen.length, 4);
});

test('code that is too long is refused, and a store that is read is there and stays', async () => {
  const long = { Name: 'long', FunctionConfig, FunctionCode: Buffer.alloc(10_241, 'a') };
  await refused(client.call('CreateFunction', long), 'FunctionSizeLimitExceeded');

  const store = objectAt(
    await client.call('CreateKeyValueStore', { Name: 'redirects' }),
    'KeyValueStore',
  );
  const arn = String(store['ARN']);
  const unknown = arn.replace(String(store['Id']), '00000000-0000-0000-0000-000000000000');
  await refused(client.call('CreateFunction', reading(unknown)), 'EntityNotFound');
  const old = client.call('CreateFunction', reading(arn, 'cloudfront-js-1.0'));
  await refused(old, 'InvalidArgument');
  await client.call('CreateFunction', reading(arn));

  const described = await client.call('DescribeKeyValueStore', { Name: 'redirects' });
  const deletion = { Name: 'redirects', IfMatch: String(described['ETag']) };
  const kept = client.call('DeleteKeyValueStore', deletion);
  const error = await refused(kept, 'CannotDeleteEntityWhileInUse');
  assert.match(error.message, /function reader/);
});

function reading(KeyValueStoreARN: unknown, Runtime = 'cloudfront-js-2.0'): object {
  return {
    Name: 'reader',
    FunctionCode: code,
    FunctionConfig: {
      Comment: '',
      Runtime,
      KeyValueStoreAssociations: { Quantity: 1, Items: [{ KeyValueStoreARN }] },
    },
  };
}

function bytesOf(value: unknown): Uint8Array {
  assert.ok(value instanceof Uint8Array);
  return value;
}
