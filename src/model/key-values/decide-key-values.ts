/**
 * Writing the items of a key-value store (API 2020-05-31, section 4.9): all of one request or none,
 * under the version that all items have together.
 */
import type { Change } from '../../base/log-record.ts';
import type { Catalog } from '../catalog.ts';
import {
  checkIfMatch,
  type Decision,
  type Facts,
  mintUnused,
  step,
  type Step,
} from '../decision.ts';
import { forgetTags } from '../decide-tags.ts';
import type { AccountId } from '../ids.ts';
import { Refusal } from '../refusal.ts';
import {
  checkDeletable,
  requireResource,
  type ResourceRequest,
} from '../resources/decide-resource.ts';
import { invalidArgument } from '../resources/invalid-argument.ts';
import { putResource, resourceKey } from '../resources/resource-document.ts';
import {
  checkKey,
  checkKeyValue,
  type KeyValue,
  keyValueKey,
  putKeyValue,
  sizeOf,
} from './key-value.ts';

const kind = 'key-value-store';
const keysMax = 50;

export type WriteKeyValues = {
  readonly account: AccountId;
  /** Id. */
  readonly store: string;
  readonly ifMatch: string | undefined;
  readonly puts: readonly KeyValue[];
  /** Keys; one that is not there is no fault, unless it is the only thing asked. */
  readonly deletes: readonly string[];
};

export function decideKeyValues(
  catalog: Catalog,
  { account, deletes, ifMatch, puts, store }: WriteKeyValues,
  { call, limits, mint, now }: Facts,
): Decision<undefined> {
  const { document } = requireResource(catalog, account, kind, store);
  const { content: was } = document.config;
  checkIfMatch(ifMatch, was);
  checkBatch(puts, deletes);
  let { bytes } = catalog.keyValues.sizeOf(store);
  const changes: Change[] = [];
  for (const item of puts) {
    checkKeyValue(item);
    const before = catalog.keyValues.get(account, store, item.key);
    bytes += sizeOf(item) - (before === undefined ? 0 : sizeOf(before));
    changes.push(putKeyValue(account, store, item));
  }
  for (const key of deletes) {
    checkKey(key);
    const before = catalog.keyValues.get(account, store, key);
    if (before === undefined) continue;
    bytes -= sizeOf(before);
    changes.push({ key: keyValueKey(account, store, key), value: null });
  }
  const max = limits['key-value-store-bytes'];
  if (bytes > max) {
    const said = `key-value store ${document.config.name}`;
    throw new Refusal('EntitySizeLimitExceeded', { said, given: bytes, max });
  }
  const etag = mintUnused(mint.configEtag, (minted) => minted === was.etag);
  const content = { etag, modifiedAt: now, changedBy: call };
  const written = { ...document, config: { ...document.config, content } };
  changes.push(putResource(written));
  return { changes, answer: undefined };
}

/**
 * One step of deleting a store: its items first, which may be more than one append takes, and with
 * the last of them the store.
 */
export function decideDeleteStore(
  catalog: Catalog,
  request: ResourceRequest<typeof kind>,
  changesMax: number,
  facts: Pick<Facts, 'deployed'>,
): Decision<Step> {
  const { account, id } = request;
  checkDeletable(catalog, request, facts);
  const changes: Change[] = [...catalog.keyValues.keys(id)].map((key) => ({ key, value: null }));
  changes.push(...forgetTags(catalog, account, { kind, id }));
  changes.push({ key: resourceKey(account, kind, id), value: null });
  return step(changes, changesMax);
}

function checkBatch(puts: readonly KeyValue[], deletes: readonly string[]): void {
  const keys = [...puts.map(({ key }) => key), ...deletes];
  if (keys.length === 0) invalidArgument('Keys', 'none is put or deleted.');
  if (keys.length > keysMax)
    invalidArgument('Keys', `${keys.length} are given; at most ${keysMax} are accepted.`);
  if (new Set(keys).size < keys.length) invalidArgument('Keys', 'one stands in it twice.');
}
