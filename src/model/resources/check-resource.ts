/** The checks of each kind of resource, by its kind. */
import type { Catalog } from '../catalog.ts';
import { policyOfStaging } from '../continuous-deployment.ts';
import { usersBeside } from '../check-sharing.ts';
import type { AccountId } from '../ids.ts';
import type { Limits } from '../limits.ts';
import { checkAnycastIpList } from './anycast-ip-list.ts';
import { checkCachePolicy } from './cache-policy.ts';
import { checkConnectionGroup } from './connection-group.ts';
import {
  checkContinuousDeploymentPolicy,
  type StagingNames,
} from './continuous-deployment-policy.ts';
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

type Check<Kind extends ResourceKind> = (
  config: ResourceConfigs[Kind],
  limits: Limits,
  there: (kind: ResourceKind) => IsThere,
  staging: StagingNames,
  beside: UsersBeside,
) => void;

const checks: { readonly [Kind in ResourceKind]: Check<Kind> } = {
  'cache-policy': checkCachePolicy,
  'origin-request-policy': checkOriginRequestPolicy,
  'response-headers-policy': checkResponseHeadersPolicy,
  'origin-access-control': checkOriginAccessControl,
  'public-key': checkPublicKey,
  'key-group': (config, limits, there) => checkKeyGroup(config, limits, there('public-key')),
  function: (config, limits, there, _staging, beside) =>
    checkFunction(config, limits, there('key-value-store'), beside),
  'connection-function': (config, limits, there, _staging, beside) =>
    checkFunction(config, limits, there('key-value-store'), beside),
  'key-value-store': checkKeyValueStore,
  'realtime-log-config': checkRealtimeLogConfig,
  'monitoring-subscription': () => undefined,
  'vpc-origin': checkVpcOrigin,
  'continuous-deployment-policy': (config, _limits, _there, staging) =>
    checkContinuousDeploymentPolicy(config, staging),
  'field-encryption-profile': (config, limits, there) =>
    checkFieldEncryptionProfile(config, limits, there('public-key')),
  'field-encryption-config': (config, limits, there) =>
    checkFieldEncryptionConfig(config, limits, there('field-encryption-profile')),
  'anycast-ip-list': checkAnycastIpList,
  'trust-store': checkTrustStore,
  'connection-group': (config, limits, there, _staging, beside) =>
    checkConnectionGroup(config, limits, there('anycast-ip-list'), beside),
  'resource-policy': checkResourcePolicy,
};

/** `own`: the id of what is replaced. Throws a Refusal. */
export function checkResource<Kind extends ResourceKind>(
  catalog: Catalog,
  account: AccountId,
  kind: Kind,
  config: ResourceConfigs[Kind],
  limits: Limits,
  own: string | undefined,
): void {
  const there = (other: ResourceKind) => (id: string) =>
    catalog.resource(account, other, id) !== undefined;
  const beside: UsersBeside = (target) =>
    usersBeside(catalog, account, target, `${kind} ${own ?? ''}`);
  checks[kind](config, limits, there, stagingNamesOf(catalog, account, own), beside);
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
