/** The checks of each kind of resource, by its kind. */
import type { Catalog } from '../catalog.ts';
import { policyOfStaging } from '../continuous-deployment.ts';
import { usersBeside } from '../check-sharing.ts';
import type { AccountId } from '../ids.ts';
import type { Facts } from '../decision.ts';
import type { Limits } from '../limits.ts';
import { checkAnycastIpList } from './anycast-ip-list.ts';
import { checkCachePolicy } from './cache-policy.ts';
import { checkConnectionGroup } from './connection-group.ts';
import {
  checkContinuousDeploymentPolicy,
  type StagingNames,
} from './continuous-deployment-policy.ts';
import { checkDistributionTenant, type TenantSurroundings } from './distribution-tenant.ts';
import { checkFieldEncryptionConfig, checkFieldEncryptionProfile } from './field-encryption.ts';
import { checkFunction } from './function.ts';
import { checkKeyGroup } from './key-group.ts';
import { checkKeyValueStore } from './key-value-store.ts';
import { checkOriginAccessControl } from './origin-access-control.ts';
import { checkOriginRequestPolicy } from './origin-request-policy.ts';
import { checkPublicKey } from './public-key.ts';
import { checkRealtimeLogConfig } from './realtime-log-config.ts';
import { checkResourcePolicy } from './resource-policy.ts';
import type { ResourceConfigs, ResourceKind, ResourceTarget } from './resource.ts';
import { checkResponseHeadersPolicy } from './response-headers-policy.ts';
import { checkTrustStore } from './trust-store.ts';
import { checkVpcOrigin } from './vpc-origin.ts';

/** Is this the id of such a resource of the account? */
type IsThere = (id: string) => boolean;

/** How many others of the same kind name it. */
export type UsersBeside = (target: ResourceTarget) => number;

type Surroundings = {
  readonly there: (kind: ResourceKind) => IsThere;
  readonly staging: StagingNames;
  readonly beside: UsersBeside;
  readonly tenancy: TenantSurroundings;
};

type Check<Kind extends ResourceKind> = (
  config: ResourceConfigs[Kind],
  limits: Limits,
  around: Surroundings,
) => void;

const checks: { readonly [Kind in ResourceKind]: Check<Kind> } = {
  'cache-policy': checkCachePolicy,
  'origin-request-policy': checkOriginRequestPolicy,
  'response-headers-policy': checkResponseHeadersPolicy,
  'origin-access-control': checkOriginAccessControl,
  'public-key': checkPublicKey,
  'key-group': (config, limits, { there }) => checkKeyGroup(config, limits, there('public-key')),
  function: (config, limits, { beside, there }) =>
    checkFunction(config, limits, there('key-value-store'), beside),
  'connection-function': (config, limits, { beside, there }) =>
    checkFunction(config, limits, there('key-value-store'), beside),
  'key-value-store': checkKeyValueStore,
  'realtime-log-config': checkRealtimeLogConfig,
  'monitoring-subscription': () => undefined,
  'vpc-origin': checkVpcOrigin,
  'continuous-deployment-policy': (config, _limits, { staging }) =>
    checkContinuousDeploymentPolicy(config, staging),
  'field-encryption-profile': (config, limits, { there }) =>
    checkFieldEncryptionProfile(config, limits, there('public-key')),
  'field-encryption-config': (config, limits, { there }) =>
    checkFieldEncryptionConfig(config, limits, there('field-encryption-profile')),
  'anycast-ip-list': checkAnycastIpList,
  'trust-store': checkTrustStore,
  'connection-group': (config, limits, { beside, there }) =>
    checkConnectionGroup(config, limits, there('anycast-ip-list'), beside),
  'resource-policy': checkResourcePolicy,
  'distribution-tenant': (config, limits, { tenancy }) =>
    checkDistributionTenant(config, limits, tenancy),
};

/** `own`: the id of what is replaced. Throws a Refusal. */
export function checkResource<Kind extends ResourceKind>(
  catalog: Catalog,
  account: AccountId,
  kind: Kind,
  config: ResourceConfigs[Kind],
  { domain, limits }: Pick<Facts, 'domain' | 'limits'>,
  own: string | undefined,
): void {
  const there = (other: ResourceKind) => (id: string) =>
    catalog.resource(account, other, id) !== undefined;
  checks[kind](config, limits, {
    there,
    staging: stagingNamesOf(catalog, account, own),
    beside: (target) => usersBeside(catalog, account, target, `${kind} ${own ?? ''}`),
    tenancy: {
      domain,
      distribution: (id) => catalog.find(account, 'download', id)?.document.config,
      isGroup: there('connection-group'),
      isTaken(name) {
        const owner = catalog.domainOwner(name);
        return owner !== undefined && owner.id !== own;
      },
    },
  });
}

function stagingNamesOf(
  catalog: Catalog,
  account: AccountId,
  own: string | undefined,
): StagingNames {
  return {
    isStaging: (name) =>
      catalog
        .list(account, 'download')
        .some(({ document: { config, domainName } }) => config.staging && domainName === name),
    takenBy: (name) => {
      const { id } = policyOfStaging(catalog, account, name) ?? {};
      return id === own ? undefined : id;
    },
  };
}
