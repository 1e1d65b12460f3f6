/** Domains, whichever distributions and tenants have them (API 2020-05-31, section 4.17). */
import type { DomainOwner } from '../../../model/domain-owners.ts';
import type { Pointing } from '../../../model/host-name.ts';
import { invalidArgument } from '../../../model/resources/invalid-argument.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';
import { shownTo } from '../distributions/copying.ts';
import type { Handlers } from '../handler.ts';
import { pageOf, pageOfStages } from '../paging.ts';
import { findIdentified } from './resource-answers.ts';

export const domainHandlers = {
  async UpdateDomainAssociation(input, { account, control }) {
    const { Domain, IfMatch: ifMatch } = input;
    const target = readResourceId('TargetResource', input.TargetResource);
    const { etag } = await control.moveDomain({ account, domain: Domain, target, ifMatch });
    return { Domain: Domain.toLowerCase(), ResourceId: target.id, ETag: etag };
  },
  /** Its certificate is not looked at: the local authority signs for every domain that is served. */
  async ListDomainConflicts(input, { account, control, limits }) {
    const member = 'DomainControlValidationResource';
    const self = readResourceId(member, input.DomainControlValidationResource);
    const conflicts = await control.conflictingDomains(account, self, input.Domain);
    const all = conflicts.map((conflict) => ({ marker: conflict.domain, ...conflict }));
    const { items, next } = pageOfStages(all, pageOf(input, limits));
    return {
      DomainConflicts: items.map(({ domain, owner }) => ({
        Domain: domain,
        ResourceType: owner.kind,
        ResourceId: shownTo(account, owner, owner.id),
        AccountId: shownTo(account, owner, owner.account),
      })),
      NextMarker: next,
    };
  },
  /** Each is looked up as a viewer would do it. */
  async VerifyDnsConfiguration({ Domain, Identifier }, context) {
    const { account, control, pointingOf } = context;
    const tenant = await findIdentified(control, account, 'distribution-tenant', Identifier);
    const { connectionGroup, domains } = tenant.config;
    const only = Domain?.toLowerCase();
    if (only !== undefined && !domains.includes(only)) {
      invalidArgument('The parameter Domain', `${only} is no domain of tenant ${tenant.id}.`);
    }
    const group = await control.findResource(account, 'connection-group', connectionGroup);
    const { endpoint } = group.config;
    const DnsConfigurationList: Wire.DnsConfiguration[] = [];
    for (const some of batchesOf(only === undefined ? domains : [only])) {
      const found = some.map(async (domain) =>
        writePointing(domain, await pointingOf(domain, endpoint)),
      );
      DnsConfigurationList.push(...(await Promise.all(found)));
    }
    return { DnsConfigurationList };
  },
} satisfies Handlers;

/** So many are asked about at a time. */
const atOnceMax = 10;

function batchesOf(domains: readonly string[]): readonly (readonly string[])[] {
  const starts = domains.map((_, index) => index).filter((index) => index % atOnceMax === 0);
  return starts.map((start) => domains.slice(start, start + atOnceMax));
}

function writePointing(domain: string, pointing: Pointing): Wire.DnsConfiguration {
  switch (pointing.kind) {
    case 'there':
      return { Domain: domain, Status: 'valid-configuration' };
    case 'elsewhere':
      return { Domain: domain, Status: 'invalid-configuration', Reason: pointing.why };
    case 'unknown':
      return { Domain: domain, Status: 'unknown-configuration', Reason: pointing.why };
    default:
      return pointing satisfies never;
  }
}

function readResourceId(
  member: string,
  {
    DistributionId: distribution = '',
    DistributionTenantId: tenant = '',
  }: Wire.DistributionResourceId,
): Pick<DomainOwner, 'kind' | 'id'> {
  if ((distribution === '') === (tenant === '')) {
    const why = 'it holds either a DistributionId or a DistributionTenantId.';
    invalidArgument(`The parameter ${member}`, why);
  }
  return tenant === ''
    ? { kind: 'distribution', id: distribution }
    : { kind: 'distribution-tenant', id: tenant };
}
