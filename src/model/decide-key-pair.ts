/** What may be done to the key pairs that sign URLs; at most two of an account are active. */
import type { Catalog } from './catalog.ts';
import { mintUnused, type Decision, type Facts } from './decision.ts';
import { putKeyPair } from './document.ts';
import type { AccountId, KeyPairId } from './ids.ts';
import type { KeyPair } from './key-pair.ts';
import type { Limits } from './limits.ts';
import { Refusal } from './refusal.ts';

/** `publicKey`: RSA in PEM, checked by the reader. */
export type ImportKeyPair = { readonly account: AccountId; readonly publicKey: string };

export function decideImportKeyPair(
  catalog: Catalog,
  { account, publicKey }: ImportKeyPair,
  { limits, mint, now }: Facts,
): Decision<KeyPairId> {
  checkActive(catalog, account, limits);
  const pair: KeyPair = {
    format: 1,
    account,
    id: mintUnused(mint.keyPairId, (id) => catalog.keyPairs.get(id) !== undefined),
    publicKey,
    active: true,
    createdAt: now,
  };
  return { changes: [putKeyPair(pair)], answer: pair.id };
}

export function decideSwitchKeyPair(
  catalog: Catalog,
  { account, active, id }: { account: AccountId; id: string; active: boolean },
  { limits }: Facts,
): Decision<undefined> {
  const pair = catalog.keyPairs.get(id)?.document;
  if (pair?.account !== account) throw new Refusal('NoSuchKeyPair', { id });
  if (pair.active === active) return { changes: [], answer: undefined };
  if (active) checkActive(catalog, account, limits);
  return { changes: [putKeyPair({ ...pair, active })], answer: undefined };
}

function checkActive(catalog: Catalog, account: AccountId, limits: Limits): void {
  const max = limits['active-key-pairs'];
  const active = catalog.listKeyPairs(account).filter(({ document }) => document.active);
  if (active.length >= max) throw new Refusal('TooManyKeyPairs', { max });
}
