/**
 * How the kinds of resources differ where their life does not: ids, limits, and the codes by which
 * each says no (API 2020-05-31, sections 4.1, 4.20 and 6).
 */
import { isDeepStrictEqual } from 'node:util';
import type { Facts } from '../decision.ts';
import type { Mint } from '../ids.ts';
import type { LimitName } from '../limits.ts';
import { Refusal, type RefusalCode } from '../refusal.ts';
import { toldUsers } from '../told-users.ts';
import type { DistributionTenantConfig } from './distribution-tenant.ts';
import type { ResourceConfigs, ResourceKind } from './resource.ts';

export type ResourceRules<Kind extends ResourceKind> = {
  /** In messages. */
  readonly said: string;
  /** The kind as Amazon resource names have it. */
  readonly arnKind: string;
  readonly taggable: boolean;
  readonly idFor: (mint: Mint, config: ResourceConfigs[Kind]) => string;
  readonly limit: LimitName;
  readonly noSuch: RefusalCode;
  readonly alreadyExists: RefusalCode;
  readonly inUse: RefusalCode;
  readonly tooMany: RefusalCode;
  /** Some kinds have no ETag on the wire, so nothing can be asked of it. */
  readonly isConditional: boolean;
  /** What is given to it once, as it is made. */
  readonly complete: (config: ResourceConfigs[Kind], facts: Facts) => ResourceConfigs[Kind];
  /** Throws a Refusal for what cannot change so while something names it. */
  readonly checkReplaceable: (
    was: ResourceConfigs[Kind],
    given: ResourceConfigs[Kind],
    use: { readonly id: string; readonly users: readonly string[] },
  ) => void;
  /** Throws a Refusal for what must be disabled first; `isDeployed`: every live edge has it as it stands. */
  readonly checkDeletable: (id: string, config: ResourceConfigs[Kind], isDeployed: boolean) => void;
  /** What a replacement leaves as it is; throws a Refusal for what can never change. */
  readonly carry: (
    was: ResourceConfigs[Kind],
    given: ResourceConfigs[Kind],
    facts: Facts,
  ) => ResourceConfigs[Kind];
};

type Table = { readonly [Kind in ResourceKind]: ResourceRules<Kind> };

/** What most kinds have. */
const plain = {
  taggable: false,
  isConditional: true,
  complete: <Config>(config: Config): Config => config,
  checkReplaceable: () => undefined,
  checkDeletable: () => undefined,
  carry: <Config>(_was: Config, given: Config): Config => given,
};

/** Of the kinds that share the codes of entities. */
const entity = {
  ...plain,
  taggable: true,
  noSuch: 'EntityNotFound',
  alreadyExists: 'EntityAlreadyExists',
  inUse: 'CannotDeleteEntityWhileInUse',
  tooMany: 'EntityLimitExceeded',
} as const;

export const resourceRules: Table = {
  'cache-policy': {
    ...plain,
    said: 'cache policy',
    arnKind: 'cache-policy',
    idFor: (mint) => mint.uuid(),
    limit: 'cache-policies',
    noSuch: 'NoSuchCachePolicy',
    alreadyExists: 'CachePolicyAlreadyExists',
    inUse: 'CachePolicyInUse',
    tooMany: 'TooManyCachePolicies',
  },
  'origin-request-policy': {
    ...plain,
    said: 'origin request policy',
    arnKind: 'origin-request-policy',
    idFor: (mint) => mint.uuid(),
    limit: 'origin-request-policies',
    noSuch: 'NoSuchOriginRequestPolicy',
    alreadyExists: 'OriginRequestPolicyAlreadyExists',
    inUse: 'OriginRequestPolicyInUse',
    tooMany: 'TooManyOriginRequestPolicies',
  },
  'response-headers-policy': {
    ...plain,
    said: 'response headers policy',
    arnKind: 'response-headers-policy',
    idFor: (mint) => mint.uuid(),
    limit: 'response-headers-policies',
    noSuch: 'NoSuchResponseHeadersPolicy',
    alreadyExists: 'ResponseHeadersPolicyAlreadyExists',
    inUse: 'ResponseHeadersPolicyInUse',
    tooMany: 'TooManyResponseHeadersPolicies',
  },
  'origin-access-control': {
    ...plain,
    said: 'origin access control',
    arnKind: 'origin-access-control',
    idFor: (mint) => mint.distributionId(),
    limit: 'origin-access-controls',
    noSuch: 'NoSuchOriginAccessControl',
    alreadyExists: 'OriginAccessControlAlreadyExists',
    inUse: 'OriginAccessControlInUse',
    tooMany: 'TooManyOriginAccessControls',
    checkReplaceable(was, given, { users }) {
      if (was.originType === given.originType || users.length === 0) return;
      const why = [
        `The origin type cannot change from ${was.originType} to ${given.originType} while something names the origin access control: `,
        `${toldUsers(users)}. Take it out of there first.`,
      ];
      throw new Refusal('IllegalUpdate', { why });
    },
  },
  'public-key': {
    ...plain,
    said: 'public key',
    arnKind: 'public-key',
    idFor: (mint) => mint.publicKeyId(),
    limit: 'public-keys',
    noSuch: 'NoSuchPublicKey',
    alreadyExists: 'PublicKeyAlreadyExists',
    inUse: 'PublicKeyInUse',
    tooMany: 'TooManyPublicKeys',
    carry(was, given) {
      const { comment: _before, ...fixed } = was;
      const { comment: _after, ...asked } = given;
      if (isDeepStrictEqual(fixed, asked)) return given;
      throw new Refusal('CannotChangeImmutablePublicKeyFields');
    },
  },
  'key-group': {
    ...plain,
    said: 'key group',
    arnKind: 'key-group',
    idFor: (mint) => mint.uuid(),
    limit: 'key-groups',
    noSuch: 'NoSuchResource',
    alreadyExists: 'KeyGroupAlreadyExists',
    inUse: 'ResourceInUse',
    tooMany: 'TooManyKeyGroups',
  },
  function: {
    ...plain,
    said: 'function',
    arnKind: 'function',
    taggable: true,
    idFor: (_mint, { name }) => name,
    limit: 'functions',
    noSuch: 'NoSuchFunctionExists',
    alreadyExists: 'FunctionAlreadyExists',
    inUse: 'FunctionInUse',
    tooMany: 'TooManyFunctions',
    carry: (was, given) => ({ ...given, live: was.live }),
  },
  'key-value-store': {
    ...entity,
    said: 'key-value store',
    arnKind: 'key-value-store',
    idFor: (mint) => mint.uuid(),
    limit: 'key-value-stores',
    complete: (config, { call, mint, now }) => ({
      ...config,
      content: { etag: mint.configEtag(), modifiedAt: now, changedBy: call },
    }),
    carry: (was, given) => ({ ...given, content: was.content }),
  },
  'realtime-log-config': {
    ...plain,
    said: 'real-time log configuration',
    arnKind: 'realtime-log-config',
    isConditional: false,
    idFor: (_mint, { name }) => name,
    limit: 'realtime-log-configs',
    noSuch: 'NoSuchRealtimeLogConfig',
    alreadyExists: 'RealtimeLogConfigAlreadyExists',
    inUse: 'RealtimeLogConfigInUse',
    tooMany: 'TooManyRealtimeLogConfigs',
  },
  'monitoring-subscription': {
    ...plain,
    said: 'monitoring subscription of distribution',
    arnKind: 'monitoring-subscription',
    isConditional: false,
    idFor: (_mint, { distribution }) => distribution,
    // One of each distribution, so this is never met.
    limit: 'distributions',
    noSuch: 'NoSuchMonitoringSubscription',
    alreadyExists: 'MonitoringSubscriptionAlreadyExists',
    inUse: 'ResourceInUse',
    tooMany: 'TooManyDistributions',
  },
  'vpc-origin': {
    ...entity,
    said: 'VPC origin',
    arnKind: 'vpcorigin',
    idFor: (mint) => `vo_${mint.longLabel(22)}`,
    limit: 'vpc-origins',
    checkReplaceable(_was, _given, { id, users }) {
      if (users.length === 0) return;
      const facts = { said: 'VPC origin', id, users: toldUsers(users) };
      throw new Refusal('CannotUpdateEntityWhileInUse', facts);
    },
  },
  'continuous-deployment-policy': {
    ...plain,
    said: 'continuous deployment policy',
    arnKind: 'continuous-deployment-policy',
    idFor: (mint) => mint.uuid(),
    limit: 'continuous-deployment-policies',
    noSuch: 'NoSuchContinuousDeploymentPolicy',
    alreadyExists: 'ContinuousDeploymentPolicyAlreadyExists',
    inUse: 'ContinuousDeploymentPolicyInUse',
    tooMany: 'TooManyContinuousDeploymentPolicies',
  },
  'field-encryption-profile': {
    ...plain,
    said: 'profile of field-level encryption',
    arnKind: 'field-level-encryption-profile',
    idFor: (mint) => mint.distributionId().replace('E', 'P'),
    limit: 'field-encryption-profiles',
    noSuch: 'NoSuchFieldLevelEncryptionProfile',
    alreadyExists: 'FieldLevelEncryptionProfileAlreadyExists',
    inUse: 'FieldLevelEncryptionProfileInUse',
    tooMany: 'TooManyFieldLevelEncryptionProfiles',
    carry: keepReference,
  },
  'field-encryption-config': {
    ...plain,
    said: 'configuration of field-level encryption',
    arnKind: 'field-level-encryption-config',
    idFor: (mint) => mint.distributionId(),
    limit: 'field-encryption-configs',
    noSuch: 'NoSuchFieldLevelEncryptionConfig',
    alreadyExists: 'FieldLevelEncryptionConfigAlreadyExists',
    inUse: 'FieldLevelEncryptionConfigInUse',
    tooMany: 'TooManyFieldLevelEncryptionConfigs',
    carry: keepReference,
  },
  'anycast-ip-list': {
    ...entity,
    said: 'list of addresses',
    arnKind: 'anycast-ip-list',
    idFor: (mint) => `aip_${mint.longLabel(22)}`,
    limit: 'anycast-ip-lists',
  },
  'trust-store': {
    ...entity,
    said: 'trust store',
    arnKind: 'trust-store',
    idFor: (mint) => `ts_${mint.longLabel(22)}`,
    limit: 'trust-stores',
  },
  'connection-group': {
    ...entity,
    said: 'connection group',
    arnKind: 'connection-group',
    idFor: (mint) => `cg_${mint.longLabel(27)}`,
    limit: 'connection-groups',
    complete: (config, { domain, mint }) => ({
      ...config,
      endpoint: `${mint.domainLabel('download')}.${domain}`,
    }),
    carry: (was, given) => ({
      ...given,
      name: was.name,
      endpoint: was.endpoint,
      ...(was.isDefault === true && { isDefault: true }),
    }),
    checkDeletable(id, { enabled, isDefault }) {
      const said = 'connection group';
      if (isDefault === true) {
        const users = 'every distribution tenant that is made without a group';
        throw new Refusal('CannotDeleteEntityWhileInUse', { said, id, users });
      }
      if (!enabled) return;
      const why = 'it is enabled. Disable it by an update first.';
      throw new Refusal('ResourceNotDisabled', { said, id, why });
    },
  },
  'connection-function': {
    ...entity,
    said: 'connection function',
    arnKind: 'connection-function',
    idFor: (mint) => `cf_${mint.longLabel(22)}`,
    limit: 'connection-functions',
    carry: (was, given) => ({ ...given, name: was.name, live: was.live }),
  },
  'resource-policy': {
    ...entity,
    said: 'resource policy of',
    arnKind: 'resource-policy',
    taggable: false,
    isConditional: false,
    idFor: (_mint, { arn }) => arn,
    limit: 'resource-policies',
  },
  'distribution-tenant': {
    ...entity,
    said: 'distribution tenant',
    arnKind: 'distribution-tenant',
    idFor: (mint) => `dt_${mint.longLabel(27)}`,
    limit: 'distribution-tenants',
    complete: (config, { mint }) => withCertificateId(config, mint.uuid()),
    carry: (was, given, { mint }) =>
      withCertificateId({ ...given, name: was.name }, was.managedCertificate?.id ?? mint.uuid()),
    checkDeletable(id, { enabled }, isDeployed) {
      if (!enabled && isDeployed) return;
      const why = enabled
        ? 'it is enabled. Disable it by an update, then wait.'
        : 'it is disabled, but not every edge has taken that yet. Wait until its status is Deployed.';
      throw new Refusal('ResourceNotDisabled', { said: 'distribution tenant', id, why });
    },
  },
};

function withCertificateId(config: DistributionTenantConfig, id: string): DistributionTenantConfig {
  const { managedCertificate } = config;
  if (managedCertificate === undefined) return config;
  return { ...config, managedCertificate: { ...managedCertificate, id } };
}

function keepReference<Config extends { readonly callerReference: string }>(
  was: Config,
  given: Config,
): Config {
  if (was.callerReference === given.callerReference) return given;
  const why = `CallerReference cannot be changed after creation: it is ${was.callerReference}.`;
  throw new Refusal('IllegalUpdate', { why });
}

/** Names are unique within the kinds of an account. */
export function nameOf(config: ResourceConfigs[ResourceKind]): string | undefined {
  return 'name' in config ? config.name : undefined;
}

/** One use of a caller reference is one resource. */
export function referenceOf(config: ResourceConfigs[ResourceKind]): string | undefined {
  return 'callerReference' in config ? config.callerReference : undefined;
}
