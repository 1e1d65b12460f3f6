/** Domains, whichever distributions and tenants have them (API 2020-05-31, section 4.17). */
import type { DomainOwner } from '../../../model/domain-owners.ts';
import { invalidArgument } from '../../../model/resources/invalid-argument.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';
import { shownTo } from '../distributions/copying.ts';
import type { Handlers } from '../handler.ts';
import { pageOf, pageOfStages } from '../paging.ts';

export const domainHandlers = {
  async UpdateDomainAssociation(input, { account, control }) {
    const { Domain, IfMatch: ifMatch } = input;
    const target = readResourceId('TargetResource', input.TargetResource);
    const { etag } = await control.moveDomain({ account, domain: Domain, target, ifMatch });
    return { Domain: Domain.toLowerCase(), ResourceId: target.id, ETag: etag };
  },
  /** Its certificate is not looked at: the local authority signs for every domain that is served. */
  async ListDomainConflicts(input, { account, control }) {
    const member = 'DomainControlValidationResource';
    const self = readResourceId(member, input.DomainControlValidationResource);
    const conflicts = await control.conflictingDomains(account, self, input.Domain);
    const all = conflicts.map((conflict) => ({ marker: conflict.domain, ...conflict }));
    const { items, next } = pageOfStages(all, pageOf(input));
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
} satisfies Handlers;

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
