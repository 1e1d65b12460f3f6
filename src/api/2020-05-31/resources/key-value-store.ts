/** Key-value stores; what is in them is the matter of another service (API 2020-05-31, section 4.9). */
import { instant } from '../../../base/clock.ts';
import type { Control } from '../../../control/control.ts';
import { configEtag, type AccountId } from '../../../model/ids.ts';
import { Refusal } from '../../../model/refusal.ts';
import { keyValueStoreArn } from '../../../model/resources/function.ts';
import type { KeyValueStoreConfig } from '../../../model/resources/key-value-store.ts';
import type { Resource } from '../../../model/resources/resource.ts';
import type { Handlers } from '../handler.ts';
import { listOf, pageOf } from '../paging.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';
import { readTags } from './tags.ts';

const kind = 'key-value-store';

export const keyValueStoreHandlers = {
  async CreateKeyValueStore(input, { account, control, publicEndpoint }) {
    if (input.ImportSource !== undefined) {
      const why = 'a store is not filled from a bucket; make it empty, and put its keys.';
      throw new Refusal('InvalidArgument', { member: 'ImportSource', why });
    }
    const config = read(input.Name, input.Comment);
    const made = await control.createResource(account, kind, config, readTags(input.Tags));
    const Location = `${publicEndpoint()}/2020-05-31/key-value-store/${made.config.name}`;
    return { KeyValueStore: write(made), ETag: made.etag, Location };
  },
  async DescribeKeyValueStore({ Name }, { account, control }) {
    const found = await findNamed(control, account, Name);
    return { KeyValueStore: write(found), ETag: found.etag };
  },
  async UpdateKeyValueStore({ Comment, IfMatch, Name }, { account, control }) {
    const { id } = await findNamed(control, account, Name);
    const target = { account, kind, id, ifMatch: IfMatch } as const;
    const replaced = await control.replaceResource(target, read(Name, Comment));
    return { KeyValueStore: write(replaced), ETag: replaced.etag };
  },
  async DeleteKeyValueStore({ IfMatch, Name }, { account, control }) {
    const { id } = await findNamed(control, account, Name);
    await control.deleteStore({ account, kind, id, ifMatch: IfMatch });
    return {};
  },
  async ListKeyValueStores(input, { account, control, limits }) {
    const request = pageOf(input, limits);
    // All are ready as soon as they are made.
    const isAsked = input.Status === undefined || input.Status === 'READY';
    const page = isAsked
      ? await control.listResources(account, kind, 'all', request)
      : { items: [], truncated: false };
    return { KeyValueStoreList: listOf(page, request, write) };
  },
} satisfies Handlers;

async function findNamed(
  control: Pick<Control, 'allResources'>,
  account: AccountId,
  name: string,
): Promise<Resource<typeof kind>> {
  const all = await control.allResources(account, kind);
  const found = all.find(({ config }) => config.name === name);
  if (found === undefined) {
    throw new Refusal('EntityNotFound', { said: 'key-value store', id: name });
  }
  return found;
}

/** What its content is at first is given to it as it is made. */
function read(name: string, comment: string | undefined): KeyValueStoreConfig {
  const content = { etag: configEtag(''), modifiedAt: instant(0) };
  return { name, comment: comment ?? '', content };
}

function write({ account, config, id, modifiedAt }: Resource<typeof kind>): Wire.KeyValueStore {
  return {
    Name: config.name,
    Id: id,
    Comment: config.comment,
    ARN: keyValueStoreArn(account, id),
    LastModifiedTime: modifiedAt,
    Status: 'READY',
  };
}
