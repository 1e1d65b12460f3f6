/** Connection groups (API 2020-05-31, section 4.17). */
import type { Status } from '../../../control/control.ts';
import { arnOf } from '../../../model/arn.ts';
import { Refusal } from '../../../model/refusal.ts';
import type { ConnectionGroupConfig } from '../../../model/resources/connection-group.ts';
import type { Resource } from '../../../model/resources/resource.ts';
import type { Context, Handlers } from '../handler.ts';
import { bareListOf, pageOf } from '../paging.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';
import { findIdentified, withStatuses } from './resource-answers.ts';
import { readTags, writeTags } from './tags.ts';

const kind = 'connection-group';

export const connectionGroupHandlers = {
  async CreateConnectionGroup(input, { account, control }) {
    const config: ConnectionGroupConfig = {
      name: input.Name,
      enabled: input.Enabled ?? true,
      hasIpv6: input.Ipv6Enabled ?? true,
      anycastIpList: input.AnycastIpListId === '' ? undefined : input.AnycastIpListId,
      // Given to it as it is made.
      endpoint: '',
    };
    const made = await control.createResource(account, kind, config, readTags(input.Tags));
    return { ConnectionGroup: await write(made, control), ETag: made.etag };
  },
  async GetConnectionGroup({ Identifier }, { account, control }) {
    const found = await findIdentified(control, account, kind, Identifier);
    return { ConnectionGroup: await write(found, control), ETag: found.etag };
  },
  async GetConnectionGroupByRoutingEndpoint({ RoutingEndpoint: id }, { account, control }) {
    const all = await control.allResources(account, kind);
    const found = all.find(({ config }) => config.endpoint === id.toLowerCase());
    if (found === undefined) {
      throw new Refusal('EntityNotFound', { said: 'connection group at', id });
    }
    return { ConnectionGroup: await write(found, control), ETag: found.etag };
  },
  async UpdateConnectionGroup(input, { account, control }) {
    const { config: was } = await control.findResource(account, kind, input.Id);
    const list = input.AnycastIpListId ?? was.anycastIpList;
    const config: ConnectionGroupConfig = {
      ...was,
      enabled: input.Enabled ?? was.enabled,
      hasIpv6: input.Ipv6Enabled ?? was.hasIpv6,
      anycastIpList: list === '' ? undefined : list,
    };
    const target = { account, kind, id: input.Id, ifMatch: input.IfMatch } as const;
    const replaced = await control.replaceResource(target, config);
    return { ConnectionGroup: await write(replaced, control), ETag: replaced.etag };
  },
  async DeleteConnectionGroup({ Id, IfMatch }, { account, control }) {
    await control.deleteResource({ account, kind, id: Id, ifMatch: IfMatch });
    return {};
  },
  async ListConnectionGroups(input, { account, control, limits }) {
    const list = input.AssociationFilter?.AnycastIpListId;
    if (list !== undefined) await control.findResource(account, 'anycast-ip-list', list);
    const page = await control.listResources(
      account,
      kind,
      'all',
      pageOf(input, limits),
      ({ config }) => list === undefined || config.anycastIpList === list,
    );
    const known = await withStatuses(page, control);
    const { items, next } = bareListOf(known, ({ resource, status }) => summary(resource, status));
    return { ConnectionGroups: items, NextMarker: next };
  },
} satisfies Handlers;

async function write(
  group: Resource<typeof kind>,
  control: Context['control'],
): Promise<Wire.ConnectionGroup> {
  const { account, config, id } = group;
  const { ETag: _, ...told } = summary(group, await control.resourceStatus(group));
  const tags = await control.listTags(account, arnOf(account, { kind, id }));
  return { ...told, Ipv6Enabled: config.hasIpv6, Tags: writeTags(tags) };
}

function summary(
  { account, config, createdAt, etag, id, modifiedAt }: Resource<typeof kind>,
  status: Status,
): Wire.ConnectionGroupSummary {
  return {
    Id: id,
    Name: config.name,
    Arn: arnOf(account, { kind, id }),
    RoutingEndpoint: config.endpoint,
    CreatedTime: createdAt,
    LastModifiedTime: modifiedAt,
    ETag: etag,
    AnycastIpListId: config.anycastIpList,
    Enabled: config.enabled,
    Status: status,
    IsDefault: config.isDefault === true,
  };
}
