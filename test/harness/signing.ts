/** Key pairs for tests of signed access, and how an edge comes to know them. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { instant } from '../../src/base/clock.ts';
import { type Revision, revision } from '../../src/base/log-record.ts';
import type { RoutingTable } from '../../src/edge/routing-table.ts';
import type { KeyPair } from '../../src/model/key-pair.ts';
import { accountId, keyPairId } from '../../src/model/ids.ts';

export type TestKeyPair = {
  readonly id: string;
  readonly privateKey: KeyObject;
  /** PEM, PKCS #8, as other signers take it. */
  readonly privatePem: string;
  readonly publicPem: string;
};

export const owner = '000000000000';

export function makeKeyPair(id = 'APKAEXAMPLEEXAMPLE01', modulusLength = 2_048): TestKeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength });
  return {
    id,
    privateKey,
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

export type Placing = { readonly account?: string; readonly active?: boolean };

/** Puts the key pair in the log, as far as this edge can tell. */
export function placeKeyPair(
  routing: RoutingTable,
  { id, publicPem }: Pick<TestKeyPair, 'id' | 'publicPem'>,
  { account = owner, active = true }: Placing = {},
): void {
  const document: KeyPair = {
    format: 1,
    account: accountId(account),
    id: keyPairId(id),
    publicKey: publicPem,
    active,
    createdAt: instant(0),
  };
  const at = nextOf(routing);
  routing.apply([{ kind: 'key-pair', id, placed: { document, revision: at } }], at);
}

export function removeKeyPair(routing: RoutingTable, id: string): void {
  routing.apply([{ kind: 'key-pair', id, placed: undefined }], nextOf(routing));
}

function nextOf(routing: RoutingTable): Revision {
  return revision(routing.revision + 1);
}

/** Path and query of a URL, as a viewer asks for it. */
export function targetOf(url: string): string {
  return url.slice(url.indexOf('/', url.indexOf('//') + 2));
}
