/** Lists of static addresses (API 2020-05-31, section 4.18): kept, and never given any. */
import type { Status } from '../../../control/control.ts';
import { arnOf } from '../../../model/arn.ts';
import type { AnycastIpListConfig } from '../../../model/resources/anycast-ip-list.ts';
import type { Resource } from '../../../model/resources/resource.ts';
import type { Handlers } from '../handler.ts';
import { markedListOf, pageOf } from '../paging.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';
import { deploymentOf, withStatuses } from './resource-answers.ts';
import { readTags } from './tags.ts';

const kind = 'anycast-ip-list';

export const anycastIpListHandlers = {
  async CreateAnycastIpList(input, { account, control }) {
    const config: AnycastIpListConfig = {
      name: input.Name,
      count: input.IpCount,
      addressType: input.IpAddressType ?? 'ipv4',
      ranges: readRanges(input.IpamCidrConfigs ?? []),
    };
    const made = await control.createResource(account, kind, config, readTags(input.Tags));
    return { AnycastIpList: write(made, await control.resourceStatus(made)), ETag: made.etag };
  },
  async GetAnycastIpList({ Id }, { account, control }) {
    const found = await control.findResource(account, kind, Id);
    return { AnycastIpList: write(found, await control.resourceStatus(found)), ETag: found.etag };
  },
  async UpdateAnycastIpList(input, { account, control }) {
    const { config: was } = await control.findResource(account, kind, input.Id);
    const config: AnycastIpListConfig = {
      ...was,
      addressType: input.IpAddressType ?? was.addressType,
      ranges: input.IpamCidrConfigs === undefined ? was.ranges : readRanges(input.IpamCidrConfigs),
    };
    const target = { account, kind, id: input.Id, ifMatch: input.IfMatch } as const;
    const replaced = await control.replaceResource(target, config);
    const status = await control.resourceStatus(replaced);
    return { AnycastIpList: write(replaced, status), ETag: replaced.etag };
  },
  async DeleteAnycastIpList({ Id, IfMatch }, { account, control }) {
    await control.deleteResource({ account, kind, id: Id, ifMatch: IfMatch });
    return {};
  },
  async ListAnycastIpLists(input, { account, control, limits }) {
    const request = pageOf(input, limits);
    const page = await control.listResources(account, kind, 'all', request);
    const known = await withStatuses(page, control);
    return {
      AnycastIpLists: markedListOf(known, request, ({ resource, status }) => {
        const { AnycastIps: _, ...told } = write(resource, status);
        return { ...told, ETag: resource.etag };
      }),
    };
  },
} satisfies Handlers;

function readRanges(ranges: readonly Wire.IpamCidrConfig[]): AnycastIpListConfig['ranges'] {
  return ranges.map(({ Cidr, IpamPoolArn }) => ({ cidr: Cidr, poolArn: IpamPoolArn }));
}

function write(
  { account, config, id, modifiedAt }: Resource<typeof kind>,
  status: Status,
): Wire.AnycastIpList {
  const ranges = config.ranges.map(({ cidr, poolArn }) => ({ Cidr: cidr, IpamPoolArn: poolArn }));
  return {
    Id: id,
    Name: config.name,
    Status: deploymentOf(status),
    Arn: arnOf(account, { kind, id }),
    AnycastIps: [],
    IpCount: config.count,
    LastModifiedTime: modifiedAt,
    IpAddressType: config.addressType,
    IpamConfig:
      ranges.length === 0 ? undefined : { Quantity: ranges.length, IpamCidrConfigs: ranges },
  };
}
