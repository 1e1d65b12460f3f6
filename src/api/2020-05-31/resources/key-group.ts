/** Key groups (API 2020-05-31, section 4.10). */
import type { KeyGroupConfig } from '../../../model/resources/key-group.ts';
import type { Resource } from '../../../model/resources/resource.ts';
import type { Handlers } from '../handler.ts';
import { listOf, pageOf } from '../paging.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';
import { locationOf } from './resource-answers.ts';

const kind = 'key-group';

export const keyGroupHandlers = {
  async CreateKeyGroup(input, { account, control, publicEndpoint }) {
    const made = await control.createResource(account, kind, read(input.KeyGroupConfig));
    return { KeyGroup: write(made), ETag: made.etag, Location: locationOf(publicEndpoint, made) };
  },
  async GetKeyGroup({ Id }, { account, control }) {
    const found = await control.findResource(account, kind, Id);
    return { KeyGroup: write(found), ETag: found.etag };
  },
  async GetKeyGroupConfig({ Id }, { account, control }) {
    const found = await control.findResource(account, kind, Id);
    return { KeyGroupConfig: writeConfig(found.config), ETag: found.etag };
  },
  async UpdateKeyGroup({ Id, IfMatch, KeyGroupConfig: config }, { account, control }) {
    const target = { account, kind, id: Id, ifMatch: IfMatch } as const;
    const replaced = await control.replaceResource(target, read(config));
    return { KeyGroup: write(replaced), ETag: replaced.etag };
  },
  async DeleteKeyGroup({ Id, IfMatch }, { account, control }) {
    await control.deleteResource({ account, kind, id: Id, ifMatch: IfMatch });
    return {};
  },
  async ListKeyGroups(input, { account, control, limits }) {
    const request = pageOf(input, limits);
    const page = await control.listResources(account, kind, 'all', request);
    return { KeyGroupList: listOf(page, request, (group) => ({ KeyGroup: write(group) })) };
  },
} satisfies Handlers;

function write({ config, id, modifiedAt }: Resource<typeof kind>): Wire.KeyGroup {
  return { Id: id, LastModifiedTime: modifiedAt, KeyGroupConfig: writeConfig(config) };
}

function read(config: Wire.KeyGroupConfig): KeyGroupConfig {
  return { name: config.Name, comment: config.Comment ?? '', publicKeys: config.Items };
}

function writeConfig({ comment, name, publicKeys }: KeyGroupConfig): Wire.KeyGroupConfig {
  return { Name: name, Items: publicKeys, Comment: comment };
}
