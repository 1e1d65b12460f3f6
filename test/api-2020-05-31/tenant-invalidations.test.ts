/** Invalidations of distribution tenants by the SDK: each tenant has its own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CloudFrontClient,
  waitUntilInvalidationForDistributionTenantCompleted,
} from '@aws-sdk/client-cloudfront';
import { defaultCredential } from '../../src/api/credentials.ts';
import { idOf, objectAt, refused, startWorld } from './calling.ts';
import type { Form } from './distribution-forms.ts';
import { createTenant, multiTenant, tenantForm } from './tenant-life.ts';

const started = await startWorld({ limits: { 'invalidation-paths-in-progress': 4 } });
const { client, world } = started;
const shop = await multiTenant(started, 'shop');
const { id: red } = await createTenant(started, tenantForm(shop, 'red'));
const { id: blue } = await createTenant(started, tenantForm(shop, 'blue'));

function batch(CallerReference: string, ...Items: readonly string[]): Form {
  return { InvalidationBatch: { CallerReference, Paths: { Quantity: Items.length, Items } } };
}

function invalidate(Id: string, reference: string, ...paths: readonly string[]) {
  const given = { Id, ...batch(reference, ...paths) };
  return client.call('CreateInvalidationForDistributionTenant', given);
}

async function listed(Id: string): Promise<readonly unknown[]> {
  const ids: unknown[] = [];
  let Marker: unknown;
  do {
    const input = { Id, MaxItems: 1, Marker };
    const answer = await client.call('ListInvalidationsForDistributionTenant', input);
    const list = objectAt(answer, 'InvalidationList');
    assert.ok(list['Items'] === undefined || Array.isArray(list['Items']));
    ids.push(...(list['Items'] ?? []).map(({ Id: one }) => one));
    Marker = list['NextMarker'];
  } while (Marker !== undefined);
  return ids;
}

test('they are of one tenant: not of another, nor of the distribution', async () => {
  const first = await invalidate(red, 'one', '/a', '/b*');
  const Id = idOf(first, 'Invalidation');
  assert.match(
    String(first['Location']),
    new RegExp(`/2020-05-31/distribution-tenant/${red}/invalidation/${Id}$`),
  );
  const read = await client.call('GetInvalidationForDistributionTenant', {
    DistributionTenantId: red,
    Id,
  });
  const found = objectAt(read, 'Invalidation');
  assert.equal(found['Status'], 'InProgress');
  assert.deepEqual(found['InvalidationBatch'], batch('one', '/a', '/b*')['InvalidationBatch']);
  // The reference belongs to the tenant.
  const other = await invalidate(blue, 'one', '/c');
  const second = await invalidate(red, 'two', '/c');
  assert.deepEqual(await listed(red), [idOf(second, 'Invalidation'), Id]);
  assert.deepEqual(await listed(blue), [idOf(other, 'Invalidation')]);
  const elsewhere = { DistributionTenantId: blue, Id };
  const call = client.call('GetInvalidationForDistributionTenant', elsewhere);
  await refused(call, 'NoSuchInvalidation');
  const of = client.call('GetInvalidation', { DistributionId: shop, Id });
  await refused(of, 'NoSuchInvalidation');
  const whole = await client.call('ListInvalidations', { DistributionId: shop });
  assert.equal(objectAt(whole, 'InvalidationList')['Quantity'], 0);
});

test('a repeat is the first one; another with its reference, too many paths and no tenant are refused', async () => {
  const again = await invalidate(red, 'two', '/c');
  assert.deepEqual(await listed(red).then(([newest]) => newest), idOf(again, 'Invalidation'));
  await refused(invalidate(red, 'two', '/d'), 'InvalidArgument');
  await refused(invalidate(red, 'three', '/d', '/e'), 'TooManyInvalidationsInProgress');
  await refused(invalidate('dt_1', 'one', '/a'), 'EntityNotFound');
  await refused(invalidate(red, 'four', 'a'), 'InvalidArgument');
  const list = client.call('ListInvalidationsForDistributionTenant', { Id: 'dt_1' });
  await refused(list, 'EntityNotFound');
});

test('completed when every live edge knows of it', async () => {
  await world.edgeCatchesUp();
  const [Id] = await listed(blue);
  const endpoint = `http://127.0.0.1:${world.port}`;
  const waiting = new CloudFrontClient({
    endpoint,
    region: 'us-east-1',
    credentials: defaultCredential,
  });
  const { state } = await waitUntilInvalidationForDistributionTenantCompleted(
    { client: waiting, maxWaitTime: 30, minDelay: 1, maxDelay: 2 },
    { DistributionTenantId: blue, Id: String(Id) },
  );
  waiting.destroy();
  assert.equal(state, 'SUCCESS');
});
