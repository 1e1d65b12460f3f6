/** Tenants by the SDK and a real server: two shops out of one distribution, over TLS, from the first call to the last. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { idOf, objectAt } from '../api-2020-05-31/calling.ts';
import { multiTenantForm } from '../api-2020-05-31/distribution-forms.ts';
import { sdkClient } from '../api-2020-05-31/sdk.ts';
import { createTenant, tenantForm } from '../api-2020-05-31/tenant-life.ts';
import { greeting, TlsServer } from '../harness/tls-server.ts';
import { until } from '../harness/until.ts';
import { Viewer } from '../harness/viewer.ts';

test('two tenants of one distribution: served apart, invalidated apart, taken down in turn', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'warmfront-tenants-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'index.html'), 'the blue shop');
  const server = await TlsServer.start(['local1'], [`--bucket=blue=${folder}`]);
  t.after(() => server.stop());
  const client = sdkClient(server.api);
  t.after(() => client.close());
  const started = { client };

  const form = multiTenantForm(
    'shops',
    { DefaultRootObject: 'index.html' },
    {
      DomainName: '{{site}}.s3.amazonaws.com',
      OriginPath: '',
      S3OriginConfig: { OriginAccessIdentity: '' },
      CustomOriginConfig: undefined,
    },
  );
  const made = await client.call('CreateDistribution', { DistributionConfig: form });
  const Id = idOf(made, 'Distribution');
  const red = await createTenant(
    started,
    tenantForm(Id, 'red', { Parameters: [{ Name: 'site', Value: 'pics' }] }),
  );
  const blue = await createTenant(started, tenantForm(Id, 'blue'));
  const deployed = async (Identifier: string, status: string): Promise<void> => {
    await until(`${Identifier} is deployed, and ${status}`, async () => {
      const read = await client.call('GetDistributionTenant', { Identifier });
      const { Domains, Status } = objectAt(read, 'DistributionTenant');
      assert.ok(Array.isArray(Domains));
      return Status === 'Deployed' && Domains[0].Status === status ? true : undefined;
    });
  };
  for (const { id } of [red, blue]) await deployed(id, 'active');

  const viewerOf = (host: string) =>
    new Viewer({ port: server.port(), host, authority: server.authority });
  const redShop = viewerOf('red.example.com');
  const blueShop = viewerOf('blue.example.com');
  for (const xCache of ['Miss', 'Hit']) {
    await redShop.gets('/').sees({ status: 200, xCache, body: new RegExp(greeting) });
    await blueShop.gets('/').sees({ status: 200, xCache, body: 'the blue shop' });
  }

  await writeFile(join(folder, 'index.html'), 'the new blue shop');
  const batch = { CallerReference: 'new', Paths: { Quantity: 1, Items: ['/*'] } };
  const begun = await client.call('CreateInvalidationForDistributionTenant', {
    Id: blue.id,
    InvalidationBatch: batch,
  });
  await until('the invalidation is completed', async () => {
    const of = { DistributionTenantId: blue.id, Id: idOf(begun, 'Invalidation') };
    const read = await client.call('GetInvalidationForDistributionTenant', of);
    return objectAt(read, 'Invalidation')['Status'] === 'Completed' ? true : undefined;
  });
  await redShop.gets('/').sees({ xCache: 'Hit' });
  await blueShop.gets('/').sees({ xCache: 'Miss', body: 'the new blue shop' });

  const off = { Id: blue.id, IfMatch: blue.etag, Enabled: false };
  const disabled = await client.call('UpdateDistributionTenant', off);
  await deployed(blue.id, 'inactive');
  // No certificate is shown for what is not served.
  const port = Number(new URL(server.http()).port);
  await new Viewer({ port, host: 'blue.example.com' }).gets('/').sees({ status: 403 });
  await redShop.gets('/').sees({ status: 200 });
  const deletion = { Id: blue.id, IfMatch: disabled['ETag'] };
  await client.call('DeleteDistributionTenant', deletion);
  const listed = await client.call('ListDistributionTenants', {});
  assert.deepEqual(
    [listed['DistributionTenantList']].flat().map((one) => Reflect.get(Object(one), 'Id')),
    [red.id],
  );
});
