/** Key pairs of an account, which sign URLs of private distributions. */
import {
  decideDeleteKeyPair,
  decideImportKeyPair,
  decideSwitchKeyPair,
  requireKeyPair,
} from '../model/decide-key-pair.ts';
import type { Control } from './control.ts';
import type { ControlCore } from './core.ts';

type KeyPairControl = Pick<
  Control,
  'importKeyPair' | 'listKeyPairs' | 'switchKeyPair' | 'deleteKeyPair'
>;

export function keyPairControl(core: ControlCore): KeyPairControl {
  return {
    async importKeyPair(account, publicKey) {
      const id = await core.write((catalog, facts) =>
        decideImportKeyPair(catalog, { account, publicKey }, facts),
      );
      return requireKeyPair(core.catalog, { account, id });
    },

    listKeyPairs(account) {
      return Promise.try(() => core.catalog.listKeyPairs(account).map(({ document }) => document));
    },

    async switchKeyPair(account, id, active) {
      await core.write((catalog, facts) =>
        decideSwitchKeyPair(catalog, { account, id, active }, facts),
      );
      return requireKeyPair(core.catalog, { account, id });
    },

    async deleteKeyPair(account, id) {
      await core.write((catalog) => decideDeleteKeyPair(catalog, { account, id }));
    },
  };
}
