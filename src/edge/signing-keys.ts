/**
 * The public keys that may sign URLs, as this edge knows them: parsed once, when they arrive. Those of
 * key pairs belong to accounts that are trusted, those of key groups to groups that are.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Touched } from '../model/catalog.ts';
import type { KeyPair } from '../model/key-pair.ts';

export type SigningKey = {
  readonly account: string;
  readonly publicKey: KeyObject;
};

type TouchedResource = Omit<Extract<Touched, { readonly kind: 'resource' }>, 'kind'>;

export class SigningKeys {
  readonly #byId = new Map<string, SigningKey>();
  /** Under account and id. */
  readonly #publicKeys = new Map<string, KeyObject>();
  readonly #groups = new Map<string, ReadonlySet<string>>();

  /** Undefined removes; so does a pair that is not active. */
  set(id: string, pair: KeyPair | undefined): void {
    if (pair === undefined || !pair.active) {
      this.#byId.delete(id);
      return;
    }
    this.#byId.set(id, { account: pair.account, publicKey: createPublicKey(pair.publicKey) });
  }

  /** Public keys and key groups; other resources are passed over. */
  setResource({ account, id, of, placed }: TouchedResource): void {
    const key = `${account}/${id}`;
    if (of !== 'public-key' && of !== 'key-group') return;
    this.#publicKeys.delete(key);
    this.#groups.delete(key);
    const resource = placed?.document;
    if (resource?.kind === 'public-key') {
      this.#publicKeys.set(key, createPublicKey(resource.config.encodedKey));
    } else if (resource?.kind === 'key-group') {
      this.#groups.set(key, new Set(resource.config.publicKeys));
    }
  }

  /** Of one of these groups of the account. */
  findInGroups(account: string, groups: readonly string[], id: string): SigningKey | undefined {
    const isIn = groups.some((group) => this.#groups.get(`${account}/${group}`)?.has(id));
    const publicKey = isIn ? this.#publicKeys.get(`${account}/${id}`) : undefined;
    return publicKey === undefined ? undefined : { account, publicKey };
  }

  find(id: string): SigningKey | undefined {
    return this.#byId.get(id);
  }
}
