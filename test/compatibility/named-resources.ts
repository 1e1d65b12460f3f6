/** What a distribution may name, two of each, made by the SDK, so that no name in a form is one too few. */
import { generateKeyPairSync } from 'node:crypto';
import { idOf, objectAt, type SdkWorld } from '../api-2020-05-31/calling.ts';
import { cliForm } from '../api-2020-05-31/distribution-forms.ts';
import { createDistribution } from '../api-2020-05-31/distribution-life.ts';

export type Two = readonly [string, string];

export type Named = { readonly [Key in keyof typeof makers]: Two };

export async function makeNamed(started: SdkWorld): Promise<Named> {
  const made: [string, Two][] = [];
  for (const [key, make] of Object.entries<Maker>(makers)) {
    made.push([key, [await make(started, 'one'), await make(started, 'two')]]);
  }
  const named: unknown = Object.fromEntries(made);
  if (!isNamed(named)) throw new Error('a maker is missing');
  return named;
}

type Maker = (started: SdkWorld, name: string) => Promise<string>;

const makers = {
  async identity({ client }, name) {
    const CloudFrontOriginAccessIdentityConfig = { CallerReference: name, Comment: '' };
    const given = { CloudFrontOriginAccessIdentityConfig };
    const made = await client.call('CreateCloudFrontOriginAccessIdentity', given);
    return `origin-access-identity/cloudfront/${idOf(made, 'CloudFrontOriginAccessIdentity')}`;
  },
  async accessControl({ client }, name) {
    const OriginAccessControlConfig = {
      Name: name,
      SigningProtocol: 'sigv4',
      SigningBehavior: 'always',
      OriginAccessControlOriginType: 's3',
    };
    const made = await client.call('CreateOriginAccessControl', { OriginAccessControlConfig });
    return idOf(made, 'OriginAccessControl');
  },
  async vpcOrigin({ client }, name) {
    const VpcOriginEndpointConfig = {
      Name: name,
      Arn: `arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/${name}/1`,
      HTTPPort: 80,
      HTTPSPort: 443,
      OriginProtocolPolicy: 'http-only',
    };
    return idOf(await client.call('CreateVpcOrigin', { VpcOriginEndpointConfig }), 'VpcOrigin');
  },
  async keyGroup({ client }, name) {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const EncodedKey = String(publicKey.export({ type: 'spki', format: 'pem' }));
    const PublicKeyConfig = { CallerReference: name, Name: name, EncodedKey };
    const key = idOf(await client.call('CreatePublicKey', { PublicKeyConfig }), 'PublicKey');
    const KeyGroupConfig = { Name: name, Items: [key] };
    return idOf(await client.call('CreateKeyGroup', { KeyGroupConfig }), 'KeyGroup');
  },
  async cachePolicy({ client }, name) {
    const CachePolicyConfig = { Name: name, MinTTL: 1 };
    return idOf(await client.call('CreateCachePolicy', { CachePolicyConfig }), 'CachePolicy');
  },
  async originRequestPolicy({ client }, name) {
    const OriginRequestPolicyConfig = {
      Name: name,
      HeadersConfig: { HeaderBehavior: 'none' },
      CookiesConfig: { CookieBehavior: 'none' },
      QueryStringsConfig: { QueryStringBehavior: 'none' },
    };
    const made = await client.call('CreateOriginRequestPolicy', { OriginRequestPolicyConfig });
    return idOf(made, 'OriginRequestPolicy');
  },
  async responseHeadersPolicy({ client }, name) {
    const ResponseHeadersPolicyConfig = {
      Name: name,
      RemoveHeadersConfig: { Quantity: 1, Items: [{ Header: 'server' }] },
    };
    const made = await client.call('CreateResponseHeadersPolicy', { ResponseHeadersPolicyConfig });
    return idOf(made, 'ResponseHeadersPolicy');
  },
  async function({ client }, name) {
    const made = await client.call('CreateFunction', {
      Name: name,
      FunctionConfig: { Comment: '', Runtime: 'cloudfront-js-2.0' },
      FunctionCode: Buffer.from('function handler(event) { return event.request; }'),
    });
    await client.call('PublishFunction', { Name: name, IfMatch: String(made['ETag']) });
    return `arn:aws:cloudfront::000000000000:function/${name}`;
  },
  async connectionFunction({ client }, name) {
    const made = await client.call('CreateConnectionFunction', {
      Name: name,
      ConnectionFunctionConfig: { Comment: '', Runtime: 'cloudfront-js-2.0' },
      ConnectionFunctionCode: Buffer.from('function connectionHandler(c) { c.allow(); }'),
    });
    const Id = idOf(made, 'ConnectionFunctionSummary');
    await client.call('PublishConnectionFunction', { Id, IfMatch: String(made['ETag']) });
    return Id;
  },
  async fieldEncryption({ client }, name) {
    const FieldLevelEncryptionConfig = { CallerReference: name };
    const given = { FieldLevelEncryptionConfig };
    const made = await client.call('CreateFieldLevelEncryptionConfig', given);
    return idOf(made, 'FieldLevelEncryption');
  },
  async realtimeLogConfig({ client }, name) {
    const KinesisStreamConfig = {
      RoleARN: 'arn:aws:iam::000000000000:role/logs',
      StreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/logs',
    };
    const made = await client.call('CreateRealtimeLogConfig', {
      Name: name,
      SamplingRate: 10,
      Fields: ['timestamp'],
      EndPoints: [{ StreamType: 'Kinesis', KinesisStreamConfig }],
    });
    return String(objectAt(made, 'RealtimeLogConfig')['ARN']);
  },
  async anycastIpList({ client }, name) {
    return idOf(
      await client.call('CreateAnycastIpList', { Name: name, IpCount: 3 }),
      'AnycastIpList',
    );
  },
  async continuousDeploymentPolicy(started, name) {
    const made = await createDistribution(started, cliForm(`trial-${name}`, { Staging: true }));
    const domain = objectAt(made, 'Distribution')['DomainName'];
    const ContinuousDeploymentPolicyConfig = {
      StagingDistributionDnsNames: { Quantity: 1, Items: [domain] },
      Enabled: true,
    };
    const given = { ContinuousDeploymentPolicyConfig };
    const policy = await started.client.call('CreateContinuousDeploymentPolicy', given);
    return idOf(policy, 'ContinuousDeploymentPolicy');
  },
} satisfies Record<string, Maker>;

function isNamed(value: unknown): value is Named {
  return (
    typeof value === 'object' && value !== null && Object.keys(makers).every((key) => key in value)
  );
}
