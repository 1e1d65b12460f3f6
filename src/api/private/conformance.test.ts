/** What conformance tests set on a distribution: member by member, wrong ones told, the rest kept. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { ApiCaller, assertStatus, textAt } from '../../../test/harness/api-caller.ts';
import { ApiWorld } from '../../../test/harness/api-world.ts';
import { SeededRandomness } from '../../../test/harness/seeded-randomness.ts';
import { systemClock } from '../../base/clock.ts';

const configuration =
  '<DistributionConfig xmlns="http://cloudfront.amazonaws.com/doc/2010-11-01/"><S3Origin><DNSName>a.s3.amazonaws.com</DNSName></S3Origin><CallerReference>1</CallerReference><Enabled>true</Enabled></DistributionConfig>';

async function begin(t: TestContext) {
  const world = await ApiWorld.start({ clock: systemClock, randomness: new SeededRandomness(4) });
  const api = new ApiCaller(`http://127.0.0.1:${world.port}`);
  t.after(async () => {
    api.close();
    await world.stop();
  });
  const made = await api.post('/2010-11-01/distribution', configuration);
  assertStatus(made, 201);
  const path = `/_warmfront/conformance/${textAt(made, 'Id')}`;
  const set = (body: unknown) => api.call('PUT', path, { body: JSON.stringify(body) });
  const behavior = async (body: unknown): Promise<Readonly<Record<string, unknown>>> => {
    const reply = await set(body);
    assertStatus(reply, 200);
    return JSON.parse(reply.body).behavior;
  };
  const refused = async (body: unknown, why: RegExp): Promise<void> => {
    const reply = await set(body);
    assertStatus(reply, 400);
    const { code, message } = JSON.parse(reply.body);
    assert.equal(code, 'InvalidArgument');
    assert.match(message, why);
  };
  return { api, behavior, refused, path };
}

test('members that are given are set, and the others stay', async (t) => {
  const { behavior } = await begin(t);
  const before = await behavior({});
  const given = {
    minTtlS: 0,
    defaultTtlS: 5,
    maxTtlS: 10,
    allowedMethods: 'all',
    cachesOptions: true,
    compress: true,
    keyedQuery: { kind: 'only', names: ['a', 'b'] },
    encodings: { kind: 'policy', gzip: true, brotli: false },
  };
  assert.deepEqual(await behavior(given), { ...before, ...given });
  assert.deepEqual(await behavior({ defaultTtlS: 6 }), { ...before, ...given, defaultTtlS: 6 });
});

test('names of fields are kept in lower case', async (t) => {
  const { behavior } = await begin(t);
  const { keyedHeaders } = await behavior({ keyedHeaders: ['X-Tenant', 'Origin'] });
  assert.deepEqual(keyedHeaders, ['x-tenant', 'origin']);
});

test('what is wrong is told by its member, and nothing of it is set', async (t) => {
  const { behavior, refused } = await begin(t);
  const before = await behavior({});
  await refused({ minTtlS: -1 }, /minTtlS: whole seconds/);
  await refused({ maxTtlS: 1.5 }, /maxTtlS: whole seconds/);
  await refused({ maxTtlS: 3_155_760_001 }, /maxTtlS: whole seconds/);
  await refused({ maxTtlS: '5' }, /maxTtlS: whole seconds/);
  await refused({ maxTtlS: 5, defaultTtlS: 6 }, /maxTtlS: it is below/);
  await refused({ minTtlS: 6, defaultTtlS: 5, maxTtlS: 5 }, /maxTtlS: it is below/);
  await refused({ allowedMethods: 'some' }, /allowedMethods: it is none of/);
  await refused({ compress: 1 }, /compress: true or false/);
  await refused({ keyedQuery: 'all' }, /keyedQuery: an object/);
  await refused({ keyedQuery: { kind: 'some' } }, /keyedQuery: its kind/);
  await refused({ keyedQuery: { kind: 'only' } }, /keyedQuery: a list/);
  await refused({ keyedHeaders: Array.from({ length: 26 }, () => 'x') }, /keyedHeaders: a list/);
  await refused({ keyedHeaders: ['a b'] }, /keyedHeaders: a name/);
  await refused({ keyedHeaders: ['a'.repeat(129)] }, /keyedHeaders: a name/);
  await refused({ encodings: { kind: 'policy', gzip: true } }, /encodings: true or false/);
  await refused({ errorTtlS: { 200: 5 } }, /errorTtlS: its members/);
  await refused({ errorTtlS: { 404: -5 } }, /errorTtlS: whole seconds/);
  await refused({ minTtl: 5 }, /minTtl: it is not a member/);
  await refused({ ['__proto__']: 5, compress: 'x' }, /not a member|true or false/);
  await refused([], /an object/);
  assert.deepEqual(await behavior({}), before);
});

test('a distribution that nobody has is not found', async (t) => {
  const { api } = await begin(t);
  const reply = await api.call('PUT', '/_warmfront/conformance/E0', { body: '{}' });
  assertStatus(reply, 404);
});
