/** The items of all key-value stores, kept by the fold of the log. */
import type { Key } from '../../base/log-record.ts';
import { type KeyValue, type KeyValueDocument, keyValueKey, sizeOf } from './key-value.ts';
import type { AccountId } from '../ids.ts';

/** Of one store. */
export type StoreSize = { readonly count: number; readonly bytes: number };

type Store = { readonly items: Map<Key, KeyValue>; bytes: number };

export class KeyValueIndex {
  readonly #storeOf = new Map<Key, string>();
  readonly #stores = new Map<string, Store>();

  get(account: AccountId, store: string, key: string): KeyValue | undefined {
    return this.#stores.get(store)?.items.get(keyValueKey(account, store, key));
  }

  /** In the order of their keys. */
  of(store: string): readonly KeyValue[] {
    const items = [...(this.#stores.get(store)?.items.values() ?? [])];
    return items.sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)));
  }

  sizeOf(store: string): StoreSize {
    const { bytes = 0, items } = this.#stores.get(store) ?? {};
    return { count: items?.size ?? 0, bytes };
  }

  /** Of the documents of one store, or of all. */
  keys(store?: string): Iterable<Key> {
    return store === undefined
      ? this.#storeOf.keys()
      : (this.#stores.get(store)?.items.keys() ?? []);
  }

  /** Undefined removes. */
  set(key: Key, document: KeyValueDocument | undefined): void {
    const name = document?.store ?? this.#storeOf.get(key);
    if (name === undefined) return;
    const store = this.#stores.get(name) ?? { items: new Map(), bytes: 0 };
    const before = store.items.get(key);
    store.bytes -= before === undefined ? 0 : sizeOf(before);
    if (document === undefined) {
      store.items.delete(key);
      this.#storeOf.delete(key);
    } else {
      store.items.set(key, document);
      store.bytes += sizeOf(document);
      this.#storeOf.set(key, name);
    }
    if (store.items.size === 0) this.#stores.delete(name);
    else this.#stores.set(name, store);
  }
}
