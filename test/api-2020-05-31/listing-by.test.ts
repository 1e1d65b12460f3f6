/** Lists of the distributions that name something, by the SDK: what an account could share, and pages. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultCredential } from '../../src/api/credentials.ts';
import { idOf, objectAt, refused, startWorld } from './calling.ts';
import { cliForm } from './distribution-forms.ts';
import type { Called } from './sdk.ts';

const { client } = await startWorld();

function vpcForm(reference: string, VpcOriginId: string): object {
  const origin = { Id: 'www', DomainName: 'www.example.com', VpcOriginConfig: { VpcOriginId } };
  return cliForm(reference, { Origins: { Quantity: 1, Items: [origin] } });
}

async function vpcOrigin(Name: string): Promise<Called> {
  const made = await client.call('CreateVpcOrigin', {
    VpcOriginEndpointConfig: {
      Name,
      Arn: `arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/${Name}/1`,
      HTTPPort: 80,
      HTTPSPort: 443,
      OriginProtocolPolicy: 'http-only',
    },
  });
  return objectAt(made, 'VpcOrigin');
}

test('the distributions that name an owned resource, page by page, with their owner', async () => {
  const { Arn: ResourceArn, Id } = await vpcOrigin('balancer');
  await vpcOrigin('other');
  const ids: string[] = [];
  for (const reference of ['one', 'two', 'three']) {
    const DistributionConfig = vpcForm(reference, String(Id));
    const made = await client.call('CreateDistribution', { DistributionConfig });
    ids.push(idOf(made, 'Distribution'));
  }
  await client.call('CreateDistribution', { DistributionConfig: cliForm('beside') });

  const listed: unknown[] = [];
  let Marker: unknown;
  do {
    const input = { ResourceArn, MaxItems: 2, Marker };
    const answer = await client.call('ListDistributionsByOwnedResource', input);
    const page = objectAt(answer, 'DistributionList');
    assert.ok(Array.isArray(page['Items']));
    assert.ok(page['Items'].length <= 2);
    assert.equal(page['Quantity'], page['Items'].length);
    assert.equal(page['IsTruncated'], page['NextMarker'] !== undefined);
    listed.push(...page['Items']);
    Marker = page['NextMarker'];
  } while (Marker !== undefined);
  const OwnerAccountId = defaultCredential.accountId;
  assert.deepEqual(
    listed,
    ids.map((DistributionId) => ({ DistributionId, OwnerAccountId })),
  );
});

function list(ResourceArn: string): Promise<Called> {
  return client.call('ListDistributionsByOwnedResource', { ResourceArn });
}

test('what is not owned has no list', async () => {
  const own = `arn:aws:cloudfront::${defaultCredential.accountId}`;
  await refused(list('vo_1'), 'InvalidArgument');
  await refused(list(`${own}:distribution/E1234567890AB`), 'InvalidArgument');
  await refused(list(`${own}:vpcorigin/vo_1`), 'EntityNotFound');
  await refused(list('arn:aws:cloudfront::999999999999:vpcorigin/vo_1'), 'EntityNotFound');
});

test('no distribution can name a trust store, so the list of one is empty', async () => {
  const bundle = { Bucket: 'authorities', Key: 'bundle.pem', Region: 'us-east-1' };
  const made = await client.call('CreateTrustStore', {
    Name: 'authorities',
    CaCertificatesBundleSource: { CaCertificatesBundleS3Location: bundle },
  });
  const ViewerMtlsConfig = {
    Mode: 'required',
    TrustStoreConfig: { TrustStoreId: idOf(made, 'TrustStore') },
  };
  const DistributionConfig = cliForm('mtls', { ViewerMtlsConfig });
  await refused(client.call('CreateDistribution', { DistributionConfig }), 'InvalidArgument');
  for (const TrustStoreIdentifier of [idOf(made, 'TrustStore'), 'authorities']) {
    const answer = await client.call('ListDistributionsByTrustStore', { TrustStoreIdentifier });
    assert.equal(objectAt(answer, 'DistributionList')['Quantity'], 0);
  }
  const unknown = client.call('ListDistributionsByTrustStore', { TrustStoreIdentifier: 'ts_1' });
  await refused(unknown, 'EntityNotFound');
});
