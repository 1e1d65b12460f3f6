/** The checks of each kind of resource, by its kind. */
import type { Catalog } from '../catalog.ts';
import type { AccountId } from '../ids.ts';
import type { Limits } from '../limits.ts';
import { checkCachePolicy } from './cache-policy.ts';
import { checkKeyGroup } from './key-group.ts';
import { checkOriginAccessControl } from './origin-access-control.ts';
import { checkOriginRequestPolicy } from './origin-request-policy.ts';
import { checkPublicKey } from './public-key.ts';
import type { ResourceConfigs, ResourceKind } from './resource.ts';
import { checkResponseHeadersPolicy } from './response-headers-policy.ts';

type Check<Kind extends ResourceKind> = (
  config: ResourceConfigs[Kind],
  limits: Limits,
  isKey: (id: string) => boolean,
) => void;

const checks: { readonly [Kind in ResourceKind]: Check<Kind> } = {
  'cache-policy': checkCachePolicy,
  'origin-request-policy': checkOriginRequestPolicy,
  'response-headers-policy': checkResponseHeadersPolicy,
  'origin-access-control': checkOriginAccessControl,
  'public-key': checkPublicKey,
  'key-group': checkKeyGroup,
};

/** Throws a Refusal. */
export function checkResource<Kind extends ResourceKind>(
  catalog: Catalog,
  account: AccountId,
  kind: Kind,
  config: ResourceConfigs[Kind],
  limits: Limits,
): void {
  const isKey = (id: string): boolean => catalog.resource(account, 'public-key', id) !== undefined;
  checks[kind](config, limits, isKey);
}
