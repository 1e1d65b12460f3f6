/** Distribution tenants (API 2020-05-31, section 4.17), as far as they are made unlike other resources. */
import type { Catalog } from './catalog.ts';
import type { Decision, Facts } from './decision.ts';
import type { DistributionConfig } from './distribution.ts';
import type { AccountId } from './ids.ts';
import type { Limits } from './limits.ts';
import { Refusal } from './refusal.ts';
import { type CreateResource, decideCreateResource } from './resources/decide-resource.ts';
import { faultOfValues } from './tenancy.ts';

const kind = 'distribution-tenant';
const groupKind = 'connection-group';

/** One that names no connection group gets the default one, which is made with the first of them. */
export function decideCreateTenant(
  catalog: Catalog,
  command: CreateResource<typeof kind>,
  facts: Facts,
): Decision<string> {
  const { account, config } = command;
  if (config.connectionGroup !== '') return decideCreateResource(catalog, command, facts);
  const group = defaultGroup(catalog, account, facts);
  const { answer, changes } = decideCreateResource(
    catalog,
    { ...command, settle: (judged) => ({ ...judged, connectionGroup: group.answer }) },
    facts,
  );
  return { answer, changes: [...group.changes, ...changes] };
}

/** The answer is its id. */
function defaultGroup(catalog: Catalog, account: AccountId, facts: Facts): Decision<string> {
  const groups = catalog.listResources(account, groupKind);
  const there = groups.find(({ document }) => document.config.isDefault === true);
  if (there !== undefined) return { changes: [], answer: there.document.id };
  const isTaken = groups.some(({ document }) => document.config.name === 'default');
  const config = {
    name: isTaken ? `default-${facts.mint.longLabel(8)}` : 'default',
    enabled: true,
    hasIpv6: true,
    anycastIpList: undefined,
    // Given to it as it is made.
    endpoint: '',
    isDefault: true,
  } as const;
  return decideCreateResource(catalog, { account, kind: groupKind, config, tags: [] }, facts);
}

/** Throws `IllegalUpdate` where a tenant of the distribution does not fit what it becomes. */
export function checkTenantsFit(
  catalog: Catalog,
  account: AccountId,
  distribution: string,
  config: DistributionConfig,
  limits: Limits,
): void {
  for (const { document: tenant } of tenantsOf(catalog, account, distribution)) {
    const fault = faultOfValues(config, tenant.config, limits);
    if (fault === undefined) continue;
    const why = [`Distribution tenant ${tenant.id} does not fit the new configuration: `, fault];
    throw new Refusal('IllegalUpdate', { why });
  }
}

function tenantsOf(catalog: Catalog, account: AccountId, distribution: string) {
  return catalog
    .listResources(account, kind)
    .filter(({ document }) => document.config.distribution === distribution);
}
