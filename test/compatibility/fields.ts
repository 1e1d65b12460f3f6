/** Every field of a distribution, by both versions of the API, and what becomes of it. */
import type { FieldSection } from './state.ts';

const origin = 'Origins/Items';
const custom = `${origin}/CustomOriginConfig`;
const behavior = 'DefaultCacheBehavior';
const forwarded = `${behavior}/ForwardedValues`;

/** `DistributionConfig` of API 2020-05-31. */
export const distributionFields: readonly FieldSection[] = [
  {
    title: 'The distribution',
    below: '',
    rows: [
      {
        fields: ['CallerReference'],
        state: 'honored',
        remark: 'free again once its distribution is deleted',
      },
      { fields: ['Comment', 'Enabled', 'DefaultRootObject'], state: 'honored' },
      {
        fields: ['Aliases/Items'],
        state: 'honored',
        remark:
          'with `*.`; in lower case, one owner over all accounts. They may stand beside the default certificate, since each gets one here',
      },
      { fields: ['HttpVersion'], state: 'honored', remark: '`http3` is served as HTTP/1.1' },
      {
        fields: ['Logging/Enabled', 'Logging/Bucket', 'Logging/Prefix', 'Logging/IncludeCookies'],
        state: 'honored',
        remark: '[access-logs.md](access-logs.md)',
      },
      {
        fields: [
          'CustomErrorResponses/Items/ErrorCode',
          'CustomErrorResponses/Items/ResponsePagePath',
          'CustomErrorResponses/Items/ResponseCode',
          'CustomErrorResponses/Items/ErrorCachingMinTTL',
        ],
        state: 'honored',
        remark:
          'for errors of origins, failing origins, refused plain HTTP, refused countries and unsigned requests',
      },
      {
        fields: [
          'ViewerCertificate/CloudFrontDefaultCertificate',
          'ViewerCertificate/ACMCertificateArn',
          'ViewerCertificate/SSLSupportMethod',
        ],
        state: 'stored',
        remark:
          'an edge picks a certificate by the name a viewer asks for, whatever is named here: [certificates.md](certificates.md)',
      },
      {
        fields: ['ViewerCertificate/IAMCertificateId'],
        state: 'honored',
        remark:
          'the id of an imported certificate (`ASCA…`) has that one shown; any other is stored',
      },
      {
        fields: ['ViewerCertificate/MinimumProtocolVersion'],
        state: 'honored',
        remark:
          'by the name a viewer asks TLS for; all rows begin with TLS 1.2: [certificates.md](certificates.md)',
      },
      {
        fields: ['ViewerCertificate/Certificate', 'ViewerCertificate/CertificateSource'],
        state: 'stored',
        remark: 'the older words for the two ids; answered beside them',
      },
      {
        fields: [
          'Restrictions/GeoRestriction/RestrictionType',
          'Restrictions/GeoRestriction/Items',
        ],
        state: 'honored',
        remark:
          'by the databases of `--geo-database`; a viewer of an unknown country is served: [operating.md](operating.md)',
      },
      {
        fields: [
          'WebACLId',
          'PriceClass',
          'Staging',
          'ContinuousDeploymentPolicyId',
          'AnycastIpListId',
          'ConnectionFunctionAssociation/Id',
          'CacheTagConfig/HeaderName',
        ],
        state: 'stored',
      },
      {
        fields: ['IsIPV6Enabled'],
        state: 'honored',
        remark:
          'by `--dns`, which names no address of IPv6 without it; who comes over IPv6 all the same is served',
      },
      {
        fields: ['ConnectionMode'],
        state: 'honored',
        remark: 'one of `tenant-only` is not reached by its own domain name',
      },
      {
        fields: [
          'TenantConfig/ParameterDefinitions/Name',
          'TenantConfig/ParameterDefinitions/Definition/StringSchema/Required',
          'TenantConfig/ParameterDefinitions/Definition/StringSchema/Comment',
          'TenantConfig/ParameterDefinitions/Definition/StringSchema/DefaultValue',
        ],
        state: 'honored',
        remark:
          '`{{name}}` in domain names and paths of origins stands for what a tenant gives it; comments are stored',
      },
      {
        fields: [
          'ViewerMtlsConfig/Mode',
          'ViewerMtlsConfig/TrustStoreConfig/TrustStoreId',
          'ViewerMtlsConfig/TrustStoreConfig/AdvertiseTrustStoreCaNames',
          'ViewerMtlsConfig/TrustStoreConfig/IgnoreCertificateExpiry',
        ],
        state: 'refused',
        remark: 'viewers are not asked for certificates',
      },
    ],
  },
  {
    title: 'Its origins',
    below: origin,
    rows: [
      {
        fields: [
          'Id',
          'DomainName',
          'OriginPath',
          'CustomHeaders/Items/HeaderName',
          'CustomHeaders/Items/HeaderValue',
        ],
        state: 'honored',
      },
      {
        fields: ['ConnectionAttempts', 'ConnectionTimeout'],
        state: 'honored',
        remark: "where they say the usual 3 and 10, the operator's settings count",
      },
      {
        fields: ['S3OriginConfig/OriginAccessIdentity'],
        state: 'honored',
        remark: 'with the keys that `--identity-credentials` gives the identity',
      },
      { fields: ['S3OriginConfig/OriginReadTimeout'], state: 'honored', remark: 'as below' },
      {
        fields: ['OriginAccessControlId'],
        state: 'honored',
        remark:
          'for buckets, with the keys that `--identity-credentials` gives the id; for other origins the access control is stored',
      },
      {
        fields: [
          'VpcOriginConfig/VpcOriginId',
          'VpcOriginConfig/OriginReadTimeout',
          'VpcOriginConfig/OriginKeepaliveTimeout',
        ],
        state: 'honored',
        remark:
          'ports and protocol policy of the resource; where it is reached is told by `--origin`',
      },
      {
        fields: ['VpcOriginConfig/OwnerAccountId'],
        state: 'stored',
      },
      {
        fields: ['OriginShield/Enabled', 'OriginShield/OriginShieldRegion'],
        state: 'honored',
        remark:
          'for `GET` and `HEAD`, where `--origin-shield` names an edge location for the region: [operating.md](operating.md)',
      },
      {
        fields: ['ResponseCompletionTimeout'],
        state: 'honored',
        remark: 'of each attempt; 504 before the head of the answer, which is cut after it',
      },
    ],
  },
  {
    title: 'Origins that are no buckets',
    below: custom,
    rows: [
      { fields: ['HTTPPort', 'HTTPSPort', 'OriginProtocolPolicy'], state: 'honored' },
      {
        fields: ['OriginReadTimeout'],
        state: 'honored',
        remark: "where it says the usual 30, the operator's setting counts",
      },
      {
        fields: ['OriginSslProtocols/Items'],
        state: 'honored',
        remark:
          'TLS 1.3 goes with `TLSv1.2`; nothing speaks `SSLv3`. Older versions are spoken only where they are named, and weaker signatures taken with them',
      },
      { fields: ['OriginKeepaliveTimeout'], state: 'honored' },
      {
        fields: ['IpAddressType'],
        state: 'honored',
        remark: 'without it, whatever addresses the name has; not where `--origin` says the place',
      },
      {
        fields: ['OriginMtlsConfig/ClientCertificateArn'],
        state: 'refused',
        remark: 'certificates of clients are not sent to origins',
      },
    ],
  },
  {
    title: 'Groups of origins',
    below: 'OriginGroups/Items',
    rows: [
      {
        fields: ['Id', 'FailoverCriteria/StatusCodes/Items', 'Members/Items/OriginId'],
        state: 'honored',
      },
      {
        fields: ['SelectionCriteria'],
        state: 'honored',
        remark: '`media-quality-based` counts as `default`',
      },
    ],
  },
  {
    title: 'Cache behaviors',
    below: 'CacheBehaviors/Items',
    rows: [
      {
        fields: ['PathPattern'],
        state: 'honored',
        remark: 'behaviors are tried in their order; their other fields are those of the default',
      },
    ],
  },
  {
    title: 'The default cache behavior, and all others',
    below: behavior,
    rows: [
      {
        fields: ['TargetOriginId', 'ViewerProtocolPolicy', 'Compress'],
        state: 'honored',
      },
      {
        fields: ['AllowedMethods/Items', 'AllowedMethods/CachedMethods/Items'],
        state: 'honored',
        remark: 'the sets that the service has, answered in its order',
      },
      {
        fields: ['TrustedSigners/Enabled', 'TrustedSigners/Items'],
        state: 'honored',
        remark:
          'signed URLs and cookies, canned and custom: [private-content.md](private-content.md)',
      },
      {
        fields: ['TrustedKeyGroups/Enabled', 'TrustedKeyGroups/Items'],
        state: 'honored',
        remark: 'their keys may be of RSA or ECDSA',
      },
      {
        fields: ['CachePolicyId', 'OriginRequestPolicyId'],
        state: 'honored',
        remark: 'a change of a policy reaches every edge without touching the distribution',
      },
      {
        fields: ['ResponseHeadersPolicyId'],
        state: 'honored',
        remark:
          'removal, CORS, security and custom fields, `Server-Timing` without what the edge does not measure (`cdn-upstream-dns`, `cdn-upstream-connect`)',
      },
      {
        fields: ['MinTTL', 'DefaultTTL', 'MaxTTL'],
        state: 'honored',
        remark: 'beside `ForwardedValues`',
      },
      {
        fields: [
          'FunctionAssociations/Items/FunctionARN',
          'FunctionAssociations/Items/EventType',
          'FieldLevelEncryptionId',
          'RealtimeLogConfigArn',
          'SmoothStreaming',
          'GrpcConfig/Enabled',
        ],
        state: 'stored',
      },
      {
        fields: [
          'LambdaFunctionAssociations/Items/LambdaFunctionARN',
          'LambdaFunctionAssociations/Items/EventType',
          'LambdaFunctionAssociations/Items/IncludeBody',
        ],
        state: 'refused',
        remark: '`InvalidLambdaFunctionAssociation`',
      },
    ],
  },
  {
    title: 'Without a cache policy',
    below: forwarded,
    rows: [
      {
        fields: [
          'QueryString',
          'QueryStringCacheKeys/Items',
          'Cookies/Forward',
          'Cookies/WhitelistedNames/Items',
          'Headers/Items',
        ],
        state: 'honored',
      },
    ],
  },
];

/** `StreamingDistributionConfig` of API 2020-05-31. */
export const streamingFields: readonly FieldSection[] = [
  {
    title: '',
    below: '',
    rows: [
      {
        fields: [
          'CallerReference',
          'S3Origin/DomainName',
          'S3Origin/OriginAccessIdentity',
          'Aliases/Items',
          'Comment',
          'Enabled',
          'TrustedSigners/Enabled',
          'TrustedSigners/Items',
          'Logging/Enabled',
          'Logging/Bucket',
          'Logging/Prefix',
          'PriceClass',
        ],
        state: 'stored',
        remark: 'RTMP is not served yet',
      },
    ],
  },
];

/** `DistributionConfig` of API 2010-11-01. */
export const oldDistributionFields: readonly FieldSection[] = [
  {
    title: '',
    below: '',
    rows: [
      {
        fields: ['S3Origin/DNSName'],
        state: 'honored',
        remark:
          '`<bucket>.s3.amazonaws.com` and regional forms; whether the bucket exists is not asked',
      },
      {
        fields: ['S3Origin/OriginAccessIdentity'],
        state: 'honored',
        remark:
          'the identity must exist in the account; requests to the bucket are signed with the keys that `--identity-credentials` gives it',
      },
      {
        fields: [
          'CustomOrigin/DNSName',
          'CustomOrigin/HTTPPort',
          'CustomOrigin/HTTPSPort',
          'CustomOrigin/OriginProtocolPolicy',
        ],
        state: 'honored',
      },
      {
        fields: ['CallerReference'],
        state: 'honored',
        remark: 'free again once its distribution is deleted',
      },
      {
        fields: ['CNAME'],
        state: 'honored',
        remark:
          'one owner over all accounts and both kinds; names below our own domain are refused',
      },
      { fields: ['Comment', 'Enabled', 'DefaultRootObject'], state: 'honored' },
      {
        fields: ['Logging/Bucket', 'Logging/Prefix'],
        state: 'honored',
        remark:
          'files of 33 fields, or of the twelve of 2010 by a setting: [access-logs.md](access-logs.md)',
      },
      {
        fields: ['TrustedSigners/Self', 'TrustedSigners/AwsAccountNumber'],
        state: 'honored',
        remark:
          'signed URLs and cookies, canned and custom: [private-content.md](private-content.md)',
      },
      {
        fields: ['RequiredProtocols/Protocol'],
        state: 'honored',
        remark: 'plain HTTP is refused with 403',
      },
    ],
  },
];

/** `StreamingDistributionConfig` of API 2010-11-01. */
export const oldStreamingFields: readonly FieldSection[] = [
  {
    title: '',
    below: '',
    rows: [
      {
        fields: [
          'S3Origin/DNSName',
          'S3Origin/OriginAccessIdentity',
          'CallerReference',
          'CNAME',
          'Comment',
          'Enabled',
          'Logging/Bucket',
          'Logging/Prefix',
          'TrustedSigners/Self',
          'TrustedSigners/AwsAccountNumber',
        ],
        state: 'stored',
        remark: 'RTMP is not served yet',
      },
    ],
  },
];
