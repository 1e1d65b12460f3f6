/** What is kept for its own sake, by the SDK: real-time logs, field encryption, origins in a VPC and more. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { defaultCredential } from '../../src/api/credentials.ts';
import { configOf } from '../harness/configs.ts';
import { idOf, objectAt, refused, startWorld } from './calling.ts';

const { client, world } = await startWorld();

test('real-time logs: by name or ARN, without ETags', async () => {
  const EndPoints = [
    {
      StreamType: 'Kinesis',
      KinesisStreamConfig: {
        RoleARN: 'arn:aws:iam::123456789012:role/logs',
        StreamARN: 'arn:aws:kinesis:us-east-1:123456789012:stream/logs',
      },
    },
  ];
  const config = { Name: 'logs', SamplingRate: 10, Fields: ['timestamp', 'c-ip'], EndPoints };
  const made = objectAt(await client.call('CreateRealtimeLogConfig', config), 'RealtimeLogConfig');
  const { ARN } = made;
  assert.deepEqual(made, { ARN, ...config });
  await refused(client.call('CreateRealtimeLogConfig', config), 'RealtimeLogConfigAlreadyExists');
  await client.call('UpdateRealtimeLogConfig', { ARN, Name: 'other', SamplingRate: 20 });
  const read = await client.call('GetRealtimeLogConfig', { Name: 'logs' });
  assert.deepEqual(read['RealtimeLogConfig'], { ARN, ...config, SamplingRate: 20 });
  for (const wrong of [{ SamplingRate: 0 }, { Fields: ['c-ip', 'c-ip'] }, { EndPoints: [] }]) {
    await refused(client.call('UpdateRealtimeLogConfig', { ARN, ...wrong }), 'InvalidArgument');
  }
  const listed = objectAt(await client.call('ListRealtimeLogConfigs', {}), 'RealtimeLogConfigs');
  assert.equal(listed['IsTruncated'], false);
  await client.call('DeleteRealtimeLogConfig', { Name: 'logs' });
  await refused(client.call('GetRealtimeLogConfig', { ARN }), 'NoSuchRealtimeLogConfig');
});

test('field encryption: keys, profiles and configurations hold each other', async () => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const key = await client.call('CreatePublicKey', {
    PublicKeyConfig: {
      Name: 'fields',
      CallerReference: 'fields',
      EncodedKey: String(publicKey.export({ type: 'spki', format: 'pem' })),
    },
  });
  const profileConfig = {
    Name: 'cards',
    CallerReference: 'cards',
    Comment: '',
    EncryptionEntities: {
      Quantity: 1,
      Items: [
        {
          PublicKeyId: idOf(key, 'PublicKey'),
          ProviderId: 'us',
          FieldPatterns: { Quantity: 1, Items: ['card*'] },
        },
      ],
    },
  };
  const creation = { FieldLevelEncryptionProfileConfig: profileConfig };
  const profile = await client.call('CreateFieldLevelEncryptionProfile', creation);
  const profileId = idOf(profile, 'FieldLevelEncryptionProfile');
  const again = client.call('CreateFieldLevelEncryptionProfile', creation);
  await refused(again, 'FieldLevelEncryptionProfileAlreadyExists');
  const read = await client.call('GetFieldLevelEncryptionProfileConfig', { Id: profileId });
  assert.deepEqual(read['FieldLevelEncryptionProfileConfig'], profileConfig);

  const config = {
    CallerReference: 'forms',
    Comment: 'of forms',
    QueryArgProfileConfig: {
      ForwardWhenQueryArgProfileIsUnknown: true,
      QueryArgProfiles: { Quantity: 1, Items: [{ QueryArg: 'profile', ProfileId: profileId }] },
    },
    ContentTypeProfileConfig: {
      ForwardWhenContentTypeIsUnknown: false,
      ContentTypeProfiles: {
        Quantity: 1,
        Items: [{ Format: 'URLEncoded', ContentType: 'application/x-www-form-urlencoded' }],
      },
    },
  };
  const made = await client.call('CreateFieldLevelEncryptionConfig', {
    FieldLevelEncryptionConfig: config,
  });
  const Id = idOf(made, 'FieldLevelEncryption');
  const then = await client.call('GetFieldLevelEncryptionConfig', { Id });
  assert.deepEqual(then['FieldLevelEncryptionConfig'], config);
  const moved = client.call('UpdateFieldLevelEncryptionConfig', {
    Id,
    IfMatch: String(made['ETag']),
    FieldLevelEncryptionConfig: { ...config, CallerReference: 'other' },
  });
  await refused(moved, 'IllegalUpdate');

  const deletion = { Id: profileId, IfMatch: String(profile['ETag']) };
  const held = client.call('DeleteFieldLevelEncryptionProfile', deletion);
  await refused(held, 'FieldLevelEncryptionProfileInUse');
  const keyDeletion = { Id: idOf(key, 'PublicKey'), IfMatch: String(key['ETag']) };
  await refused(client.call('DeletePublicKey', keyDeletion), 'PublicKeyInUse');
  await client.call('DeleteFieldLevelEncryptionConfig', { Id, IfMatch: String(made['ETag']) });
  await client.call('DeleteFieldLevelEncryptionProfile', deletion);
  await client.call('DeletePublicKey', keyDeletion);
  const none = await client.call('ListFieldLevelEncryptionProfiles', {});
  assert.equal(objectAt(none, 'FieldLevelEncryptionProfileList')['Quantity'], 0);
});

test('an origin in a VPC is deployed when every edge knows it', async () => {
  const endpoint = {
    Name: 'balancer',
    Arn: 'arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/one/1',
    HTTPPort: 80,
    HTTPSPort: 443,
    OriginProtocolPolicy: 'match-viewer',
    OriginSslProtocols: { Quantity: 1, Items: ['TLSv1.2'] },
    IpAddressType: 'ipv4',
  };
  const Tags = { Items: [{ Key: 'team', Value: 'web' }] };
  const made = await client.call('CreateVpcOrigin', { VpcOriginEndpointConfig: endpoint, Tags });
  const origin = objectAt(made, 'VpcOrigin');
  assert.match(String(origin['Id']), /^vo_[0-9A-Za-z]{22}$/);
  assert.equal(origin['Status'], 'Deploying');
  assert.deepEqual(origin['VpcOriginEndpointConfig'], endpoint);
  const tags = await client.call('ListTagsForResource', { Resource: origin['Arn'] });
  assert.deepEqual(tags['Tags'], Tags);

  await world.edgeCatchesUp();
  const Id = String(origin['Id']);
  const read = await client.call('GetVpcOrigin', { Id });
  assert.equal(objectAt(read, 'VpcOrigin')['Status'], 'Deployed');
  const listed = objectAt(await client.call('ListVpcOrigins', {}), 'VpcOriginList');
  assert.equal(listed['Quantity'], 1);
  await client.call('DeleteVpcOrigin', { Id, IfMatch: String(made['ETag']) });
  await refused(client.call('GetVpcOrigin', { Id }), 'EntityNotFound');
  const gone = client.call('ListTagsForResource', { Resource: origin['Arn'] });
  await refused(gone, 'NoSuchResource');
});

test('a connection group keeps its endpoint, holds its addresses and is disabled first', async () => {
  const list = await client.call('CreateAnycastIpList', { Name: 'addresses', IpCount: 3 });
  const AnycastIpListId = idOf(list, 'AnycastIpList');
  const made = await client.call('CreateConnectionGroup', { Name: 'tenants', AnycastIpListId });
  const group = objectAt(made, 'ConnectionGroup');
  const Id = String(group['Id']);
  const by = { RoutingEndpoint: group['RoutingEndpoint'] };
  const found = await client.call('GetConnectionGroupByRoutingEndpoint', by);
  assert.equal(idOf(found, 'ConnectionGroup'), Id);
  const listDeletion = { Id: AnycastIpListId, IfMatch: String(list['ETag']) };
  const held = client.call('DeleteAnycastIpList', listDeletion);
  await refused(held, 'CannotDeleteEntityWhileInUse');
  const early = client.call('DeleteConnectionGroup', { Id, IfMatch: String(made['ETag']) });
  await refused(early, 'ResourceNotDisabled');
  const IfMatch = String(made['ETag']);
  const disabled = await client.call('UpdateConnectionGroup', { Id, IfMatch, Enabled: false });
  assert.deepEqual(
    objectAt(disabled, 'ConnectionGroup')['RoutingEndpoint'],
    group['RoutingEndpoint'],
  );
  const listed = await client.call('ListConnectionGroups', {});
  assert.ok(Array.isArray(listed['ConnectionGroups']));
  assert.equal(listed['ConnectionGroups'].length, 1);
  await client.call('DeleteConnectionGroup', { Id, IfMatch: String(disabled['ETag']) });
  await client.call('DeleteAnycastIpList', listDeletion);
  const wrong = client.call('CreateAnycastIpList', { Name: 'addresses', IpCount: 4 });
  await refused(wrong, 'InvalidArgument');
});

test('a trust store is found by id, name and ARN', async () => {
  const place = { Bucket: 'authorities', Key: 'bundle.pem', Region: 'us-east-1' };
  const made = await client.call('CreateTrustStore', {
    Name: 'authorities',
    CaCertificatesBundleSource: { CaCertificatesBundleS3Location: place },
  });
  const store = objectAt(made, 'TrustStore');
  for (const Identifier of [store['Id'], store['Arn'], 'authorities']) {
    const read = await client.call('GetTrustStore', { Identifier });
    assert.equal(read['ETag'], made['ETag']);
  }
  const Id = String(store['Id']);
  const stale = client.call('DeleteTrustStore', { Id, IfMatch: 'E0000000000000' });
  await refused(stale, 'PreconditionFailed');
  await client.call('DeleteTrustStore', { Id, IfMatch: String(made['ETag']) });
  await refused(client.call('GetTrustStore', { Identifier: 'authorities' }), 'EntityNotFound');
});

test('a monitoring subscription is one of a distribution, and goes with it', async () => {
  const { accountId: account } = defaultCredential;
  const config = configOf('download', 'monitored', { enabled: false });
  const { distribution } = await world.control.create(account, 'download', () => config);
  const { etag, id } = distribution;
  const MonitoringSubscription = {
    RealtimeMetricsSubscriptionConfig: { RealtimeMetricsSubscriptionStatus: 'Enabled' },
  };
  const given = { DistributionId: id, MonitoringSubscription };
  const none = client.call('GetMonitoringSubscription', { DistributionId: id });
  await refused(none, 'NoSuchMonitoringSubscription');
  await client.call('CreateMonitoringSubscription', given);
  const again = client.call('CreateMonitoringSubscription', given);
  await refused(again, 'MonitoringSubscriptionAlreadyExists');
  const read = await client.call('GetMonitoringSubscription', { DistributionId: id });
  assert.deepEqual(read['MonitoringSubscription'], MonitoringSubscription);
  await world.edgeCatchesUp();
  await world.control.delete(account, 'download', id, etag);
  const all = await world.control.allResources(account, 'monitoring-subscription');
  assert.deepEqual(all, []);
  const unknown = client.call('GetMonitoringSubscription', { DistributionId: id });
  await refused(unknown, 'NoSuchDistribution');
});

test('a resource policy is kept word for word, for what is there', async () => {
  const made = await client.call('CreateTrustStore', {
    Name: 'shared',
    CaCertificatesBundleSource: {
      CaCertificatesBundleS3Location: { Bucket: 'authorities', Key: 'b', Region: 'us-east-1' },
    },
  });
  const ResourceArn = objectAt(made, 'TrustStore')['Arn'];
  const PolicyDocument = '{ "Version": "2012-10-17",\n  "Statement": [] }';
  await client.call('PutResourcePolicy', { ResourceArn, PolicyDocument: '{}' });
  await client.call('PutResourcePolicy', { ResourceArn, PolicyDocument });
  const read = await client.call('GetResourcePolicy', { ResourceArn });
  assert.deepEqual(read, { ResourceArn, PolicyDocument });
  const wrong = client.call('PutResourcePolicy', { ResourceArn, PolicyDocument: '[' });
  await refused(wrong, 'InvalidArgument');
  await client.call('DeleteResourcePolicy', { ResourceArn });
  await refused(client.call('GetResourcePolicy', { ResourceArn }), 'EntityNotFound');
});
