/** Key pairs of an account, which sign URLs of private distributions. */
import { decideImportKeyPair, decideSwitchKeyPair } from '../model/decide-key-pair.ts';
import type { KeyPair } from '../model/key-pair.ts';
import { Refusal } from '../model/refusal.ts';
import type { Control } from './control.ts';
import type { ControlCore } from './core.ts';

type KeyPairControl = Pick<Control, 'importKeyPair' | 'listKeyPairs' | 'switchKeyPair'>;

export function keyPairControl(core: ControlCore): KeyPairControl {
  function stored(id: string): KeyPair {
    const placed = core.catalog.keyPairs.get(id);
    if (placed === undefined) throw new Refusal('NoSuchKeyPair', { id });
    return placed.document;
  }

  return {
    async importKeyPair(account, publicKey) {
      const id = await core.write((catalog, facts) =>
        decideImportKeyPair(catalog, { account, publicKey }, facts),
      );
      return stored(id);
    },

    listKeyPairs(account) {
      return Promise.try(() => core.catalog.listKeyPairs(account).map(({ document }) => document));
    },

    async switchKeyPair(account, id, active) {
      await core.write((catalog, facts) =>
        decideSwitchKeyPair(catalog, { account, id, active }, facts),
      );
      return stored(id);
    },
  };
}
