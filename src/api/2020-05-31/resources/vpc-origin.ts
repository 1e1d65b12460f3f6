/** VPC origins (API 2020-05-31, section 4.14). */
import type { Status } from '../../../control/control.ts';
import { arnOf } from '../../../model/arn.ts';
import type { Resource } from '../../../model/resources/resource.ts';
import type { VpcOriginConfig } from '../../../model/resources/vpc-origin.ts';
import type { Handlers } from '../handler.ts';
import { markedListOf, pageOf } from '../paging.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';
import { deploymentOf, locationOf, withStatuses } from './resource-answers.ts';
import { readTags } from './tags.ts';

const kind = 'vpc-origin';

export const vpcOriginHandlers = {
  async CreateVpcOrigin(input, { account, control, publicEndpoint }) {
    const config = read(input.VpcOriginEndpointConfig);
    const made = await control.createResource(account, kind, config, readTags(input.Tags));
    const VpcOrigin = write(made, await control.resourceStatus(made));
    return { VpcOrigin, ETag: made.etag, Location: locationOf(publicEndpoint, made) };
  },
  async GetVpcOrigin({ Id }, { account, control }) {
    const found = await control.findResource(account, kind, Id);
    return { VpcOrigin: write(found, await control.resourceStatus(found)), ETag: found.etag };
  },
  async UpdateVpcOrigin({ Id, IfMatch, VpcOriginEndpointConfig: config }, { account, control }) {
    const target = { account, kind, id: Id, ifMatch: IfMatch } as const;
    const replaced = await control.replaceResource(target, read(config));
    const VpcOrigin = write(replaced, await control.resourceStatus(replaced));
    return { VpcOrigin, ETag: replaced.etag };
  },
  async DeleteVpcOrigin({ Id, IfMatch }, { account, control }) {
    const found = await control.findResource(account, kind, Id);
    await control.deleteResource({ account, kind, id: Id, ifMatch: IfMatch });
    return { VpcOrigin: write(found, 'InProgress'), ETag: found.etag };
  },
  async ListVpcOrigins(input, { account, control, limits }) {
    const request = pageOf(input, limits);
    const page = await control.listResources(account, kind, 'all', request);
    const known = await withStatuses(page, control);
    return {
      VpcOriginList: markedListOf(known, request, ({ resource, status }) => {
        const { VpcOriginEndpointConfig: endpoint, ...told } = write(resource, status);
        return {
          ...told,
          Name: endpoint.Name,
          OriginEndpointArn: endpoint.Arn,
          IpAddressType: endpoint.IpAddressType,
        };
      }),
    };
  },
} satisfies Handlers;

function write(
  { account, config, createdAt, id, modifiedAt }: Resource<typeof kind>,
  status: Status,
): Wire.VpcOrigin {
  return {
    Id: id,
    Arn: arnOf(account, { kind: 'vpcorigin', id }),
    AccountId: account,
    Status: deploymentOf(status),
    CreatedTime: createdAt,
    LastModifiedTime: modifiedAt,
    VpcOriginEndpointConfig: {
      Name: config.name,
      Arn: config.endpointArn,
      HTTPPort: config.httpPort,
      HTTPSPort: config.httpsPort,
      OriginProtocolPolicy: config.protocolPolicy,
      OriginSslProtocols: { Quantity: config.tlsProtocols.length, Items: config.tlsProtocols },
      IpAddressType: config.addressType,
    },
  };
}

function read(config: Wire.VpcOriginEndpointConfig): VpcOriginConfig {
  return {
    name: config.Name,
    endpointArn: config.Arn,
    httpPort: config.HTTPPort,
    httpsPort: config.HTTPSPort,
    protocolPolicy: config.OriginProtocolPolicy,
    tlsProtocols: config.OriginSslProtocols?.Items ?? ['TLSv1.2'],
    addressType: config.IpAddressType ?? 'ipv4',
  };
}
