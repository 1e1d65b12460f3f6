/**
 * What a distribution names by id: kept by the fold of the log, so that nothing in use is deleted, and
 * checked when a configuration is taken (API 2020-05-31, sections 4.3 and 4.4).
 */
import type { Catalog } from './catalog.ts';
import { behaviorsOf, type DistributionConfig } from './distribution.ts';
import type { AccountId } from './ids.ts';
import { Refusal } from './refusal.ts';
import { isManaged } from './resources/managed-policies.ts';
import type { ResourceKind, ResourceTarget } from './resources/resource.ts';
import { resourceRules } from './resources/resource-rules.ts';

/** Each once, managed ones too. */
export function resourcesNamedBy(config: DistributionConfig): readonly ResourceTarget[] {
  const named = new Map<string, ResourceTarget>();
  const add = (kind: ResourceKind, id: string): void => {
    if (id !== '') named.set(`${kind}/${id}`, { kind, id });
  };
  for (const behavior of behaviorsOf(config)) {
    add('cache-policy', behavior.cachePolicy);
    add('origin-request-policy', behavior.originRequestPolicy);
    add('response-headers-policy', behavior.responseHeadersPolicy);
    add('field-encryption-config', behavior.fieldEncryption);
    add('realtime-log-config', behavior.realtimeLogConfig);
    for (const group of behavior.keyGroups) add('key-group', group);
    for (const { function: name } of behavior.functions) add('function', name);
  }
  for (const origin of config.origins) {
    add('origin-access-control', origin.accessControl);
    if (origin.kind === 'vpc') add('vpc-origin', origin.vpcOrigin);
  }
  add('anycast-ip-list', config.anycastIpList);
  add('connection-function', config.connectionFunction);
  add('continuous-deployment-policy', config.continuousDeploymentPolicy);
  return [...named.values()];
}

/** Throws a Refusal for what is not there, or not fit to be named. */
export function checkNamedResources(
  catalog: Catalog,
  config: DistributionConfig,
  account: AccountId,
): void {
  for (const { id, kind } of resourcesNamedBy(config)) {
    if (isManaged(kind, id) || catalog.resource(account, kind, id) !== undefined) continue;
    if (kind === 'origin-access-control') throw new Refusal('InvalidOriginAccessControl', { id });
    if (kind === 'key-group') throw new Refusal('TrustedKeyGroupDoesNotExist', { id });
    if (kind === 'function') {
      throw new Refusal('InvalidFunctionAssociation', { why: `there is no function ${id}.` });
    }
    const { noSuch, said } = resourceRules[kind];
    throw new Refusal(noSuch, { said, id });
  }
  checkFunctions(catalog, config, account);
  checkAccessControls(catalog, config, account);
}

function checkFunctions(catalog: Catalog, config: DistributionConfig, account: AccountId): void {
  for (const { functions } of behaviorsOf(config)) {
    for (const { function: name } of functions) {
      const found = catalog.resource(account, 'function', name);
      if (found?.document.config.live !== undefined) continue;
      const why = `function ${name} is not published yet; publish it first.`;
      throw new Refusal('InvalidFunctionAssociation', { why });
    }
  }
}

function checkAccessControls(
  catalog: Catalog,
  config: DistributionConfig,
  account: AccountId,
): void {
  for (const { accessControl, id, kind } of config.origins) {
    if (accessControl === '') continue;
    const found = catalog.resource(account, 'origin-access-control', accessControl);
    const type = found?.document.config.originType;
    if (type === undefined || (type === 's3') === (kind === 's3')) continue;
    const why = `it is for ${type}, and the origin is ${kind}.`;
    throw new Refusal('InvalidDomainNameForOriginAccessControl', { id, why });
  }
}
