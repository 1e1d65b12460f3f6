/**
 * What may be done to the key pairs that sign URLs. At most two of an account are active, so that one
 * can take over from another; inactive ones are kept until they are deleted, within a bound.
 */
import type { Catalog } from './catalog.ts';
import { mintUnused, type Decision, type Facts } from './decision.ts';
import { keyPairKey, putKeyPair } from './document.ts';
import type { AccountId, KeyPairId } from './ids.ts';
import type { KeyPair } from './key-pair.ts';
import type { Limits } from './limits.ts';
import { Refusal } from './refusal.ts';

/** Active or not, of one account. */
export const keyPairsMax = 100;

/** `publicKey`: RSA in PEM, checked by the reader, and written alike for equal keys. */
export type ImportKeyPair = { readonly account: AccountId; readonly publicKey: string };

/** A key that the account has already is answered as it stands, and nothing is changed. */
export function decideImportKeyPair(
  catalog: Catalog,
  { account, publicKey }: ImportKeyPair,
  { limits, mint, now }: Facts,
): Decision<KeyPairId> {
  const pairs = catalog.listKeyPairs(account).map(({ document }) => document);
  const earlier = pairs.find((pair) => pair.publicKey === publicKey);
  if (earlier !== undefined) return { changes: [], answer: earlier.id };
  checkActive(pairs, limits);
  if (pairs.length >= keyPairsMax) {
    throw new Refusal('TooManyKeyPairs', { max: keyPairsMax, which: 'key', way: 'delete' });
  }
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

export type KeyPairTarget = { readonly account: AccountId; readonly id: string };

export function decideSwitchKeyPair(
  catalog: Catalog,
  { account, active, id }: KeyPairTarget & { readonly active: boolean },
  { limits }: Facts,
): Decision<undefined> {
  const pair = requireKeyPair(catalog, { account, id });
  if (pair.active === active) return { changes: [], answer: undefined };
  if (active) {
    checkActive(
      catalog.listKeyPairs(account).map(({ document }) => document),
      limits,
    );
  }
  return { changes: [putKeyPair({ ...pair, active })], answer: undefined };
}

/** Deactivation comes first, as its own step: it can be taken back, and this cannot. */
export function decideDeleteKeyPair(catalog: Catalog, target: KeyPairTarget): Decision<undefined> {
  const { account, active, id } = requireKeyPair(catalog, target);
  if (active) throw new Refusal('KeyPairActive', { id });
  return { changes: [{ key: keyPairKey(account, id), value: null }], answer: undefined };
}

export function requireKeyPair(catalog: Catalog, { account, id }: KeyPairTarget): KeyPair {
  const pair = catalog.keyPairs.get(id)?.document;
  if (pair?.account !== account) throw new Refusal('NoSuchKeyPair', { id });
  return pair;
}

function checkActive(pairs: readonly KeyPair[], limits: Limits): void {
  const max = limits['active-key-pairs'];
  if (pairs.filter(({ active }) => active).length < max) return;
  throw new Refusal('TooManyKeyPairs', { max, which: 'active key', way: 'deactivate' });
}
