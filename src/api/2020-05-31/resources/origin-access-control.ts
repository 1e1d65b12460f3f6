/** Origin access controls (API 2020-05-31, section 4.7). */
import type { OriginAccessControlConfig } from '../../../model/resources/origin-access-control.ts';
import type { Resource } from '../../../model/resources/resource.ts';
import type { Handlers } from '../handler.ts';
import { markedListOf, pageOf } from '../paging.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';
import { locationOf } from './resource-answers.ts';

const kind = 'origin-access-control';

export const originAccessControlHandlers = {
  async CreateOriginAccessControl(input, { account, control, publicEndpoint }) {
    const made = await control.createResource(account, kind, read(input.OriginAccessControlConfig));
    const Location = locationOf(publicEndpoint, made);
    return { OriginAccessControl: write(made), ETag: made.etag, Location };
  },
  async GetOriginAccessControl({ Id }, { account, control }) {
    const found = await control.findResource(account, kind, Id);
    return { OriginAccessControl: write(found), ETag: found.etag };
  },
  async GetOriginAccessControlConfig({ Id }, { account, control }) {
    const found = await control.findResource(account, kind, Id);
    return { OriginAccessControlConfig: writeConfig(found.config), ETag: found.etag };
  },
  async UpdateOriginAccessControl(input, { account, control }) {
    const target = { account, kind, id: input.Id, ifMatch: input.IfMatch } as const;
    const replaced = await control.replaceResource(target, read(input.OriginAccessControlConfig));
    return { OriginAccessControl: write(replaced), ETag: replaced.etag };
  },
  async DeleteOriginAccessControl({ Id, IfMatch }, { account, control }) {
    await control.deleteResource({ account, kind, id: Id, ifMatch: IfMatch });
    return {};
  },
  async ListOriginAccessControls(input, { account, control, limits }) {
    const request = pageOf(input, limits);
    const page = await control.listResources(account, kind, 'all', request);
    return {
      OriginAccessControlList: markedListOf(page, request, ({ config, id }) => ({
        Id: id,
        ...writeConfig(config),
      })),
    };
  },
} satisfies Handlers;

function write({ config, id }: Resource<typeof kind>): Wire.OriginAccessControl {
  return { Id: id, OriginAccessControlConfig: writeConfig(config) };
}

function read(config: Wire.OriginAccessControlConfig): OriginAccessControlConfig {
  return {
    name: config.Name,
    description: config.Description ?? '',
    originType: config.OriginAccessControlOriginType,
    signs: config.SigningBehavior,
    protocol: config.SigningProtocol,
  };
}

/** The description is there even where it is empty. */
function writeConfig(
  config: OriginAccessControlConfig,
): Wire.OriginAccessControlConfig & { readonly Description: string } {
  return {
    Name: config.name,
    Description: config.description,
    SigningProtocol: config.protocol,
    SigningBehavior: config.signs,
    OriginAccessControlOriginType: config.originType,
  };
}
