/** Steps in the life of a distribution, by the SDK. */
import assert from 'node:assert/strict';
import { objectAt, type SdkWorld } from './calling.ts';
import type { Form } from './distribution-forms.ts';
import type { Called } from './sdk.ts';

export function createDistribution({ client }: SdkWorld, form: Form): Promise<Called> {
  return client.call('CreateDistribution', { DistributionConfig: form });
}

/** What it reads as, once the edge has taken it. */
export async function deployed({ client, world }: SdkWorld, Id: string): Promise<Called> {
  const before = objectAt(await client.call('GetDistribution', { Id }), 'Distribution');
  assert.equal(before['Status'], 'InProgress');
  await world.edgeCatchesUp();
  const read = await client.call('GetDistribution', { Id });
  assert.equal(objectAt(read, 'Distribution')['Status'], 'Deployed');
  return read;
}

/** Disables it, waits, and deletes it. */
export async function removeDistribution(started: SdkWorld, Id: string): Promise<void> {
  const { client } = started;
  const read = await client.call('GetDistributionConfig', { Id });
  const config = { ...objectAt(read, 'DistributionConfig'), Enabled: false };
  const IfMatch = String(read['ETag']);
  const off = await client.call('UpdateDistribution', { Id, IfMatch, DistributionConfig: config });
  await deployed(started, Id);
  await client.call('DeleteDistribution', { Id, IfMatch: String(off['ETag']) });
}
