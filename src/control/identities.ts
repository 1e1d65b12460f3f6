/** Origin access identities: nothing is deployed for one by itself, so there is no status. */
import {
  decideCreateIdentity,
  decideDeleteIdentity,
  decideReplaceIdentity,
  requireIdentity,
} from '../model/decide-access-identity.ts';
import type { Control } from './control.ts';
import type { ControlCore } from './core.ts';

type IdentityControl = Pick<
  Control,
  'createIdentity' | 'findIdentity' | 'listIdentities' | 'replaceIdentity' | 'deleteIdentity'
>;

export function identityControl(core: ControlCore): IdentityControl {
  return {
    async createIdentity(account, readConfig) {
      const { id, outcome } = await core.write((catalog, facts) =>
        decideCreateIdentity(catalog, { account, readConfig }, facts),
      );
      return { identity: requireIdentity(core.catalog, account, id).document, outcome };
    },

    findIdentity(account, id) {
      return Promise.try(() => requireIdentity(core.catalog, account, id).document);
    },

    listIdentities(account, request) {
      return Promise.try(() => {
        const { items, truncated } = core.page(core.catalog.listIdentities(account), request);
        return { items: items.map(({ document }) => document), truncated };
      });
    },

    async replaceIdentity({ account, id, ifMatch }, readConfig) {
      const command = { account, id, ifMatch, readConfig };
      await core.write((catalog, facts) => decideReplaceIdentity(catalog, command, facts));
      return requireIdentity(core.catalog, account, id).document;
    },

    async deleteIdentity(target) {
      await core.writeKnowing((catalog, facts) => decideDeleteIdentity(catalog, target, facts));
    },
  };
}
