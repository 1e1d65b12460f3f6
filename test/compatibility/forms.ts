/**
 * Configurations that say every field there is, but for those that are refused. Each comes in forms that
 * differ in every field, so that what is taken and forgotten cannot look as if it were kept.
 */
import type { Form } from '../api-2020-05-31/distribution-forms.ts';
import type { Named, Two } from './named-resources.ts';

/** Items with their number beside them. */
function counted(...Items: readonly unknown[]): Form {
  return { Quantity: Items.length, Items };
}

/** The value of an even number, or that of an odd one. */
function choosing(index: number) {
  const first = index % 2 === 0;
  const either = <Value>(one: Value, other: Value): Value => (first ? one : other);
  return { either, first, of: ([one, two]: Two): string => either(one, two) };
}

const methods = ['HEAD', 'GET', 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE'];

const certificates: readonly Form[] = [
  acm('one', { SSLSupportMethod: 'sni-only', MinimumProtocolVersion: 'TLSv1.2_2021' }),
  acm('two', { SSLSupportMethod: 'vip', MinimumProtocolVersion: 'TLSv1' }),
  { IAMCertificateId: 'ASCAONE', SSLSupportMethod: 'vip', MinimumProtocolVersion: 'SSLv3' },
  {
    CloudFrontDefaultCertificate: false,
    IAMCertificateId: 'ASCATWO',
    SSLSupportMethod: 'sni-only',
    MinimumProtocolVersion: 'TLSv1.1_2016',
  },
  { CloudFrontDefaultCertificate: true },
  {
    Certificate: arnOfCertificate('three'),
    CertificateSource: 'acm',
    SSLSupportMethod: 'sni-only',
    MinimumProtocolVersion: 'TLSv1.2_2019',
  },
  {
    Certificate: 'ASCATHREE',
    CertificateSource: 'iam',
    SSLSupportMethod: 'sni-only',
    MinimumProtocolVersion: 'TLSv1.2_2018',
  },
  { CertificateSource: 'cloudfront' },
];

function acm(name: string, more: Form): Form {
  return { ACMCertificateArn: arnOfCertificate(name), ...more };
}

function arnOfCertificate(name: string): string {
  return `arn:aws:acm:us-east-1:000000000000:certificate/${name}`;
}

/** All forms that a distribution has to be sent in. */
export function distributionForms(named: Named): readonly Form[] {
  return certificates.map((ViewerCertificate, index) => ({
    ...distributionForm(named, index),
    ViewerCertificate,
  }));
}

function distributionForm(named: Named, index: number): Form {
  const { either, first, of } = choosing(index);
  return {
    CallerReference: `every-field-${index}`,
    Comment: either('a site', 'another site'),
    Enabled: first,
    DefaultRootObject: either('index.html', 'home/index.htm'),
    Aliases: counted(`www-${index}.example.net`, `*.w${index}.example.net`),
    Origins: originsOf(named, index),
    OriginGroups: counted({
      Id: `group-${index}`,
      FailoverCriteria: { StatusCodes: counted(500, either(503, 404)) },
      Members: counted(
        ...either(['web', 'bucket'], ['bucket', 'web']).map((OriginId) => ({ OriginId })),
      ),
      SelectionCriteria: either('default', 'media-quality-based'),
    }),
    DefaultCacheBehavior: policyBehavior(named, index),
    CacheBehaviors: counted(
      { PathPattern: `/${index}/*`, ...valuesBehavior(index) },
      { PathPattern: either('*.jpg', '/api/?'), ...policyBehavior(named, index + 1) },
    ),
    CustomErrorResponses: counted({
      ErrorCode: either(404, 503),
      ResponsePagePath: either('/404.html', '/sorry.html'),
      ResponseCode: either('200', '404'),
      ErrorCachingMinTTL: either(30, 0),
    }),
    Logging: {
      Enabled: true,
      IncludeCookies: first,
      Bucket: either('logs.s3.amazonaws.com', 'other.s3.amazonaws.com'),
      Prefix: either('site/', 'other/'),
    },
    PriceClass: either('PriceClass_100', 'PriceClass_200'),
    Restrictions: {
      GeoRestriction: {
        RestrictionType: either('whitelist', 'blacklist'),
        ...counted('DE', either('FR', 'JP')),
      },
    },
    WebACLId: `arn:aws:wafv2:us-east-1:000000000000:global/webacl/${either('one', 'two')}/00000000-0000-0000-0000-000000000000`,
    HttpVersion: either('http2', 'http2and3'),
    IsIPV6Enabled: first,
    Staging: false,
    AnycastIpListId: of(named.anycastIpList),
    ConnectionFunctionAssociation: { Id: of(named.connectionFunction) },
    CacheTagConfig: { HeaderName: either('cache-tag', 'surrogate-key') },
  };
}

function originsOf(named: Named, index: number): Form {
  const { either, of } = choosing(index);
  const common = {
    CustomHeaders: counted({
      HeaderName: either('x-one', 'x-two'),
      HeaderValue: either('first', 'second'),
    }),
    OriginPath: either('/site', '/other'),
    ConnectionAttempts: either(1, 2),
    ConnectionTimeout: either(4, 5),
    ResponseCompletionTimeout: either(90, 120),
    OriginShield: either({ Enabled: true, OriginShieldRegion: 'eu-west-1' }, { Enabled: false }),
  };
  const accessControl = index % 4 < 2;
  return counted(
    {
      ...common,
      Id: 'web',
      DomainName: either('www.example.com', 'app.example.com'),
      CustomOriginConfig: {
        HTTPPort: either(8_080, 80),
        HTTPSPort: either(8_443, 443),
        OriginProtocolPolicy: either('https-only', 'match-viewer'),
        OriginSslProtocols: counted('TLSv1.2', ...either([], ['TLSv1.1'])),
        OriginReadTimeout: either(40, 50),
        OriginKeepaliveTimeout: either(7, 9),
        IpAddressType: either('dualstack', 'ipv6'),
      },
    },
    {
      ...common,
      Id: 'bucket',
      DomainName: either('pics.s3.amazonaws.com', 'pics.s3.eu-west-1.amazonaws.com'),
      OriginShield: { Enabled: true, OriginShieldRegion: either('us-east-1', 'eu-west-2') },
      ...(accessControl ? { OriginAccessControlId: of(named.accessControl) } : {}),
      S3OriginConfig: {
        OriginAccessIdentity: accessControl ? '' : of(named.identity),
        OriginReadTimeout: either(35, 45),
      },
    },
    {
      ...common,
      Id: `vpc-${index}`,
      DomainName: 'balancer.example.com',
      VpcOriginConfig: {
        VpcOriginId: of(named.vpcOrigin),
        OwnerAccountId: either('000000000000', '111122223333'),
        OriginReadTimeout: either(36, 46),
        OriginKeepaliveTimeout: either(8, 10),
      },
    },
  );
}

/** A behavior that says how it caches by policies. */
function policyBehavior(named: Named, index: number): Form {
  const { either, first, of } = choosing(index);
  return {
    TargetOriginId: 'web',
    ViewerProtocolPolicy: either('https-only', 'redirect-to-https'),
    AllowedMethods: {
      ...counted(...methods),
      CachedMethods: counted('HEAD', 'GET', ...either([], ['OPTIONS'])),
    },
    Compress: first,
    SmoothStreaming: first,
    TrustedKeyGroups: { Enabled: true, ...counted(of(named.keyGroup)) },
    TrustedSigners: { Enabled: false, Quantity: 0 },
    FunctionAssociations: counted({
      FunctionARN: of(named.function),
      EventType: either('viewer-request', 'viewer-response'),
    }),
    LambdaFunctionAssociations: { Quantity: 0 },
    FieldLevelEncryptionId: of(named.fieldEncryption),
    RealtimeLogConfigArn: of(named.realtimeLogConfig),
    CachePolicyId: of(named.cachePolicy),
    OriginRequestPolicyId: of(named.originRequestPolicy),
    ResponseHeadersPolicyId: of(named.responseHeadersPolicy),
    GrpcConfig: { Enabled: first },
  };
}

/** A behavior that says how it caches by itself. */
function valuesBehavior(index: number): Form {
  const { either, first } = choosing(index);
  return {
    TargetOriginId: either('bucket', `group-${index}`),
    ViewerProtocolPolicy: 'allow-all',
    AllowedMethods: {
      ...counted('HEAD', 'GET', ...either([], ['OPTIONS'])),
      CachedMethods: counted('HEAD', 'GET'),
    },
    TrustedKeyGroups: { Enabled: false, Quantity: 0 },
    TrustedSigners: { Enabled: true, ...counted(either('self', '111122223333')) },
    ForwardedValues: {
      QueryString: first,
      QueryStringCacheKeys: either(counted('page', index === 0 ? 'size' : 'sort'), { Quantity: 0 }),
      Cookies: either(
        { Forward: 'whitelist', WhitelistedNames: counted('session', index === 0 ? 'a' : 'b') },
        { Forward: 'all' },
      ),
      Headers: counted('x-color', either('x-size', 'x-form')),
    },
    MinTTL: either(1, 2),
    DefaultTTL: either(10, 20),
    MaxTTL: either(100, 200),
  };
}

/** All forms that a streaming distribution has to be sent in. */
export function streamingForms({ identity }: Named): readonly Form[] {
  return [0, 1, 2].map((index) => {
    const { either, first, of } = choosing(index);
    const signer = ['self', '111122223333', '000000000000'][index];
    return {
      CallerReference: `every-field-${index}`,
      S3Origin: {
        DomainName: either('films.s3.amazonaws.com', 'songs.s3.amazonaws.com'),
        OriginAccessIdentity: of(identity),
      },
      Aliases: counted(`films-${index}.example.net`),
      Comment: either('films', 'songs'),
      Enabled: first,
      TrustedSigners: { Enabled: true, ...counted(signer) },
      Logging: {
        Enabled: true,
        Bucket: either('logs.s3.amazonaws.com', 'other.s3.amazonaws.com'),
        Prefix: either('films/', 'songs/'),
      },
      PriceClass: either('PriceClass_100', 'PriceClass_200'),
    };
  });
}

/** What streaming distributions switch off. */
export const plainStreamingForm: Form = {
  CallerReference: 'nothing-on',
  S3Origin: { DomainName: 'films.s3.amazonaws.com', OriginAccessIdentity: '' },
  Comment: '',
  Enabled: false,
  TrustedSigners: { Enabled: false, Quantity: 0 },
  Logging: { Enabled: false, Bucket: '', Prefix: '' },
};
