/** Every operation of both versions of the API, and what becomes of it. */
import type { OperationName } from '../../src/wire/shapes.generated.ts';
import type { OperationRow } from './state.ts';

/** *Refused* is `UnsupportedOperation`. */
export const operations20200531: readonly OperationRow<OperationName>[] = [
  {
    resource: 'distributions',
    operations: [
      'CreateDistribution',
      'CreateDistributionWithTags',
      'GetDistribution',
      'GetDistributionConfig',
      'UpdateDistribution',
      'DeleteDistribution',
      'ListDistributions',
    ],
    state: 'honored',
    remark:
      'completed to every member. What they name cannot be deleted, and the refusal says which distribution names it',
  },
  {
    resource: 'distributions',
    operations: ['CopyDistribution'],
    state: 'honored',
    remark: 'without aliases, and out of continuous deployment',
  },
  {
    resource: 'distributions',
    operations: ['UpdateDistributionWithStagingConfig'],
    state: 'honored',
    remark:
      'the policy is switched off in the same step; aliases, the policy and `Enabled` stay those of the primary one',
  },
  {
    resource: 'aliases',
    operations: ['AssociateAlias', 'ListConflictingAliases'],
    state: 'honored',
    remark:
      'moved between two distributions of the account; names of another account are told in part',
  },
  {
    resource: 'web ACLs of distributions',
    operations: ['AssociateDistributionWebACL', 'DisassociateDistributionWebACL'],
    state: 'stored',
  },
  {
    resource: 'distributions by what they name',
    operations: [
      'ListDistributionsByAnycastIpListId',
      'ListDistributionsByCachePolicyId',
      'ListDistributionsByConnectionFunction',
      'ListDistributionsByConnectionMode',
      'ListDistributionsByKeyGroup',
      'ListDistributionsByOriginRequestPolicyId',
      'ListDistributionsByOwnedResource',
      'ListDistributionsByRealtimeLogConfig',
      'ListDistributionsByResponseHeadersPolicyId',
      'ListDistributionsByTrustStore',
      'ListDistributionsByVpcOriginId',
      'ListDistributionsByWebACLId',
    ],
    state: 'honored',
    remark: 'no distribution can name a trust store, so that list is empty',
  },
  {
    resource: 'invalidations',
    operations: ['CreateInvalidation', 'GetInvalidation', 'ListInvalidations'],
    state: 'honored',
    remark:
      'exact paths with the query that is keyed, wildcards at the end; 3,000 paths and 15 wildcards in progress at once; `*` elsewhere is literal. Tags (`#…`) are no paths here and are refused. The older version lists them too',
  },
  {
    resource: 'streaming distributions',
    operations: [
      'CreateStreamingDistribution',
      'CreateStreamingDistributionWithTags',
      'GetStreamingDistribution',
      'GetStreamingDistributionConfig',
      'UpdateStreamingDistribution',
      'DeleteStreamingDistribution',
      'ListStreamingDistributions',
    ],
    state: 'stored',
    remark: 'nothing is served by RTMP',
  },
  {
    resource: 'cache policies',
    operations: [
      'CreateCachePolicy',
      'GetCachePolicy',
      'GetCachePolicyConfig',
      'UpdateCachePolicy',
      'DeleteCachePolicy',
      'ListCachePolicies',
    ],
    state: 'honored',
    remark: 'all managed ones are there',
  },
  {
    resource: 'origin request policies',
    operations: [
      'CreateOriginRequestPolicy',
      'GetOriginRequestPolicy',
      'GetOriginRequestPolicyConfig',
      'UpdateOriginRequestPolicy',
      'DeleteOriginRequestPolicy',
      'ListOriginRequestPolicies',
    ],
    state: 'honored',
    remark: 'all managed ones are there',
  },
  {
    resource: 'response headers policies',
    operations: [
      'CreateResponseHeadersPolicy',
      'GetResponseHeadersPolicy',
      'GetResponseHeadersPolicyConfig',
      'UpdateResponseHeadersPolicy',
      'DeleteResponseHeadersPolicy',
      'ListResponseHeadersPolicies',
    ],
    state: 'honored',
    remark: 'all managed ones are there',
  },
  {
    resource: 'origin access controls',
    operations: [
      'CreateOriginAccessControl',
      'GetOriginAccessControl',
      'GetOriginAccessControlConfig',
      'UpdateOriginAccessControl',
      'DeleteOriginAccessControl',
      'ListOriginAccessControls',
    ],
    state: 'honored',
    remark: 'for buckets; for other origins the access control is stored',
  },
  {
    resource: 'origin access identities',
    operations: [
      'CreateCloudFrontOriginAccessIdentity',
      'GetCloudFrontOriginAccessIdentity',
      'GetCloudFrontOriginAccessIdentityConfig',
      'UpdateCloudFrontOriginAccessIdentity',
      'DeleteCloudFrontOriginAccessIdentity',
      'ListCloudFrontOriginAccessIdentities',
    ],
    state: 'honored',
    remark: 'as in the older version, which sees them too',
  },
  {
    resource: 'public keys',
    operations: [
      'CreatePublicKey',
      'GetPublicKey',
      'GetPublicKeyConfig',
      'UpdatePublicKey',
      'DeletePublicKey',
      'ListPublicKeys',
    ],
    state: 'honored',
    remark: 'of RSA or ECDSA',
  },
  {
    resource: 'key groups',
    operations: [
      'CreateKeyGroup',
      'GetKeyGroup',
      'GetKeyGroupConfig',
      'UpdateKeyGroup',
      'DeleteKeyGroup',
      'ListKeyGroups',
    ],
    state: 'honored',
  },
  {
    resource: 'tags',
    operations: ['TagResource', 'UntagResource', 'ListTagsForResource'],
    state: 'honored',
    remark: 'on distributions and on what is made with tags; they change neither ETag nor status',
  },
  {
    resource: 'functions',
    operations: [
      'CreateFunction',
      'DescribeFunction',
      'GetFunction',
      'UpdateFunction',
      'PublishFunction',
      'DeleteFunction',
      'ListFunctions',
    ],
    state: 'stored',
    remark:
      'kept in two stages, each under an ETag of its own, and published; no edge runs them, and code is not compiled',
  },
  { resource: 'functions', operations: ['TestFunction'], state: 'refused' },
  {
    resource: 'connection functions',
    operations: [
      'CreateConnectionFunction',
      'DescribeConnectionFunction',
      'GetConnectionFunction',
      'UpdateConnectionFunction',
      'PublishConnectionFunction',
      'DeleteConnectionFunction',
      'ListConnectionFunctions',
    ],
    state: 'stored',
    remark: 'as functions',
  },
  { resource: 'connection functions', operations: ['TestConnectionFunction'], state: 'refused' },
  {
    resource: 'key-value stores',
    operations: [
      'CreateKeyValueStore',
      'DescribeKeyValueStore',
      'UpdateKeyValueStore',
      'DeleteKeyValueStore',
      'ListKeyValueStores',
    ],
    state: 'stored',
    remark:
      'made empty; `ImportSource` is refused. Items are written and read by the service `cloudfront-keyvaluestore` at the same address, signed by Version 4 or 4A',
  },
  {
    resource: 'continuous deployment policies',
    operations: [
      'CreateContinuousDeploymentPolicy',
      'GetContinuousDeploymentPolicy',
      'GetContinuousDeploymentPolicyConfig',
      'UpdateContinuousDeploymentPolicy',
      'DeleteContinuousDeploymentPolicy',
      'ListContinuousDeploymentPolicies',
    ],
    state: 'stored',
    remark:
      'each for one staging distribution and of one primary one; no edge sends requests there yet',
  },
  {
    resource: 'real-time log configurations',
    operations: [
      'CreateRealtimeLogConfig',
      'GetRealtimeLogConfig',
      'UpdateRealtimeLogConfig',
      'DeleteRealtimeLogConfig',
      'ListRealtimeLogConfigs',
    ],
    state: 'stored',
  },
  {
    resource: 'monitoring subscriptions',
    operations: [
      'CreateMonitoringSubscription',
      'GetMonitoringSubscription',
      'DeleteMonitoringSubscription',
    ],
    state: 'stored',
  },
  {
    resource: 'field-level encryption',
    operations: [
      'CreateFieldLevelEncryptionConfig',
      'GetFieldLevelEncryption',
      'GetFieldLevelEncryptionConfig',
      'UpdateFieldLevelEncryptionConfig',
      'DeleteFieldLevelEncryptionConfig',
      'ListFieldLevelEncryptionConfigs',
      'CreateFieldLevelEncryptionProfile',
      'GetFieldLevelEncryptionProfile',
      'GetFieldLevelEncryptionProfileConfig',
      'UpdateFieldLevelEncryptionProfile',
      'DeleteFieldLevelEncryptionProfile',
      'ListFieldLevelEncryptionProfiles',
    ],
    state: 'stored',
  },
  {
    resource: 'VPC origins',
    operations: [
      'CreateVpcOrigin',
      'GetVpcOrigin',
      'UpdateVpcOrigin',
      'DeleteVpcOrigin',
      'ListVpcOrigins',
    ],
    state: 'honored',
    remark:
      'ports and protocol policy; where one is reached is told by `--origin`. `Deployed` as soon as every live edge knows of it',
  },
  {
    resource: 'lists of static addresses',
    operations: [
      'CreateAnycastIpList',
      'GetAnycastIpList',
      'UpdateAnycastIpList',
      'DeleteAnycastIpList',
      'ListAnycastIpLists',
    ],
    state: 'stored',
    remark: 'they never hold addresses',
  },
  {
    resource: 'connection groups',
    operations: [
      'CreateConnectionGroup',
      'GetConnectionGroup',
      'GetConnectionGroupByRoutingEndpoint',
      'UpdateConnectionGroup',
      'DeleteConnectionGroup',
      'ListConnectionGroups',
    ],
    state: 'honored',
    remark:
      'one that is disabled has its tenants refused. An account has a default one, made with its first tenant. Lists of addresses are stored',
  },
  {
    resource: 'trust stores',
    operations: [
      'CreateTrustStore',
      'GetTrustStore',
      'UpdateTrustStore',
      'DeleteTrustStore',
      'ListTrustStores',
    ],
    state: 'stored',
  },
  {
    resource: 'resource policies',
    operations: ['PutResourcePolicy', 'GetResourcePolicy', 'DeleteResourcePolicy'],
    state: 'stored',
  },
  {
    resource: 'distribution tenants',
    operations: [
      'CreateDistributionTenant',
      'GetDistributionTenant',
      'GetDistributionTenantByDomain',
      'UpdateDistributionTenant',
      'DeleteDistributionTenant',
      'ListDistributionTenants',
      'ListDistributionTenantsByCustomization',
    ],
    state: 'honored',
    remark:
      'parameters, domains, geo restrictions and `Enabled` are honored, web ACLs and certificates stored: an edge shows a certificate by the name that a viewer asks for. What an update leaves out stays. One is disabled everywhere before it is deleted',
  },
  {
    resource: 'web ACLs of tenants',
    operations: ['AssociateDistributionTenantWebACL', 'DisassociateDistributionTenantWebACL'],
    state: 'stored',
  },
  {
    resource: 'invalidations of tenants',
    operations: [
      'CreateInvalidationForDistributionTenant',
      'GetInvalidationForDistributionTenant',
      'ListInvalidationsForDistributionTenant',
    ],
    state: 'honored',
    remark:
      'about the objects of one tenant; those of its distribution are about the objects of all tenants',
  },
  {
    resource: 'managed certificates',
    operations: ['GetManagedCertificateDetails'],
    state: 'honored',
    remark:
      'issued at once: the local authority signs for each domain at its first handshake and asks for no proof. It logs to no transparency log, whatever is preferred',
  },
  {
    resource: 'domains',
    operations: ['UpdateDomainAssociation', 'ListDomainConflicts'],
    state: 'honored',
    remark: 'between distributions and tenants; what has the domain is disabled first',
  },
  {
    resource: 'domains',
    operations: ['VerifyDnsConfiguration'],
    state: 'honored',
    remark:
      'each is looked up by the resolvers of the API machine: an alias of the endpoint of its connection group, or an address of it, is valid',
  },
];

export const operations20101101: readonly OperationRow<string>[] = [
  {
    resource: '`/distribution`',
    operations: [
      'CreateDistribution',
      'ListDistributions',
      'GetDistribution',
      'GetDistributionConfig',
      'PutDistributionConfig',
      'DeleteDistribution',
    ],
    state: 'honored',
  },
  {
    resource: '`/streaming-distribution`',
    operations: [
      'CreateStreamingDistribution',
      'ListStreamingDistributions',
      'GetStreamingDistribution',
      'GetStreamingDistributionConfig',
      'PutStreamingDistributionConfig',
      'DeleteStreamingDistribution',
    ],
    state: 'stored',
    remark:
      'RTMP is not served yet; over HTTP the domain name of a streaming distribution answers 403',
  },
  {
    resource: '`/distribution/{id}/invalidation`',
    operations: ['CreateInvalidation', 'ListInvalidations', 'GetInvalidation'],
    state: 'honored',
  },
  {
    resource: '`/origin-access-identity/cloudfront`',
    operations: [
      'CreateOriginAccessIdentity',
      'ListOriginAccessIdentities',
      'GetOriginAccessIdentity',
      'GetOriginAccessIdentityConfig',
      'PutOriginAccessIdentityConfig',
      'DeleteOriginAccessIdentity',
    ],
    state: 'honored',
  },
];
