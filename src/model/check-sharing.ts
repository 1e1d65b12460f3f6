/** How many may name one thing (API 2020-05-31, section 6). Managed policies are for everybody. */
import type { Catalog } from './catalog.ts';
import type { DistributionConfig } from './distribution.ts';
import type { AccountId } from './ids.ts';
import type { LimitName, Limits } from './limits.ts';
import { resourcesNamedBy } from './named-resources.ts';
import { Refusal, type RefusalCode } from './refusal.ts';
import { isManaged } from './resources/managed-policies.ts';
import { resourceRules } from './resources/resource-rules.ts';
import type { ResourceKind, ResourceTarget } from './resources/resource.ts';

type Sharing = { readonly limit: LimitName; readonly code: RefusalCode };

/** Kinds that are not here are named by any number. */
const sharings: { readonly [Kind in ResourceKind]?: Sharing } = {
  'cache-policy': {
    limit: 'distributions-of-policy',
    code: 'TooManyDistributionsAssociatedToCachePolicy',
  },
  'origin-request-policy': {
    limit: 'distributions-of-policy',
    code: 'TooManyDistributionsAssociatedToOriginRequestPolicy',
  },
  'response-headers-policy': {
    limit: 'distributions-of-policy',
    code: 'TooManyDistributionsAssociatedToResponseHeadersPolicy',
  },
  'origin-access-control': {
    limit: 'distributions-of-access-control',
    code: 'TooManyDistributionsAssociatedToOriginAccessControl',
  },
  'key-group': {
    limit: 'distributions-of-key-group',
    code: 'TooManyDistributionsAssociatedToKeyGroup',
  },
  function: {
    limit: 'distributions-of-function',
    code: 'TooManyDistributionsWithSingleFunctionARN',
  },
  'field-encryption-config': {
    limit: 'distributions-of-field-encryption',
    code: 'TooManyDistributionsAssociatedToFieldLevelEncryptionConfig',
  },
  'vpc-origin': { limit: 'distributions-of-vpc-origin', code: 'EntityLimitExceeded' },
  'anycast-ip-list': { limit: 'distributions-of-anycast-ip-list', code: 'EntityLimitExceeded' },
};

/** `self`: the id of the distribution that is replaced. Throws a Refusal. */
export function checkSharing(
  catalog: Catalog,
  account: AccountId,
  config: DistributionConfig,
  self: string | undefined,
  limits: Limits,
): void {
  for (const target of resourcesNamedBy(config)) {
    const sharing = sharings[target.kind];
    if (sharing === undefined || isManaged(target.kind, target.id)) continue;
    const max = limits[sharing.limit];
    if (usersBeside(catalog, account, target, `distribution ${self}`) < max) continue;
    const said = `distributions that name the ${resourceRules[target.kind].said} ${target.id}`;
    throw new Refusal(sharing.code, { max, said });
  }
}

/** How many name it already, of the same kind as `self` and beside it: `distribution E1`. */
export function usersBeside(
  catalog: Catalog,
  account: AccountId,
  target: ResourceTarget,
  self: string,
): number {
  const [kind = ''] = self.split(' ');
  const others = catalog
    .usersOf(account, target)
    .filter((user) => user.startsWith(`${kind} `) && user !== self);
  return others.length;
}
