/**
 * Resources of an account beside distributions: policies, keys, access controls and whatever else a
 * distribution refers to by id. All have one life: made under a name or a caller reference that is
 * theirs alone, changed under their ETag, and kept from being deleted while something names them.
 */
import type { Instant } from '../../base/clock.ts';
import type { AccountId, ConfigEtag } from '../ids.ts';
import type { AnycastIpListConfig } from './anycast-ip-list.ts';
import type { CachePolicyConfig } from './cache-policy.ts';
import type { ConnectionGroupConfig } from './connection-group.ts';
import type { ContinuousDeploymentPolicyConfig } from './continuous-deployment-policy.ts';
import type { DistributionTenantConfig } from './distribution-tenant.ts';
import type { FieldEncryptionConfig, FieldEncryptionProfile } from './field-encryption.ts';
import type { FunctionConfig } from './function.ts';
import type { KeyGroupConfig } from './key-group.ts';
import type { KeyValueStoreConfig } from './key-value-store.ts';
import type { MonitoringSubscriptionConfig } from './monitoring-subscription.ts';
import type { OriginAccessControlConfig } from './origin-access-control.ts';
import type { OriginRequestPolicyConfig } from './origin-request-policy.ts';
import type { PublicKeyConfig } from './public-key.ts';
import type { RealtimeLogConfig } from './realtime-log-config.ts';
import type { ResourcePolicyConfig } from './resource-policy.ts';
import type { ResponseHeadersPolicyConfig } from './response-headers-policy.ts';
import type { TrustStoreConfig } from './trust-store.ts';
import type { VpcOriginConfig } from './vpc-origin.ts';

export type ResourceConfigs = {
  readonly 'cache-policy': CachePolicyConfig;
  readonly 'origin-request-policy': OriginRequestPolicyConfig;
  readonly 'response-headers-policy': ResponseHeadersPolicyConfig;
  readonly 'origin-access-control': OriginAccessControlConfig;
  readonly 'public-key': PublicKeyConfig;
  readonly 'key-group': KeyGroupConfig;
  readonly function: FunctionConfig;
  readonly 'key-value-store': KeyValueStoreConfig;
  readonly 'realtime-log-config': RealtimeLogConfig;
  readonly 'monitoring-subscription': MonitoringSubscriptionConfig;
  readonly 'vpc-origin': VpcOriginConfig;
  readonly 'continuous-deployment-policy': ContinuousDeploymentPolicyConfig;
  readonly 'field-encryption-profile': FieldEncryptionProfile;
  readonly 'field-encryption-config': FieldEncryptionConfig;
  readonly 'anycast-ip-list': AnycastIpListConfig;
  readonly 'trust-store': TrustStoreConfig;
  readonly 'connection-group': ConnectionGroupConfig;
  readonly 'connection-function': FunctionConfig;
  readonly 'resource-policy': ResourcePolicyConfig;
  readonly 'distribution-tenant': DistributionTenantConfig;
};

export type ResourceKind = keyof ResourceConfigs;

export type Resource<Kind extends ResourceKind = ResourceKind> = {
  readonly [One in Kind]: {
    readonly format: 1;
    readonly account: AccountId;
    readonly kind: One;
    readonly id: string;
    readonly etag: ConfigEtag;
    readonly createdAt: Instant;
    readonly modifiedAt: Instant;
    /** The operation that changed it last; absent in documents of earlier releases. */
    readonly changedBy?: string;
    readonly config: ResourceConfigs[One];
  };
}[Kind];

export type ResourceTarget = { readonly kind: ResourceKind; readonly id: string };

/** What a resource or a distribution names: a resource, or a distribution, by tenants. */
export type NamedTarget = {
  readonly kind: ResourceKind | 'distribution';
  readonly id: string;
};

export const resourceKinds = [
  'cache-policy',
  'origin-request-policy',
  'response-headers-policy',
  'origin-access-control',
  'public-key',
  'key-group',
  'function',
  'key-value-store',
  'realtime-log-config',
  'monitoring-subscription',
  'vpc-origin',
  'continuous-deployment-policy',
  'field-encryption-profile',
  'field-encryption-config',
  'anycast-ip-list',
  'trust-store',
  'connection-group',
  'connection-function',
  'resource-policy',
  'distribution-tenant',
] as const satisfies readonly ResourceKind[];

const known: ReadonlySet<string> = new Set(resourceKinds);

export function isResourceKind(text: string): text is ResourceKind {
  return known.has(text);
}

export function isOfKind<Kind extends ResourceKind>(
  resource: Resource,
  kind: Kind,
): resource is Resource<Kind> & Resource {
  return resource.kind === kind;
}

/** What the resource names, each once. */
export function namedBy(resource: Resource): readonly NamedTarget[] {
  switch (resource.kind) {
    case 'key-group':
      return targets('public-key', resource.config.publicKeys);
    case 'function':
    case 'connection-function': {
      const { keyValueStores, live } = resource.config;
      return targets('key-value-store', [...keyValueStores, ...(live?.keyValueStores ?? [])]);
    }
    case 'field-encryption-profile': {
      const { entities } = resource.config;
      return targets(
        'public-key',
        entities.map(({ publicKey }) => publicKey),
      );
    }
    case 'field-encryption-config': {
      const { byContentType, byQueryArgument } = resource.config;
      const profiles = [...(byQueryArgument?.profiles ?? []), ...(byContentType?.profiles ?? [])];
      return targets(
        'field-encryption-profile',
        profiles.map(({ profile }) => profile).filter((profile) => profile !== undefined),
      );
    }
    case 'connection-group': {
      const { anycastIpList } = resource.config;
      return anycastIpList === undefined ? [] : targets('anycast-ip-list', [anycastIpList]);
    }
    case 'distribution-tenant': {
      const { connectionGroup, distribution } = resource.config;
      return [
        ...targets('distribution', [distribution]),
        ...targets('connection-group', [connectionGroup]),
      ];
    }
    default:
      return [];
  }
}

function targets(kind: NamedTarget['kind'], ids: readonly string[]): readonly NamedTarget[] {
  return [...new Set(ids)].map((id) => ({ kind, id }));
}
