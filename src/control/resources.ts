/** Policies, keys and access controls: nothing is deployed for one by itself, so there is no status. */
import {
  decideCreateResource,
  decideDeleteResource,
  decideReplaceResource,
  requireResource,
} from '../model/resources/decide-resource.ts';
import { decidePublication } from '../model/resources/decide-publication.ts';
import { managedPolicies, managedPolicy } from '../model/resources/managed-policies.ts';
import type { Resource, ResourceKind } from '../model/resources/resource.ts';
import type { At } from '../model/document-index.ts';
import type { ControlCore } from './core.ts';
import type { Control } from './control.ts';

type ResourceControl = Pick<
  Control,
  | 'createResource'
  | 'findResource'
  | 'listResources'
  | 'replaceResource'
  | 'deleteResource'
  | 'allResources'
  | 'usersOf'
  | 'publish'
  | 'resourceStatus'
>;

export function resourceControl(core: ControlCore): ResourceControl {
  function find<Kind extends ResourceKind>(
    account: Resource['account'],
    kind: Kind,
    id: string,
  ): Resource<Kind> {
    return managedPolicy(kind, id) ?? requireResource(core.catalog, account, kind, id).document;
  }
  return {
    async createResource(account, kind, config, tags = []) {
      const id = await core.write((catalog, facts) =>
        decideCreateResource(catalog, { account, kind, config, tags }, facts),
      );
      return find(account, kind, id);
    },
    findResource(account, kind, id) {
      return Promise.try(() => find(account, kind, id));
    },
    listResources(account, kind, which, request, isMeant = () => true) {
      return Promise.try(() => {
        const own = which === 'managed' ? [] : core.catalog.listResources(account, kind);
        const managed = which === 'own' ? [] : managedPolicies(kind);
        const all: readonly At<Resource<typeof kind>>[] = [
          ...managed.map((document) => ({ document, revision: core.catalog.revision })),
          ...own,
        ];
        const meant = all.filter(({ document }) => isMeant(document));
        const { items, truncated } = core.page(meant, request);
        return { items: items.map(({ document }) => document), truncated };
      });
    },
    async replaceResource(target, config) {
      await core.write((catalog, facts) => decideReplaceResource(catalog, target, config, facts));
      return find(target.account, target.kind, target.id);
    },
    async deleteResource(target) {
      await core.writeKnowing((catalog, facts) => decideDeleteResource(catalog, target, facts));
    },
    allResources(account, kind) {
      return Promise.try(() =>
        core.catalog.listResources(account, kind).map(({ document }) => document),
      );
    },
    usersOf(account, target) {
      return Promise.try(() => core.catalog.usersOf(account, target));
    },
    async publish(target) {
      await core.write((catalog, facts) => decidePublication(catalog, target, facts));
      return find(target.account, target.kind, target.id);
    },
    async resourceStatus({ account, id, kind }) {
      const placed = core.catalog.resource(account, kind, id);
      // Gone meanwhile: there is nothing left to wait for.
      if (placed === undefined) return 'Deployed';
      const liveness = await core.liveness();
      const { revision } = placed;
      return core.isDeployed(revision, liveness) ? 'Deployed' : 'InProgress';
    },
  };
}
