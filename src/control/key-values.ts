/** The items of key-value stores. */
import { decideDeleteStore, decideKeyValues } from '../model/key-values/decide-key-values.ts';
import type { AccountId } from '../model/ids.ts';
import { requireResource } from '../model/resources/decide-resource.ts';
import type { Control, StoreView } from './control.ts';
import type { ControlCore } from './core.ts';

type KeyValueControl = Pick<Control, 'deleteStore' | 'writeKeyValues' | 'findKeyValues'>;

export function keyValueControl(core: ControlCore): KeyValueControl {
  function find(account: AccountId, id: string): StoreView {
    const { document: store } = requireResource(core.catalog, account, 'key-value-store', id);
    const { keyValues } = core.catalog;
    return { store, size: keyValues.sizeOf(id), items: keyValues.of(id) };
  }
  return {
    async deleteStore(target) {
      await core.writeSteps((catalog, changesMax, facts) =>
        decideDeleteStore(catalog, target, changesMax, facts),
      );
    },
    async writeKeyValues(written) {
      await core.write((catalog, facts) => decideKeyValues(catalog, written, facts));
      return find(written.account, written.store);
    },
    findKeyValues(account, store) {
      return Promise.try(() => find(account, store));
    },
  };
}
