/**
 * What the private endpoints can do with key pairs, in the client's terms. A private key never
 * passes through here: it stays on the machine that made it.
 */
import type { ApiClient } from './api-client.ts';
import { CommandFailure } from './failure.ts';
import { factLines } from './text-table.ts';

const path = '/_warmfront/key-pairs';

export type KeyPairView = {
  readonly id: string;
  readonly active: boolean;
  readonly createdAt: string;
  /** PEM. */
  readonly publicKey: string;
};

/** Every method rejects with a CommandFailure. */
export class KeyPairs {
  readonly #api: ApiClient;

  constructor(api: ApiClient) {
    this.#api = api;
  }

  /** Oldest first. */
  async list(): Promise<readonly KeyPairView[]> {
    const document = await this.#api.askJson('GET', path);
    const pairs = isRecord(document) ? document['keyPairs'] : undefined;
    if (!Array.isArray(pairs)) throw unexpected();
    return pairs.map(readPair);
  }

  /** A key that the account has already is answered with its pair, so this may be repeated. */
  async import(publicKey: string): Promise<KeyPairView> {
    const body = JSON.stringify({ publicKey });
    return readPair(await this.#api.askJson('POST', path, { body, repeatable: true }));
  }

  async switch(id: string, verb: 'activate' | 'deactivate'): Promise<KeyPairView> {
    const place = `${path}/${encodeURIComponent(id)}/${verb}`;
    return readPair(await this.#api.askJson('POST', place, { repeatable: true }));
  }

  async delete(id: string): Promise<void> {
    await this.#api.ask('DELETE', `${path}/${encodeURIComponent(id)}`);
  }
}

export function keyPairFacts({ active, createdAt, id }: KeyPairView): string {
  return factLines([
    ['id', id],
    ['state', active ? 'active' : 'inactive'],
    ['created', createdAt],
  ]);
}

function readPair(value: unknown): KeyPairView {
  if (!isRecord(value)) throw unexpected();
  const { active, createdAt, id, publicKey } = value;
  if (typeof id !== 'string' || typeof active !== 'boolean') throw unexpected();
  return { id, active, createdAt: String(createdAt), publicKey: String(publicKey) };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unexpected(): CommandFailure {
  return new CommandFailure('UnexpectedAnswer', 'The key pairs are not in the form expected.');
}
