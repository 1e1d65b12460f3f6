/**
 * What Terraform's provider calls for each of its resources but the distribution (API 2020-05-31, section
 * 4.19): a first apply, a plan without drift, a changed apply under an old ETag and then the right one,
 * another plan, and a destroy that it sees the end of. Every answer is whole.
 */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { objectAt, refused, startWorld } from './calling.ts';
import { holds, isCompleteAnswer } from './complete.ts';
import type { Form } from './distribution-forms.ts';
import type { Called } from './sdk.ts';
import { Specimens } from './specimens.ts';
import { tenantForm } from './tenant-life.ts';

const started = await startWorld();
const { client, world } = started;
const specimens = new Specimens(started);

async function call(operation: string, input: Form): Promise<Called> {
  const answer = await client.call(operation, input);
  isCompleteAnswer(operation, answer);
  return answer;
}

const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const EncodedKey = String(publicKey.export({ type: 'spki', format: 'pem' }));
const keyOf = async (): Promise<string> => (await specimens.make('PublicKey')).id;

type Resource = {
  /** As its operations call it. */
  readonly kind: string;
  /** The member of answers that it is, where that is called otherwise. */
  readonly answered?: string;
  /** Read by this, where `Get` and the kind is not what reads it. */
  readonly read?: string;
  /** The member of the input, and of what is read, that is the configuration; all of it otherwise. */
  readonly config?: string;
  readonly first: () => Form | Promise<Form>;
  /** What a changed apply says of the configuration. */
  readonly changed: Form;
  readonly gone: string;
};

const policySelections = (names: Form): Form => ({
  CookiesConfig: { CookieBehavior: 'none' },
  HeadersConfig: { HeaderBehavior: 'none' },
  QueryStringsConfig: { QueryStringBehavior: 'none' },
  ...names,
});
const encodings = { EnableAcceptEncodingBrotli: false, EnableAcceptEncodingGzip: false };

const resources: Readonly<Record<string, Resource>> = {
  aws_cloudfront_cache_policy: {
    kind: 'CachePolicy',
    config: 'CachePolicyConfig',
    first: () => ({
      Comment: '',
      DefaultTTL: 86_400,
      MaxTTL: 31_536_000,
      MinTTL: 0,
      Name: 'terraform',
      ParametersInCacheKeyAndForwardedToOrigin: { ...policySelections({}), ...encodings },
    }),
    changed: {
      DefaultTTL: 50,
      MaxTTL: 100,
      MinTTL: 1,
      ParametersInCacheKeyAndForwardedToOrigin: {
        EnableAcceptEncodingBrotli: true,
        EnableAcceptEncodingGzip: true,
        CookiesConfig: {
          CookieBehavior: 'whitelist',
          Cookies: { Quantity: 1, Items: ['example'] },
        },
        HeadersConfig: {
          HeaderBehavior: 'whitelist',
          Headers: { Quantity: 1, Items: ['example'] },
        },
        QueryStringsConfig: {
          QueryStringBehavior: 'allExcept',
          QueryStrings: { Quantity: 2, Items: ['b', 'a'] },
        },
      },
    },
    gone: 'NoSuchCachePolicy',
  },
  aws_cloudfront_origin_request_policy: {
    kind: 'OriginRequestPolicy',
    config: 'OriginRequestPolicyConfig',
    first: () => ({ Comment: '', Name: 'terraform', ...policySelections({}) }),
    changed: {
      Comment: 'more',
      HeadersConfig: {
        HeaderBehavior: 'allViewerAndWhitelistCloudFront',
        Headers: { Quantity: 1, Items: ['CloudFront-Viewer-Country'] },
      },
      CookiesConfig: { CookieBehavior: 'all' },
      QueryStringsConfig: {
        QueryStringBehavior: 'whitelist',
        QueryStrings: { Quantity: 1, Items: ['page'] },
      },
    },
    gone: 'NoSuchOriginRequestPolicy',
  },
  aws_cloudfront_response_headers_policy: {
    kind: 'ResponseHeadersPolicy',
    config: 'ResponseHeadersPolicyConfig',
    first: () => ({
      Comment: '',
      Name: 'terraform',
      CorsConfig: {
        AccessControlAllowCredentials: true,
        AccessControlAllowHeaders: { Quantity: 1, Items: ['test'] },
        AccessControlAllowMethods: { Quantity: 1, Items: ['GET'] },
        AccessControlAllowOrigins: { Quantity: 1, Items: ['test.example.comtest'] },
        OriginOverride: true,
      },
    }),
    changed: {
      CorsConfig: undefined,
      CustomHeadersConfig: {
        Quantity: 2,
        Items: [
          { Header: 'X-Permitted-Cross-Domain-Policies', Override: true, Value: 'none' },
          { Header: 'X-Test', Override: false, Value: '' },
        ],
      },
      RemoveHeadersConfig: { Quantity: 1, Items: [{ Header: 'Set-Cookie' }] },
      SecurityHeadersConfig: {
        ContentSecurityPolicy: { ContentSecurityPolicy: "default-src 'none'", Override: true },
        ContentTypeOptions: { Override: true },
        FrameOptions: { FrameOption: 'SAMEORIGIN', Override: false },
        ReferrerPolicy: { ReferrerPolicy: 'no-referrer', Override: false },
        StrictTransportSecurity: {
          AccessControlMaxAgeSec: 60,
          IncludeSubdomains: true,
          Override: true,
          Preload: true,
        },
        XSSProtection: { ModeBlock: true, Override: true, Protection: true },
      },
      ServerTimingHeadersConfig: { Enabled: true, SamplingRate: 10 },
    },
    gone: 'NoSuchResponseHeadersPolicy',
  },
  aws_cloudfront_origin_access_control: {
    kind: 'OriginAccessControl',
    config: 'OriginAccessControlConfig',
    first: () => ({
      Description: 'Managed by Terraform',
      Name: 'terraform',
      OriginAccessControlOriginType: 's3',
      SigningBehavior: 'always',
      SigningProtocol: 'sigv4',
    }),
    changed: { Description: '', SigningBehavior: 'no-override' },
    gone: 'NoSuchOriginAccessControl',
  },
  aws_cloudfront_origin_access_identity: {
    kind: 'CloudFrontOriginAccessIdentity',
    config: 'CloudFrontOriginAccessIdentityConfig',
    first: () => ({ CallerReference: 'terraform-20260102030405678900000001', Comment: '' }),
    changed: { Comment: 'of the site' },
    gone: 'NoSuchCloudFrontOriginAccessIdentity',
  },
  aws_cloudfront_public_key: {
    kind: 'PublicKey',
    config: 'PublicKeyConfig',
    first: () => ({
      CallerReference: 'terraform-20260102030405678900000002',
      Comment: '',
      EncodedKey,
      Name: 'terraform',
    }),
    changed: { Comment: 'of the site' },
    gone: 'NoSuchPublicKey',
  },
  aws_cloudfront_key_group: {
    kind: 'KeyGroup',
    config: 'KeyGroupConfig',
    first: async () => ({ Comment: '', Items: [await keyOf(), await keyOf()], Name: 'terraform' }),
    changed: { Comment: 'of the site', Name: 'terraform-2' },
    gone: 'NoSuchResource',
  },
  aws_cloudfront_field_level_encryption_profile: {
    kind: 'FieldLevelEncryptionProfile',
    config: 'FieldLevelEncryptionProfileConfig',
    first: async () => ({
      CallerReference: 'terraform-20260102030405678900000003',
      Comment: 'test comment',
      EncryptionEntities: {
        Quantity: 1,
        Items: [
          {
            FieldPatterns: { Quantity: 1, Items: ['DateOfBirth'] },
            ProviderId: 'test provider',
            PublicKeyId: await keyOf(),
          },
        ],
      },
      Name: 'terraform',
    }),
    changed: { Comment: '' },
    gone: 'NoSuchFieldLevelEncryptionProfile',
  },
  aws_cloudfront_field_level_encryption_config: {
    kind: 'FieldLevelEncryptionConfig',
    answered: 'FieldLevelEncryption',
    read: 'GetFieldLevelEncryption',
    config: 'FieldLevelEncryptionConfig',
    first: async () => ({
      CallerReference: 'terraform-20260102030405678900000004',
      Comment: '',
      ContentTypeProfileConfig: {
        ContentTypeProfiles: {
          Quantity: 1,
          Items: [{ ContentType: 'application/x-www-form-urlencoded', Format: 'URLEncoded' }],
        },
        ForwardWhenContentTypeIsUnknown: true,
      },
      QueryArgProfileConfig: {
        ForwardWhenQueryArgProfileIsUnknown: false,
        QueryArgProfiles: {
          Quantity: 1,
          Items: [
            {
              ProfileId: (await specimens.make('FieldLevelEncryptionProfile')).id,
              QueryArg: 'Arg1',
            },
          ],
        },
      },
    }),
    changed: { Comment: 'of forms', QueryArgProfileConfig: undefined },
    gone: 'NoSuchFieldLevelEncryptionConfig',
  },
  aws_cloudfront_continuous_deployment_policy: {
    kind: 'ContinuousDeploymentPolicy',
    config: 'ContinuousDeploymentPolicyConfig',
    first: async () => {
      const { id: Id } = await specimens.make('Distribution', { Staging: true });
      const staging = objectAt(await client.call('GetDistribution', { Id }), 'Distribution');
      return {
        Enabled: true,
        StagingDistributionDnsNames: { Quantity: 1, Items: [staging['DomainName']] },
        TrafficConfig: {
          Type: 'SingleWeight',
          SingleWeightConfig: {
            SessionStickinessConfig: { IdleTTL: 300, MaximumTTL: 600 },
            Weight: 0.01,
          },
        },
      };
    },
    changed: {
      Enabled: false,
      TrafficConfig: {
        Type: 'SingleHeader',
        SingleHeaderConfig: { Header: 'aws-cf-cd-test', Value: 'test' },
      },
    },
    gone: 'NoSuchContinuousDeploymentPolicy',
  },
  aws_cloudfront_vpc_origin: {
    kind: 'VpcOrigin',
    config: 'VpcOriginEndpointConfig',
    first: () => ({
      Arn: 'arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/one/1',
      HTTPPort: 8_080,
      HTTPSPort: 8_443,
      Name: 'terraform',
      OriginProtocolPolicy: 'https-only',
      OriginSslProtocols: { Quantity: 1, Items: ['TLSv1.2'] },
    }),
    changed: { HTTPPort: 8_081, OriginProtocolPolicy: 'http-only' },
    gone: 'EntityNotFound',
  },
};

for (const [said, resource] of Object.entries(resources)) {
  test(`${said}: applied, planned, changed, planned and destroyed`, async () => {
    const { changed, config: member, gone, kind } = resource;
    const { answered = kind, read = `Get${kind}` } = resource;
    const first = await resource.first();
    const inputOf = (config: Form): Form => (member === undefined ? config : { [member]: config });
    const configIn = (answer: Called): Called => {
      const whole = objectAt(answer, answered);
      return member === undefined ? whole : objectAt(whole, member);
    };

    const made = await call(`Create${kind}`, inputOf(first));
    const { Id } = objectAt(made, answered);
    const settled = async (): Promise<Called> => {
      await world.edgeCatchesUp();
      return call(read, { Id });
    };
    const applied = await settled();
    assert.equal(applied['ETag'], made['ETag']);
    holds(configIn(applied), first);
    assert.deepEqual(await call(read, { Id }), applied);

    const next = { ...first, ...changed };
    const update = { Id, ...inputOf(next) };
    const old = call(`Update${kind}`, { ...update, IfMatch: 'E0123456789ABC' });
    await refused(old, 'PreconditionFailed');
    const updated = await call(`Update${kind}`, { ...update, IfMatch: applied['ETag'] });
    const planned = await settled();
    assert.equal(planned['ETag'], updated['ETag']);
    holds(configIn(planned), next);
    assert.deepEqual(await call(read, { Id }), planned);

    await refused(
      client.call(`Delete${kind}`, { Id, IfMatch: applied['ETag'] }),
      'PreconditionFailed',
    );
    await client.call(`Delete${kind}`, { Id, IfMatch: planned['ETag'] });
    await refused(client.call(read, { Id }), gone);
    // A destroy that was cut off is begun again.
    await refused(client.call(`Delete${kind}`, { Id, IfMatch: planned['ETag'] }), gone);
  });
}

test('aws_cloudfront_realtime_log_config: by its ARN, without ETags', async () => {
  const stream = {
    StreamType: 'Kinesis',
    KinesisStreamConfig: {
      RoleARN: 'arn:aws:iam::000000000000:role/logs',
      StreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/logs',
    },
  };
  const first = {
    EndPoints: [stream],
    Fields: ['timestamp', 'c-ip'],
    Name: 'terraform',
    SamplingRate: 75,
  };
  const made = await call('CreateRealtimeLogConfig', first);
  const { ARN } = objectAt(made, 'RealtimeLogConfig');
  const read = (): Promise<Called> => call('GetRealtimeLogConfig', { ARN });
  const applied = await read();
  assert.deepEqual(objectAt(applied, 'RealtimeLogConfig'), { ARN, ...first });
  assert.deepEqual(await read(), applied);
  const changed = { ...first, Fields: ['c-ip', 'timestamp', 'sc-status'], SamplingRate: 1 };
  await call('UpdateRealtimeLogConfig', { ARN, ...changed });
  assert.deepEqual(objectAt(await read(), 'RealtimeLogConfig'), { ARN, ...changed });
  await client.call('DeleteRealtimeLogConfig', { ARN });
  await refused(read(), 'NoSuchRealtimeLogConfig');
});

test('aws_cloudfront_monitoring_subscription: one of a distribution', async () => {
  const { id: DistributionId } = await specimens.make('Distribution');
  const read = (): Promise<Called> => call('GetMonitoringSubscription', { DistributionId });
  for (const RealtimeMetricsSubscriptionStatus of ['Enabled', 'Disabled']) {
    const MonitoringSubscription = {
      RealtimeMetricsSubscriptionConfig: { RealtimeMetricsSubscriptionStatus },
    };
    await call('CreateMonitoringSubscription', { DistributionId, MonitoringSubscription });
    assert.deepEqual(await read(), { MonitoringSubscription });
    await client.call('DeleteMonitoringSubscription', { DistributionId });
    await refused(read(), 'NoSuchMonitoringSubscription');
  }
});

const code = Buffer.from('function handler(event) { return event.request; }\n');

test('aws_cloudfront_function: published with each apply, its two ETags told apart', async () => {
  const Name = 'terraform';
  const Comment = 'my function';
  const content = (FunctionCode: Uint8Array): Form => ({
    FunctionCode,
    FunctionConfig: {
      Comment,
      KeyValueStoreAssociations: { Quantity: 0, Items: [] },
      Runtime: 'cloudfront-js-2.0',
    },
    Name,
  });
  const read = async (expected: Uint8Array) => {
    const development = await call('DescribeFunction', { Name, Stage: 'DEVELOPMENT' });
    holds(objectAt(objectAt(development, 'FunctionSummary'), 'FunctionConfig'), {
      Comment,
      Runtime: 'cloudfront-js-2.0',
    });
    const got = await call('GetFunction', { Name, Stage: 'DEVELOPMENT' });
    assert.ok(got['FunctionCode'] instanceof Uint8Array);
    assert.deepEqual(Buffer.from(got['FunctionCode']), expected);
    assert.equal(got['ETag'], development['ETag']);
    return development;
  };

  const made = await call('CreateFunction', content(code));
  const before = client.call('DescribeFunction', { Name, Stage: 'LIVE' });
  await refused(before, 'NoSuchFunctionExists');
  await call('PublishFunction', { Name, IfMatch: made['ETag'] });
  const applied = await read(code);
  assert.equal(applied['ETag'], made['ETag']);
  const live = await call('DescribeFunction', { Name, Stage: 'LIVE' });
  assert.notEqual(live['ETag'], applied['ETag']);
  assert.deepEqual(await read(code), applied);
  const Resource = objectAt(objectAt(live, 'FunctionSummary'), 'FunctionMetadata')['FunctionARN'];
  assert.deepEqual(await call('ListTagsForResource', { Resource }), { Tags: { Items: [] } });

  const next = Buffer.concat([code, Buffer.from('// next\n')]);
  const change = { ...content(next), IfMatch: applied['ETag'] };
  const changed = await call('UpdateFunction', change);
  await refused(client.call('UpdateFunction', change), 'PreconditionFailed');
  await call('PublishFunction', { Name, IfMatch: changed['ETag'] });
  const planned = await read(next);
  assert.equal(planned['ETag'], changed['ETag']);
  const then = await call('GetFunction', { Name, Stage: 'LIVE' });
  assert.notEqual(then['ETag'], live['ETag']);

  await client.call('DeleteFunction', { Name, IfMatch: planned['ETag'] });
  for (const Stage of ['DEVELOPMENT', 'LIVE']) {
    await refused(client.call('DescribeFunction', { Name, Stage }), 'NoSuchFunctionExists');
  }
});

test('aws_cloudfront_key_value_store: ready, changed, gone', async () => {
  const Name = 'terraform';
  const made = await call('CreateKeyValueStore', { Name, Comment: 'redirects' });
  const read = (): Promise<Called> => call('DescribeKeyValueStore', { Name });
  const applied = await read();
  const store = objectAt(applied, 'KeyValueStore');
  assert.equal(store['Status'], 'READY');
  assert.equal(applied['ETag'], made['ETag']);
  assert.deepEqual(await read(), applied);
  const change = { Name, Comment: '', IfMatch: applied['ETag'] };
  await call('UpdateKeyValueStore', change);
  await refused(client.call('UpdateKeyValueStore', change), 'PreconditionFailed');
  const planned = await read();
  assert.equal(objectAt(planned, 'KeyValueStore')['ARN'], store['ARN']);
  assert.deepEqual(await read(), planned);
  await client.call('DeleteKeyValueStore', { Name, IfMatch: planned['ETag'] });
  await refused(client.call('DescribeKeyValueStore', { Name }), 'EntityNotFound');
});

test('aws_cloudfront_connection_group: waited for, tagged, disabled and deleted', async () => {
  const first = {
    Enabled: true,
    Ipv6Enabled: true,
    Name: 'terraform',
    Tags: { Items: [{ Key: 'team', Value: 'web' }] },
  };
  const made = await call('CreateConnectionGroup', first);
  const { Id } = objectAt(made, 'ConnectionGroup');
  const read = (): Promise<Called> => call('GetConnectionGroup', { Identifier: Id });
  const settled = async (status: string): Promise<Called> => {
    assert.equal(objectAt(await read(), 'ConnectionGroup')['Status'], status);
    await world.edgeCatchesUp();
    const answer = await read();
    assert.equal(objectAt(answer, 'ConnectionGroup')['Status'], 'Deployed');
    return answer;
  };
  const applied = await settled('InProgress');
  holds(objectAt(applied, 'ConnectionGroup'), first);
  assert.deepEqual(await read(), applied);
  const change = { Id, Enabled: true, Ipv6Enabled: false, IfMatch: applied['ETag'] };
  await call('UpdateConnectionGroup', change);
  await refused(client.call('UpdateConnectionGroup', change), 'PreconditionFailed');
  const planned = await settled('InProgress');
  holds(objectAt(planned, 'ConnectionGroup'), { ...first, Ipv6Enabled: false });

  const early = client.call('DeleteConnectionGroup', { Id, IfMatch: planned['ETag'] });
  await refused(early, 'ResourceNotDisabled');
  const off = { Id, Enabled: false, IfMatch: planned['ETag'] };
  const disabled = await call('UpdateConnectionGroup', off);
  await settled('InProgress');
  await client.call('DeleteConnectionGroup', { Id, IfMatch: disabled['ETag'] });
  await refused(client.call('GetConnectionGroup', { Identifier: Id }), 'EntityNotFound');
});

test('aws_cloudfront_distribution_tenant: waited for, tagged, disabled and deleted', async () => {
  const first = tenantForm(await specimens.multiTenant(), 'terraform', {
    Enabled: true,
    Tags: { Items: [{ Key: 'team', Value: 'web' }] },
  });
  const made = await call('CreateDistributionTenant', first);
  const { Id } = objectAt(made, 'DistributionTenant');
  const read = (): Promise<Called> => call('GetDistributionTenant', { Identifier: Id });
  const settled = async (): Promise<Called> => {
    assert.equal(objectAt(await read(), 'DistributionTenant')['Status'], 'InProgress');
    await world.edgeCatchesUp();
    const answer = await read();
    assert.equal(objectAt(answer, 'DistributionTenant')['Status'], 'Deployed');
    return answer;
  };
  const applied = await settled();
  assert.equal(applied['ETag'], made['ETag']);
  holds(objectAt(applied, 'DistributionTenant'), first);
  assert.deepEqual(await read(), applied);

  const { DistributionId, Domains } = first;
  const Parameters = [{ Name: 'site', Value: 'changed' }];
  const change = { Id, DistributionId, Domains, Parameters, IfMatch: applied['ETag'] };
  await call('UpdateDistributionTenant', change);
  await refused(client.call('UpdateDistributionTenant', change), 'PreconditionFailed');
  const planned = await settled();
  holds(objectAt(planned, 'DistributionTenant'), { ...first, Parameters });

  const early = client.call('DeleteDistributionTenant', { Id, IfMatch: planned['ETag'] });
  await refused(early, 'ResourceNotDisabled');
  const off = { Id, Enabled: false, IfMatch: planned['ETag'] };
  const disabled = await call('UpdateDistributionTenant', off);
  await settled();
  await client.call('DeleteDistributionTenant', { Id, IfMatch: disabled['ETag'] });
  await refused(client.call('GetDistributionTenant', { Identifier: Id }), 'EntityNotFound');
});

const namedData = [
  ['CachePolicy', 'ListCachePolicies', 'Managed-CachingOptimized'],
  ['OriginRequestPolicy', 'ListOriginRequestPolicies', 'Managed-AllViewerExceptHostHeader'],
  ['ResponseHeadersPolicy', 'ListResponseHeadersPolicies', 'Managed-SecurityHeadersPolicy'],
] as const;

for (const [kind, operation, managed] of namedData) {
  test(`data ${kind} by its name: a managed one and an own one, across pages`, async () => {
    const own = await specimens.make(kind, { Name: 'of-our-own' });
    const find = async (name: string): Promise<string> => {
      let Marker: unknown;
      do {
        const answer = await client.call(operation, { MaxItems: 2, Marker });
        const list = objectAt(answer, `${kind}List`);
        const items: unknown = list['Items'];
        assert.ok(Array.isArray(items));
        for (const item of items) {
          isCompleteItem(kind, item);
          const { [kind]: found } = item;
          if (found[`${kind}Config`].Name === name) return String(found.Id);
        }
        Marker = list['NextMarker'];
      } while (Marker !== undefined);
      throw new Error(`there is no ${kind} ${name}`);
    };
    assert.equal(await find('of-our-own'), own.id);
    const answer = await call(`Get${kind}`, { Id: await find(managed) });
    assert.equal(objectAt(objectAt(answer, kind), `${kind}Config`)['Name'], managed);
    await assert.rejects(find('of-nobody'), /there is no/);
  });
}

function isCompleteItem(kind: string, item: Called): void {
  isCompleteAnswer(`Get${kind}`, { [kind]: item[kind], ETag: '' });
  assert.match(String(item['Type']), /^(?:managed|custom)$/);
}
