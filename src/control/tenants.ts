/** Distribution tenants: made with their default group, and read with what viewers have of them. */
import { decideCreateTenant } from '../model/decide-tenant.ts';
import { Refusal } from '../model/refusal.ts';
import { requireResource } from '../model/resources/decide-resource.ts';
import type { Control } from './control.ts';
import type { ControlCore } from './core.ts';

type TenantControl = Pick<Control, 'createTenant' | 'tenantView' | 'findTenantByDomain'>;

const kind = 'distribution-tenant';

export function tenantControl(core: ControlCore): TenantControl {
  return {
    async createTenant(account, config, tags) {
      const command = { account, kind, config, tags } as const;
      const id = await core.write((catalog, facts) => decideCreateTenant(catalog, command, facts));
      return requireResource(core.catalog, account, kind, id).document;
    },

    async tenantView(tenant) {
      const { account, config, id } = tenant;
      const { catalog } = core;
      const own = catalog.resource(account, kind, id);
      const group = catalog.resource(account, 'connection-group', config.connectionGroup);
      const distribution = catalog.find(account, 'download', config.distribution);
      const liveness = await core.liveness();
      // Gone meanwhile: there is nothing left to wait for.
      const isDeployed = own === undefined || core.isDeployed(own.revision, liveness);
      const isActive = [own, group, distribution].every(
        (one) => one?.document.config.enabled === true && core.isDeployed(one.revision, liveness),
      );
      return { tenant, status: isDeployed ? 'Deployed' : 'InProgress', isActive };
    },

    findTenantByDomain(account, domain) {
      return Promise.try(() => {
        const owner = core.catalog.domainOwner(domain.toLowerCase());
        if (owner?.kind === kind && owner.account === account) {
          return requireResource(core.catalog, account, kind, owner.id).document;
        }
        throw new Refusal('EntityNotFound', {
          said: 'distribution tenant with domain',
          id: domain,
        });
      });
    },
  };
}
