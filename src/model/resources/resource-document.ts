/** Resources as documents of the log. */
import assert from 'node:assert/strict';
import { type Change, encodeKey, type Key } from '../../base/log-record.ts';
import type { AccountId } from '../ids.ts';
import { isResourceKind, type Resource, type ResourceKind } from './resource.ts';

export function resourceKey(account: AccountId, kind: ResourceKind, id: string): Key {
  return encodeKey({ account, kind, id });
}

type Written = Pick<Resource, 'account' | 'kind' | 'id'> & { readonly format: number };

export function putResource(resource: Written): Change {
  const { account, id, kind } = resource;
  return { key: resourceKey(account, kind, id), value: Buffer.from(JSON.stringify(resource)) };
}

export function readResource(value: Uint8Array): Resource {
  const document: Resource = JSON.parse(Buffer.from(value).toString('utf8'));
  assert.equal(document.format, 1, 'a document of a form that this release does not know');
  assert.ok(isResourceKind(document.kind));
  return document;
}
