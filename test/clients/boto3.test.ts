/** boto3, unchanged, against the real server, by API 2020-05-31: the lives that its users lead with it. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { needs, program } from '../harness/programs.ts';
import { Driver, type Fields, isFields, listOf, text } from './driver.ts';
import { legacyConfig } from './legacy-config.ts';
import { ClientWorld, customHost, stored } from './world.ts';

const script = join(import.meta.dirname, 'boto3_driver.py');
const code = 'function handler(event) { return event.request; }\n';

suite('boto3', needs('boto3'), () => {
  let world: ClientWorld;
  let boto: Driver;

  before(async () => {
    world = await ClientWorld.start();
    const endpoint = `http://127.0.0.1:${world.port}`;
    boto = new Driver(program('boto3'), [script, endpoint, 'warmfront', 'warmfront-secret'], {});
  });

  after(async () => {
    await boto.stop();
    await world.stop();
  });

  test('a distribution from create to delete, with an invalidation on the way', async () => {
    const DistributionConfig = legacyConfig('boto3', 'pics.s3.amazonaws.com');
    const made = await boto.does('CreateDistribution', { DistributionConfig });
    const distribution = at(made, 'Distribution');
    const Id = text(distribution['Id']);
    const again = { DistributionConfig };
    await boto.isRefused('CreateDistribution', again, 409, 'DistributionAlreadyExists');
    await boto.does('wait', { waiter: 'distribution_deployed', parameters: { Id } });
    const domain = text(distribution['DomainName']);
    await world.viewersGet(domain, '/a.txt', stored);

    const InvalidationBatch = { CallerReference: 'all', Paths: { Quantity: 1, Items: ['/*'] } };
    const begun = await boto.does('CreateInvalidation', { DistributionId: Id, InvalidationBatch });
    const invalidation = text(at(begun, 'Invalidation')['Id']);
    const parameters = { DistributionId: Id, Id: invalidation };
    await boto.does('wait', { waiter: 'invalidation_completed', parameters });

    // Read, written back unchanged, read: nothing has moved.
    const read = await boto.does('GetDistributionConfig', { Id });
    const same = { Id, IfMatch: read['ETag'], DistributionConfig: read['DistributionConfig'] };
    await boto.does('UpdateDistribution', same);
    const then = await boto.does('GetDistributionConfig', { Id });
    assert.deepEqual(then['DistributionConfig'], read['DistributionConfig']);
    await boto.isRefused('UpdateDistribution', same, 412, 'PreconditionFailed');

    const disabled = { ...at(then, 'DistributionConfig'), Enabled: false };
    const update = { Id, IfMatch: then['ETag'], DistributionConfig: disabled };
    const off = await boto.does('UpdateDistribution', update);
    await boto.does('wait', { waiter: 'distribution_deployed', parameters: { Id } });
    await boto.does('DeleteDistribution', { Id, IfMatch: off['ETag'] });
    await boto.isRefused('GetDistribution', { Id }, 404, 'NoSuchDistribution');
  });

  test('a streaming distribution from create to delete, waited for', async () => {
    const StreamingDistributionConfig = {
      CallerReference: 'boto3-films',
      S3Origin: { DomainName: 'films.s3.amazonaws.com', OriginAccessIdentity: '' },
      Comment: '',
      TrustedSigners: { Enabled: false, Quantity: 0 },
      Enabled: false,
    };
    const made = await boto.does('CreateStreamingDistribution', { StreamingDistributionConfig });
    const Id = text(at(made, 'StreamingDistribution')['Id']);
    const parameters = { Id };
    await boto.does('wait', { waiter: 'streaming_distribution_deployed', parameters });
    await boto.does('DeleteStreamingDistribution', { Id, IfMatch: made['ETag'] });
    const gone = ['GetStreamingDistribution', { Id }, 404, 'NoSuchStreamingDistribution'] as const;
    await boto.isRefused(...gone);
  });

  test('an origin of the web, behaviors by policies, and tags from the start', async () => {
    const policies = await boto.does('ListCachePolicies', { Type: 'managed' });
    const listed = listOf(at(policies, 'CachePolicyList')['Items']);
    const optimized = listed
      .map((one) => at(one, 'CachePolicy'))
      .find((one) => at(one, 'CachePolicyConfig')['Name'] === 'Managed-CachingOptimized');
    const behavior = {
      TargetOriginId: 'origin',
      ViewerProtocolPolicy: 'allow-all',
      CachePolicyId: optimized?.['Id'],
      Compress: true,
    };
    const DistributionConfig = {
      ...legacyConfig('tagged', customHost),
      DefaultCacheBehavior: behavior,
      CacheBehaviors: { Quantity: 1, Items: [{ ...behavior, PathPattern: '/api/*' }] },
    };
    const Tags = { Items: [{ Key: 'team', Value: 'web' }] };
    const DistributionConfigWithTags = { DistributionConfig, Tags };
    const made = await boto.does('CreateDistributionWithTags', { DistributionConfigWithTags });
    const distribution = at(made, 'Distribution');
    const Id = text(distribution['Id']);
    await boto.does('wait', { waiter: 'distribution_deployed', parameters: { Id } });
    const domain = text(distribution['DomainName']);
    await world.viewersGet(domain, '/api/x', 'the custom origin has /api/x\n');
    const tags = await boto.does('ListTagsForResource', { Resource: distribution['ARN'] });
    assert.deepEqual(tags['Tags'], Tags);
  });

  test('a cache policy of its own: made, listed, in use, gone', async () => {
    const CachePolicyConfig = {
      Name: 'by-boto3',
      MinTTL: 1,
      ParametersInCacheKeyAndForwardedToOrigin: {
        EnableAcceptEncodingGzip: true,
        HeadersConfig: { HeaderBehavior: 'none' },
        CookiesConfig: { CookieBehavior: 'none' },
        QueryStringsConfig: { QueryStringBehavior: 'all' },
      },
    };
    const made = await boto.does('CreateCachePolicy', { CachePolicyConfig });
    const { Id } = at(made, 'CachePolicy');
    await boto.isRefused(
      'CreateCachePolicy',
      { CachePolicyConfig },
      409,
      'CachePolicyAlreadyExists',
    );
    const own = await boto.does('ListCachePolicies', { Type: 'custom' });
    assert.equal(at(own, 'CachePolicyList')['Quantity'], 1);
    const stale = { Id, IfMatch: 'E0000000000000' };
    await boto.isRefused('DeleteCachePolicy', stale, 412, 'PreconditionFailed');
    await boto.does('DeleteCachePolicy', { Id, IfMatch: made['ETag'] });
    await boto.isRefused('GetCachePolicy', { Id }, 404, 'NoSuchCachePolicy');
  });

  test('a function: created, published, read back', async () => {
    const FunctionConfig = { Comment: '', Runtime: 'cloudfront-js-1.0' };
    const FunctionCode = { $bytes: code };
    const made = await boto.does('CreateFunction', { Name: 'f', FunctionConfig, FunctionCode });
    await boto.isRefused(
      'DescribeFunction',
      { Name: 'f', Stage: 'LIVE' },
      404,
      'NoSuchFunctionExists',
    );
    await boto.does('PublishFunction', { Name: 'f', IfMatch: made['ETag'] });
    const live = await boto.does('GetFunction', { Name: 'f', Stage: 'LIVE' });
    assert.equal(live['FunctionCode'], code);
    await boto.does('DeleteFunction', { Name: 'f', IfMatch: made['ETag'] });
  });
});

function at(fields: Fields, name: string): Fields {
  const found = fields[name];
  assert(isFields(found), `${name} is ${JSON.stringify(found)}`);
  return found;
}
