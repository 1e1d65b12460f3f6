/** Configurations of distributions as clients send them. */

export const originHost = 'www.example.com';

export type Form = { readonly [member: string]: unknown };

/** What `aws cloudfront create-distribution --origin-domain-name` sends. */
export function cliForm(reference: string, changed: Form = {}): Form {
  return {
    CallerReference: reference,
    Aliases: { Quantity: 0 },
    Origins: {
      Quantity: 1,
      Items: [
        {
          Id: 'www',
          DomainName: originHost,
          OriginPath: '',
          CustomHeaders: { Quantity: 0 },
          CustomOriginConfig: {
            HTTPPort: 80,
            HTTPSPort: 443,
            OriginProtocolPolicy: 'http-only',
            OriginSslProtocols: { Quantity: 1, Items: ['TLSv1.2'] },
          },
        },
      ],
    },
    DefaultCacheBehavior: {
      TargetOriginId: 'www',
      ForwardedValues: {
        QueryString: false,
        Cookies: { Forward: 'none' },
        Headers: { Quantity: 0 },
        QueryStringCacheKeys: { Quantity: 0 },
      },
      TrustedSigners: { Enabled: false, Quantity: 0 },
      ViewerProtocolPolicy: 'allow-all',
      MinTTL: 0,
    },
    CacheBehaviors: { Quantity: 0 },
    Comment: '',
    Logging: { Enabled: false, IncludeCookies: false, Bucket: '', Prefix: '' },
    Enabled: true,
    ...changed,
  };
}

/** What `--origin-domain-name` of the AWS CLI says, of a bucket or of another host, and nothing more. */
export function cliShortForm(reference: string, domainName: string): Form {
  const id = `${domainName}-1700000000-123456`;
  const place = domainName.endsWith('.s3.amazonaws.com')
    ? { S3OriginConfig: { OriginAccessIdentity: '' } }
    : { CustomOriginConfig: { HTTPPort: 80, HTTPSPort: 443, OriginProtocolPolicy: 'http-only' } };
  return {
    CallerReference: reference,
    Origins: { Quantity: 1, Items: [{ Id: id, DomainName: domainName, OriginPath: '', ...place }] },
    DefaultCacheBehavior: {
      TargetOriginId: id,
      ForwardedValues: { QueryString: false, Cookies: { Forward: 'none' } },
      TrustedSigners: { Enabled: false, Quantity: 0 },
      ViewerProtocolPolicy: 'allow-all',
      MinTTL: 0,
    },
    Comment: '',
    Enabled: true,
  };
}

/** The members that the model requires, of someone who knows cache policies. */
export function sdkForm(reference: string): Form {
  return {
    CallerReference: reference,
    Origins: {
      Quantity: 1,
      Items: [
        {
          Id: 'o',
          DomainName: originHost,
          CustomOriginConfig: {
            HTTPPort: 80,
            HTTPSPort: 443,
            OriginProtocolPolicy: 'https-only',
          },
        },
      ],
    },
    DefaultCacheBehavior: {
      TargetOriginId: 'o',
      ViewerProtocolPolicy: 'redirect-to-https',
      CachePolicyId: '658327ea-f89d-4fab-a63d-7e88639e58f6',
    },
    Comment: '',
    Enabled: true,
  };
}

/** Of Terraform's provider: empty texts for what is not set, every list sent. */
export function terraformForm(reference: string, changed: Form = {}): Form {
  const behavior = {
    TargetOriginId: 'bucket',
    CachePolicyId: '658327ea-f89d-4fab-a63d-7e88639e58f6',
    OriginRequestPolicyId: '',
    ResponseHeadersPolicyId: '',
    Compress: true,
    FieldLevelEncryptionId: '',
    ViewerProtocolPolicy: 'redirect-to-https',
    TrustedSigners: { Enabled: false, Quantity: 0, Items: [] },
    TrustedKeyGroups: { Enabled: false, Quantity: 0, Items: [] },
    LambdaFunctionAssociations: { Quantity: 0, Items: [] },
    FunctionAssociations: { Quantity: 0, Items: [] },
    SmoothStreaming: false,
    AllowedMethods: {
      Quantity: 2,
      Items: ['GET', 'HEAD'],
      CachedMethods: { Quantity: 2, Items: ['GET', 'HEAD'] },
    },
  };
  return {
    CallerReference: reference,
    Aliases: { Quantity: 0, Items: [] },
    Origins: {
      Quantity: 2,
      Items: [
        {
          Id: 'bucket',
          DomainName: 'pics.s3.eu-west-1.amazonaws.com',
          OriginPath: '/site',
          OriginAccessControlId: '',
          ConnectionAttempts: 3,
          ConnectionTimeout: 10,
          CustomHeaders: { Quantity: 0, Items: [] },
          S3OriginConfig: { OriginAccessIdentity: '' },
        },
        {
          Id: 'api',
          DomainName: 'api.example.com',
          OriginPath: '',
          OriginAccessControlId: '',
          ConnectionAttempts: 2,
          ConnectionTimeout: 5,
          CustomHeaders: { Quantity: 1, Items: [{ HeaderName: 'X-Secret', HeaderValue: 's' }] },
          CustomOriginConfig: {
            HTTPPort: 8080,
            HTTPSPort: 8443,
            OriginProtocolPolicy: 'https-only',
            OriginSslProtocols: { Quantity: 1, Items: ['TLSv1.2'] },
            OriginReadTimeout: 60,
            OriginKeepaliveTimeout: 10,
          },
          OriginShield: { Enabled: true, OriginShieldRegion: 'eu-west-1' },
        },
      ],
    },
    OriginGroups: {
      Quantity: 1,
      Items: [
        {
          Id: 'both',
          FailoverCriteria: { StatusCodes: { Quantity: 2, Items: [500, 503] } },
          Members: { Quantity: 2, Items: [{ OriginId: 'bucket' }, { OriginId: 'api' }] },
        },
      ],
    },
    DefaultRootObject: 'index.html',
    DefaultCacheBehavior: behavior,
    CacheBehaviors: {
      Quantity: 2,
      Items: [
        {
          ...behavior,
          PathPattern: '/api/*',
          TargetOriginId: 'api',
          CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
          OriginRequestPolicyId: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
          ResponseHeadersPolicyId: '67f7725c-6f97-4210-82d7-5512b31e9d03',
          AllowedMethods: {
            Quantity: 7,
            Items: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE'],
            CachedMethods: { Quantity: 2, Items: ['GET', 'HEAD'] },
          },
        },
        { ...behavior, PathPattern: '*.jpg', TargetOriginId: 'both' },
      ],
    },
    CustomErrorResponses: {
      Quantity: 2,
      Items: [
        {
          ErrorCode: 404,
          ResponsePagePath: '/404.html',
          ResponseCode: '404',
          ErrorCachingMinTTL: 30,
        },
        { ErrorCode: 500, ResponsePagePath: '', ResponseCode: '', ErrorCachingMinTTL: 0 },
      ],
    },
    Comment: 'a site',
    Logging: {
      Enabled: true,
      IncludeCookies: true,
      Bucket: 'logs.s3.amazonaws.com',
      Prefix: 'site/',
    },
    PriceClass: 'PriceClass_100',
    Enabled: true,
    ViewerCertificate: {
      CloudFrontDefaultCertificate: false,
      ACMCertificateArn: 'arn:aws:acm:us-east-1:000000000000:certificate/abc',
      SSLSupportMethod: 'sni-only',
      MinimumProtocolVersion: 'TLSv1.2_2021',
    },
    Restrictions: {
      GeoRestriction: { RestrictionType: 'whitelist', Quantity: 2, Items: ['DE', 'FR'] },
    },
    WebACLId: '',
    HttpVersion: 'http2',
    IsIPV6Enabled: true,
    ContinuousDeploymentPolicyId: '',
    Staging: false,
    ...changed,
  };
}

/** One that is reached through tenants: each has a `site`, and may have a `folder`. */
export function multiTenantForm(reference: string, changed: Form = {}, origin: Form = {}): Form {
  return cliForm(reference, {
    Origins: {
      Quantity: 1,
      Items: [
        {
          Id: 'www',
          DomainName: '{{site}}.origin.example.com',
          OriginPath: '/{{folder}}',
          CustomOriginConfig: { HTTPPort: 80, HTTPSPort: 443, OriginProtocolPolicy: 'http-only' },
          ...origin,
        },
      ],
    },
    ConnectionMode: 'tenant-only',
    TenantConfig: {
      ParameterDefinitions: [
        {
          Name: 'site',
          Definition: { StringSchema: { Required: true, Comment: 'where its pages are' } },
        },
        {
          Name: 'folder',
          Definition: { StringSchema: { Required: false, DefaultValue: 'public' } },
        },
      ],
    },
    ...changed,
  });
}

/** Of Terraform's provider where as little as possible is written down: neither kind of origin is. */
export function terraformShortForm(reference: string, changed: Form = {}): Form {
  return {
    CallerReference: reference,
    Aliases: { Quantity: 0, Items: [] },
    CacheBehaviors: { Quantity: 0, Items: [] },
    Comment: '',
    ContinuousDeploymentPolicyId: '',
    CustomErrorResponses: { Quantity: 0, Items: [] },
    DefaultCacheBehavior: {
      AllowedMethods: {
        Quantity: 2,
        Items: ['GET', 'HEAD'],
        CachedMethods: { Quantity: 2, Items: ['GET', 'HEAD'] },
      },
      CachePolicyId: '',
      Compress: false,
      DefaultTTL: 0,
      FieldLevelEncryptionId: '',
      ForwardedValues: {
        Cookies: { Forward: 'none', WhitelistedNames: { Quantity: 0, Items: [] } },
        Headers: { Quantity: 0, Items: [] },
        QueryString: false,
        QueryStringCacheKeys: { Quantity: 0, Items: [] },
      },
      FunctionAssociations: { Quantity: 0, Items: [] },
      GrpcConfig: { Enabled: false },
      LambdaFunctionAssociations: { Quantity: 0, Items: [] },
      MaxTTL: 0,
      MinTTL: 0,
      OriginRequestPolicyId: '',
      ResponseHeadersPolicyId: '',
      SmoothStreaming: false,
      TargetOriginId: 'bucket',
      TrustedKeyGroups: { Enabled: false, Quantity: 0 },
      TrustedSigners: { Enabled: false, Quantity: 0 },
      ViewerProtocolPolicy: 'allow-all',
    },
    DefaultRootObject: '',
    Enabled: true,
    HttpVersion: 'http2',
    IsIPV6Enabled: false,
    Logging: { Enabled: false, IncludeCookies: false, Bucket: '', Prefix: '' },
    OriginGroups: { Quantity: 0, Items: [] },
    Origins: {
      Quantity: 1,
      Items: [
        {
          ConnectionAttempts: 3,
          ConnectionTimeout: 10,
          CustomHeaders: { Quantity: 0, Items: [] },
          DomainName: 'pics.s3.eu-west-1.amazonaws.com',
          Id: 'bucket',
          OriginAccessControlId: '',
          OriginPath: '',
          S3OriginConfig: { OriginAccessIdentity: '' },
        },
      ],
    },
    PriceClass: 'PriceClass_All',
    Restrictions: { GeoRestriction: { RestrictionType: 'none', Quantity: 0, Items: [] } },
    Staging: false,
    ViewerCertificate: { CloudFrontDefaultCertificate: true, MinimumProtocolVersion: 'TLSv1' },
    WebACLId: '',
    ...changed,
  };
}

/** What the console sends for a site: everything, IPv6 on, one of each thing that a page of it has. */
export function consoleForm(reference: string): Form {
  const behavior = {
    TargetOriginId: 'bucket',
    TrustedSigners: { Enabled: false, Quantity: 0 },
    TrustedKeyGroups: { Enabled: false, Quantity: 0 },
    ViewerProtocolPolicy: 'redirect-to-https',
    AllowedMethods: {
      Quantity: 3,
      Items: ['HEAD', 'GET', 'OPTIONS'],
      CachedMethods: { Quantity: 3, Items: ['HEAD', 'GET', 'OPTIONS'] },
    },
    SmoothStreaming: false,
    Compress: true,
    LambdaFunctionAssociations: { Quantity: 0 },
    FunctionAssociations: { Quantity: 0 },
    FieldLevelEncryptionId: '',
    GrpcConfig: { Enabled: false },
  };
  const policies = {
    CachePolicyId: '658327ea-f89d-4fab-a63d-7e88639e58f6',
    OriginRequestPolicyId: '88a5eaf4-2fd4-4709-b370-b4c650ea3fcf',
    ResponseHeadersPolicyId: '67f7725c-6f97-4210-82d7-5512b31e9d03',
  };
  return {
    CallerReference: reference,
    Aliases: { Quantity: 1, Items: [`${reference}.example.net`] },
    DefaultRootObject: 'index.html',
    Origins: {
      Quantity: 2,
      Items: [
        {
          Id: 'bucket',
          DomainName: 'pics.s3.eu-west-1.amazonaws.com',
          OriginPath: '',
          CustomHeaders: { Quantity: 0 },
          S3OriginConfig: { OriginAccessIdentity: '', OriginReadTimeout: 30 },
          ConnectionAttempts: 3,
          ConnectionTimeout: 10,
          OriginShield: { Enabled: false },
          OriginAccessControlId: '',
        },
        {
          Id: 'api',
          DomainName: 'api.example.com',
          OriginPath: '/v1',
          CustomHeaders: { Quantity: 1, Items: [{ HeaderName: 'X-From', HeaderValue: 'edge' }] },
          CustomOriginConfig: {
            HTTPPort: 80,
            HTTPSPort: 443,
            OriginProtocolPolicy: 'https-only',
            OriginSslProtocols: { Quantity: 2, Items: ['TLSv1.1', 'TLSv1.2'] },
            OriginReadTimeout: 30,
            OriginKeepaliveTimeout: 5,
            IpAddressType: 'ipv4',
          },
          ConnectionAttempts: 3,
          ConnectionTimeout: 10,
          ResponseCompletionTimeout: 60,
          OriginShield: { Enabled: true, OriginShieldRegion: 'eu-central-1' },
          OriginAccessControlId: '',
        },
      ],
    },
    OriginGroups: {
      Quantity: 1,
      Items: [
        {
          Id: 'failover',
          FailoverCriteria: { StatusCodes: { Quantity: 2, Items: [502, 503] } },
          Members: { Quantity: 2, Items: [{ OriginId: 'bucket' }, { OriginId: 'api' }] },
          SelectionCriteria: 'default',
        },
      ],
    },
    DefaultCacheBehavior: { ...behavior, ...policies },
    CacheBehaviors: {
      Quantity: 2,
      Items: [
        {
          ...behavior,
          PathPattern: '/old/*',
          TargetOriginId: 'api',
          ForwardedValues: {
            QueryString: true,
            Cookies: {
              Forward: 'whitelist',
              WhitelistedNames: { Quantity: 1, Items: ['session'] },
            },
            Headers: { Quantity: 2, Items: ['Origin', 'Accept-Language'] },
            QueryStringCacheKeys: { Quantity: 1, Items: ['page'] },
          },
          MinTTL: 10,
          DefaultTTL: 20,
          MaxTTL: 30,
        },
        { ...behavior, ...policies, PathPattern: 'images/*.jpg', TargetOriginId: 'failover' },
      ],
    },
    CustomErrorResponses: {
      Quantity: 2,
      Items: [
        {
          ErrorCode: 403,
          ResponsePagePath: '/index.html',
          ResponseCode: '200',
          ErrorCachingMinTTL: 10,
        },
        { ErrorCode: 502, ResponsePagePath: '', ResponseCode: '', ErrorCachingMinTTL: 5 },
      ],
    },
    Comment: 'made in the console',
    Logging: {
      Enabled: true,
      IncludeCookies: false,
      Bucket: 'logs.s3.amazonaws.com',
      Prefix: 'cdn/',
    },
    PriceClass: 'PriceClass_200',
    Enabled: true,
    ViewerCertificate: {
      CloudFrontDefaultCertificate: false,
      ACMCertificateArn: 'arn:aws:acm:us-east-1:000000000000:certificate/abc',
      SSLSupportMethod: 'sni-only',
      MinimumProtocolVersion: 'TLSv1.2_2021',
      Certificate: 'arn:aws:acm:us-east-1:000000000000:certificate/abc',
      CertificateSource: 'acm',
    },
    Restrictions: {
      GeoRestriction: { RestrictionType: 'blacklist', Quantity: 1, Items: ['AQ'] },
    },
    WebACLId: '',
    HttpVersion: 'http2and3',
    IsIPV6Enabled: true,
    ContinuousDeploymentPolicyId: '',
    Staging: false,
  };
}
