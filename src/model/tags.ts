/**
 * Tags: names and values that an account puts on what it owns (API 2020-05-31, section 4.11). They
 * stand in a document of their own, so that tagging changes neither an ETag nor a status.
 */
import assert from 'node:assert/strict';
import { type Change, encodeKey, type Key } from '../base/log-record.ts';
import type { ArnTarget } from './arn.ts';
import type { AccountId } from './ids.ts';
import type { Limits } from './limits.ts';
import { Refusal } from './refusal.ts';

export type Tag = { readonly key: string; readonly value: string };

export type TagsDocument = {
  readonly format: 1;
  readonly account: AccountId;
  readonly target: ArnTarget;
  readonly tags: readonly Tag[];
};

const keyCharactersMax = 128;
const valueCharactersMax = 256;
const text = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** Throws `InvalidTagging`. */
export function checkTags(tags: readonly Tag[], limits: Limits): void {
  const max = limits['tags-of-resource'];
  if (tags.length > max)
    refuse(`there would be ${tags.length} of them; at most ${max} are accepted.`);
  if (new Set(tags.map(({ key }) => key)).size < tags.length) refuse('a key is given twice.');
  for (const { key, value } of tags) {
    if (key.length === 0 || key.length > keyCharactersMax || !text.test(key)) {
      refuse(`the key ${key} is not 1 to ${keyCharactersMax} letters, digits, blanks and _.:/=+-@`);
    }
    if (value.length > valueCharactersMax || !text.test(value)) {
      refuse(`the value of ${key} is not up to ${valueCharactersMax} of these characters.`);
    }
    if (key.toLowerCase().startsWith('aws:')) refuse('keys that begin with aws: are reserved.');
  }
}

/** What is there already, with `given` put on it. */
export function withTags(there: readonly Tag[], given: readonly Tag[]): readonly Tag[] {
  const added = new Map(given.map((tag) => [tag.key, tag]));
  const kept = there.map((tag) => added.get(tag.key) ?? tag);
  const known = new Set(there.map(({ key }) => key));
  return [...kept, ...given.filter(({ key }) => !known.has(key))];
}

export function tagsKey(account: AccountId, { id, kind }: ArnTarget): Key {
  return encodeKey({ account, kind: 'tags', id: `${kind}/${id}` });
}

/** None are no document. */
export function putTags(account: AccountId, target: ArnTarget, tags: readonly Tag[]): Change {
  const key = tagsKey(account, target);
  if (tags.length === 0) return { key, value: null };
  const document: TagsDocument = { format: 1, account, target, tags };
  return { key, value: Buffer.from(JSON.stringify(document)) };
}

export function readTags(value: Uint8Array): TagsDocument {
  const document: TagsDocument = JSON.parse(Buffer.from(value).toString('utf8'));
  assert.equal(document.format, 1, 'a document of a form that this release does not know');
  return document;
}

function refuse(why: string): never {
  throw new Refusal('InvalidTagging', { why });
}
