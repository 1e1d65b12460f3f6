/**
 * An item of a key-value store (API 2020-05-31, section 4.9). Each has a document of its own, named by
 * a hash of its key, since a key may be longer than the name of a document.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type Change, encodeKey, type Key } from '../../base/log-record.ts';
import type { AccountId } from '../ids.ts';
import { invalidArgument } from '../resources/invalid-argument.ts';

export type KeyValue = { readonly key: string; readonly value: string };

export type KeyValueDocument = KeyValue & {
  readonly format: 1;
  readonly account: AccountId;
  /** Id of the store. */
  readonly store: string;
};

export const keyBytesMax = 512;
export const valueBytesMax = 1_024;

export function sizeOf({ key, value }: KeyValue): number {
  return Buffer.byteLength(key) + Buffer.byteLength(value);
}

/** Throws `InvalidArgument`. */
export function checkKeyValue({ key, value }: KeyValue): void {
  checkKey(key);
  const given = Buffer.byteLength(value);
  if (given > valueBytesMax) {
    const why = `that of ${key} has ${given} bytes; at most ${valueBytesMax} are accepted.`;
    invalidArgument('Value', why);
  }
}

export function checkKey(key: string): void {
  const given = Buffer.byteLength(key);
  if (given > 0 && given <= keyBytesMax) return;
  const why = `a key has 1 to ${keyBytesMax} bytes, and this one has ${given}.`;
  invalidArgument('Key', why);
}

export function keyValueKey(account: AccountId, store: string, key: string): Key {
  const hash = createHash('sha256').update(key).digest('hex');
  return encodeKey({ account, kind: 'key-value', id: `${store}.${hash}` });
}

export function putKeyValue(account: AccountId, store: string, item: KeyValue): Change {
  const { key, value } = item;
  const document: KeyValueDocument = { format: 1, account, store, key, value };
  return { key: keyValueKey(account, store, key), value: Buffer.from(JSON.stringify(document)) };
}

export function readKeyValue(value: Uint8Array): KeyValueDocument {
  const document: KeyValueDocument = JSON.parse(Buffer.from(value).toString('utf8'));
  assert.equal(document.format, 1, 'a document of a form that this release does not know');
  return document;
}
