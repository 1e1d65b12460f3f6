/** One distribution, seen and changed through both versions (API 2010-11-01, section 7). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiCaller, assertStatus, etagOf } from '../harness/api-caller.ts';
import { create as createOlder, customOrigin, download } from '../harness/kinds.ts';
import { idOf, objectAt, startWorld } from './calling.ts';
import { cliForm, multiTenantForm, terraformForm } from './distribution-forms.ts';
import type { Called } from './sdk.ts';

const { client, world } = await startWorld();
const older = new ApiCaller(`http://127.0.0.1:${world.port}`);

async function configOf(Id: string): Promise<Called> {
  const read = await client.call('GetDistributionConfig', { Id });
  return objectAt(read, 'DistributionConfig');
}

test('what the older version made is whole to the newer one', async () => {
  const { id } = await createOlder(older, download, {
    reference: 'old',
    cnames: ['old.example.net'],
    origin: customOrigin('www.example.com'),
    more: '<TrustedSigners><Self/></TrustedSigners><RequiredProtocols><Protocol>https</Protocol></RequiredProtocols>',
  });
  const config = await configOf(id);
  const behavior = objectAt(config, 'DefaultCacheBehavior');
  assert.deepEqual(config['Aliases'], { Quantity: 1, Items: ['old.example.net'] });
  assert.equal(behavior['ViewerProtocolPolicy'], 'https-only');
  assert.deepEqual(behavior['TrustedSigners'], { Enabled: true, Quantity: 1, Items: ['self'] });
  assert.equal(behavior['MinTTL'], 3_600);
  assert.equal(config['HttpVersion'], 'http1.1');
});

test('an update by the older version keeps what that has no words for', async () => {
  const { id, path } = await createOlder(older, download, { reference: 'kept' });
  const before = await client.call('GetDistributionConfig', { Id: id });
  const changed = {
    ...objectAt(before, 'DistributionConfig'),
    HttpVersion: 'http2',
    IsIPV6Enabled: true,
    PriceClass: 'PriceClass_100',
  };
  const IfMatch = String(before['ETag']);
  await client.call('UpdateDistribution', { Id: id, IfMatch, DistributionConfig: changed });
  const read = await older.get(`${path}/config`);
  assertStatus(read, 200);
  const off = read.body.replace('<Enabled>true<', '<Enabled>false<');
  assertStatus(await older.put(`${path}/config`, etagOf(read), off), 200);
  assert.deepEqual(await configOf(id), { ...changed, Enabled: false });
});

test('one with more than the older version can say is read there, and not changed', async () => {
  for (const [form, seen, beyond] of [
    [
      terraformForm('more'),
      'pics.s3.eu-west-1.amazonaws.com',
      /several origins, .*cache behaviors/,
    ],
    [cliForm('rules'), 'www.example.com', undefined],
    [multiTenantForm('tenants'), '{{site}}.origin.example.com', /tenants/],
  ] as const) {
    const made = await client.call('CreateDistribution', { DistributionConfig: form });
    const path = `/2010-11-01/distribution/${idOf(made, 'Distribution')}`;
    const read = await older.get(`${path}/config`);
    assertStatus(read, 200);
    assert.match(read.body, new RegExp(`<DNSName>${seen}</DNSName>`));
    const put = await older.put(`${path}/config`, etagOf(read), read.body);
    assertStatus(put, beyond === undefined ? 200 : 400);
    if (beyond === undefined) continue;
    assert.match(put.body, /<Code>IllegalUpdate</);
    assert.match(put.body, beyond);
  }
});
