/** The public keys that may sign URLs, as this edge knows them: parsed once, when they arrive. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import type { KeyPair } from '../model/key-pair.ts';

export type SigningKey = {
  readonly account: string;
  readonly publicKey: KeyObject;
};

export class SigningKeys {
  readonly #byId = new Map<string, SigningKey>();

  /** Undefined removes; so does a pair that is not active. */
  set(id: string, pair: KeyPair | undefined): void {
    if (pair === undefined || !pair.active) {
      this.#byId.delete(id);
      return;
    }
    this.#byId.set(id, { account: pair.account, publicKey: createPublicKey(pair.publicKey) });
  }

  find(id: string): SigningKey | undefined {
    return this.#byId.get(id);
  }
}
