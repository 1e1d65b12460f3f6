/** Public keys (API 2020-05-31, section 4.10). */
import type { PublicKeyConfig } from '../../../model/resources/public-key.ts';
import type { Resource } from '../../../model/resources/resource.ts';
import type { Handlers } from '../handler.ts';
import { listOf, pageOf } from '../paging.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';
import { locationOf } from './resource-answers.ts';

const kind = 'public-key';

export const publicKeyHandlers = {
  async CreatePublicKey(input, { account, control, publicEndpoint }) {
    const made = await control.createResource(account, kind, read(input.PublicKeyConfig));
    return { PublicKey: write(made), ETag: made.etag, Location: locationOf(publicEndpoint, made) };
  },
  async GetPublicKey({ Id }, { account, control }) {
    const found = await control.findResource(account, kind, Id);
    return { PublicKey: write(found), ETag: found.etag };
  },
  async GetPublicKeyConfig({ Id }, { account, control }) {
    const found = await control.findResource(account, kind, Id);
    return { PublicKeyConfig: writeConfig(found.config), ETag: found.etag };
  },
  async UpdatePublicKey({ Id, IfMatch, PublicKeyConfig: config }, { account, control }) {
    const target = { account, kind, id: Id, ifMatch: IfMatch } as const;
    const replaced = await control.replaceResource(target, read(config));
    return { PublicKey: write(replaced), ETag: replaced.etag };
  },
  async DeletePublicKey({ Id, IfMatch }, { account, control }) {
    await control.deleteResource({ account, kind, id: Id, ifMatch: IfMatch });
    return {};
  },
  async ListPublicKeys(input, { account, control, limits }) {
    const request = pageOf(input, limits);
    const page = await control.listResources(account, kind, 'all', request);
    return {
      PublicKeyList: listOf(page, request, ({ config, createdAt, id }) => ({
        Id: id,
        Name: config.name,
        CreatedTime: createdAt,
        EncodedKey: config.encodedKey,
        Comment: config.comment,
      })),
    };
  },
} satisfies Handlers;

function write({ config, createdAt, id }: Resource<typeof kind>): Wire.PublicKey {
  return { Id: id, CreatedTime: createdAt, PublicKeyConfig: writeConfig(config) };
}

function read(config: Wire.PublicKeyConfig): PublicKeyConfig {
  return {
    callerReference: config.CallerReference,
    name: config.Name,
    encodedKey: config.EncodedKey,
    comment: config.Comment ?? '',
  };
}

function writeConfig(config: PublicKeyConfig): Wire.PublicKeyConfig {
  return {
    CallerReference: config.callerReference,
    Name: config.name,
    EncodedKey: config.encodedKey,
    Comment: config.comment,
  };
}
