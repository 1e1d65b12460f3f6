/**
 * Resources of an account beside distributions: policies, keys, access controls and whatever else a
 * distribution refers to by id. All have one life: made under a name or a caller reference that is
 * theirs alone, changed under their ETag, and kept from being deleted while something names them.
 */
import type { Instant } from '../../base/clock.ts';
import type { AccountId, ConfigEtag } from '../ids.ts';
import type { CachePolicyConfig } from './cache-policy.ts';
import type { KeyGroupConfig } from './key-group.ts';
import type { OriginAccessControlConfig } from './origin-access-control.ts';
import type { OriginRequestPolicyConfig } from './origin-request-policy.ts';
import type { PublicKeyConfig } from './public-key.ts';
import type { ResponseHeadersPolicyConfig } from './response-headers-policy.ts';

export type ResourceConfigs = {
  readonly 'cache-policy': CachePolicyConfig;
  readonly 'origin-request-policy': OriginRequestPolicyConfig;
  readonly 'response-headers-policy': ResponseHeadersPolicyConfig;
  readonly 'origin-access-control': OriginAccessControlConfig;
  readonly 'public-key': PublicKeyConfig;
  readonly 'key-group': KeyGroupConfig;
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
    readonly config: ResourceConfigs[One];
  };
}[Kind];

/** What names a resource: another one, or a distribution. */
export type ResourceTarget = { readonly kind: ResourceKind; readonly id: string };

export const resourceKinds = [
  'cache-policy',
  'origin-request-policy',
  'response-headers-policy',
  'origin-access-control',
  'public-key',
  'key-group',
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
export function namedBy(resource: Resource): readonly ResourceTarget[] {
  if (resource.kind !== 'key-group') return [];
  return resource.config.publicKeys.map((id) => ({ kind: 'public-key', id }));
}
