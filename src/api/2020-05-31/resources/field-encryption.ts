/** Field-level encryption (API 2020-05-31, section 4.15). */
import type {
  ByContentType,
  ByQueryArgument,
  FieldEncryptionConfig,
  FieldEncryptionProfile,
} from '../../../model/resources/field-encryption.ts';
import type { Resource } from '../../../model/resources/resource.ts';
import { counted, itemsOf } from '../../../wire/counted.ts';
import type { Handlers } from '../handler.ts';
import { listOf, pageOf } from '../paging.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';
import { locationOf } from './resource-answers.ts';

const profileKind = 'field-encryption-profile';
const configKind = 'field-encryption-config';

export const fieldEncryptionHandlers = {
  async CreateFieldLevelEncryptionProfile(input, { account, control, publicEndpoint }) {
    const config = readProfile(input.FieldLevelEncryptionProfileConfig);
    const made = await control.createResource(account, profileKind, config);
    const Location = locationOf(publicEndpoint, made);
    return { FieldLevelEncryptionProfile: writeProfile(made), ETag: made.etag, Location };
  },
  async GetFieldLevelEncryptionProfile({ Id }, { account, control }) {
    const found = await control.findResource(account, profileKind, Id);
    return { FieldLevelEncryptionProfile: writeProfile(found), ETag: found.etag };
  },
  async GetFieldLevelEncryptionProfileConfig({ Id }, { account, control }) {
    const { config, etag } = await control.findResource(account, profileKind, Id);
    return { FieldLevelEncryptionProfileConfig: writeProfileConfig(config), ETag: etag };
  },
  async UpdateFieldLevelEncryptionProfile(input, { account, control }) {
    const target = { account, kind: profileKind, id: input.Id, ifMatch: input.IfMatch } as const;
    const config = readProfile(input.FieldLevelEncryptionProfileConfig);
    const replaced = await control.replaceResource(target, config);
    return { FieldLevelEncryptionProfile: writeProfile(replaced), ETag: replaced.etag };
  },
  async DeleteFieldLevelEncryptionProfile({ Id, IfMatch }, { account, control }) {
    await control.deleteResource({ account, kind: profileKind, id: Id, ifMatch: IfMatch });
    return {};
  },
  async ListFieldLevelEncryptionProfiles(input, { account, control, limits }) {
    const request = pageOf(input, limits);
    const page = await control.listResources(account, profileKind, 'all', request);
    const FieldLevelEncryptionProfileList = listOf(page, request, (profile) => {
      const { CallerReference: _, ...told } = writeProfileConfig(profile.config);
      return { Id: profile.id, LastModifiedTime: profile.modifiedAt, ...told };
    });
    return { FieldLevelEncryptionProfileList };
  },

  async CreateFieldLevelEncryptionConfig(input, { account, control, publicEndpoint }) {
    const config = readConfig(input.FieldLevelEncryptionConfig);
    const made = await control.createResource(account, configKind, config);
    const Location = locationOf(publicEndpoint, made);
    return { FieldLevelEncryption: write(made), ETag: made.etag, Location };
  },
  async GetFieldLevelEncryption({ Id }, { account, control }) {
    const found = await control.findResource(account, configKind, Id);
    return { FieldLevelEncryption: write(found), ETag: found.etag };
  },
  async GetFieldLevelEncryptionConfig({ Id }, { account, control }) {
    const { config, etag } = await control.findResource(account, configKind, Id);
    return { FieldLevelEncryptionConfig: writeConfig(config), ETag: etag };
  },
  async UpdateFieldLevelEncryptionConfig(input, { account, control }) {
    const target = { account, kind: configKind, id: input.Id, ifMatch: input.IfMatch } as const;
    const config = readConfig(input.FieldLevelEncryptionConfig);
    const replaced = await control.replaceResource(target, config);
    return { FieldLevelEncryption: write(replaced), ETag: replaced.etag };
  },
  async DeleteFieldLevelEncryptionConfig({ Id, IfMatch }, { account, control }) {
    await control.deleteResource({ account, kind: configKind, id: Id, ifMatch: IfMatch });
    return {};
  },
  async ListFieldLevelEncryptionConfigs(input, { account, control, limits }) {
    const request = pageOf(input, limits);
    const page = await control.listResources(account, configKind, 'all', request);
    const FieldLevelEncryptionList = listOf(page, request, (one) => {
      const { CallerReference: _, ...told } = writeConfig(one.config);
      return { Id: one.id, LastModifiedTime: one.modifiedAt, ...told };
    });
    return { FieldLevelEncryptionList };
  },
} satisfies Handlers;

function writeProfile({
  config,
  id,
  modifiedAt,
}: Resource<typeof profileKind>): Wire.FieldLevelEncryptionProfile {
  return {
    Id: id,
    LastModifiedTime: modifiedAt,
    FieldLevelEncryptionProfileConfig: writeProfileConfig(config),
  };
}

function write({ config, id, modifiedAt }: Resource<typeof configKind>): Wire.FieldLevelEncryption {
  return {
    Id: id,
    LastModifiedTime: modifiedAt,
    FieldLevelEncryptionConfig: writeConfig(config),
  };
}

function readProfile(config: Wire.FieldLevelEncryptionProfileConfig): FieldEncryptionProfile {
  return {
    name: config.Name,
    callerReference: config.CallerReference,
    comment: config.Comment ?? '',
    entities: itemsOf(config.EncryptionEntities).map((entity) => ({
      publicKey: entity.PublicKeyId,
      providerId: entity.ProviderId,
      fieldPatterns: itemsOf(entity.FieldPatterns),
    })),
  };
}

function writeProfileConfig(
  config: FieldEncryptionProfile,
): Wire.FieldLevelEncryptionProfileConfig {
  const entities = config.entities.map(({ fieldPatterns, providerId, publicKey }) => ({
    PublicKeyId: publicKey,
    ProviderId: providerId,
    FieldPatterns: counted(fieldPatterns),
  }));
  return {
    Name: config.name,
    CallerReference: config.callerReference,
    Comment: config.comment,
    EncryptionEntities: counted(entities),
  };
}

function readConfig(config: Wire.FieldLevelEncryptionConfig): FieldEncryptionConfig {
  return {
    callerReference: config.CallerReference,
    comment: config.Comment ?? '',
    byQueryArgument: readByArgument(config.QueryArgProfileConfig),
    byContentType: readByType(config.ContentTypeProfileConfig),
  };
}

function readByArgument(
  given: Wire.QueryArgProfileConfig | undefined,
): ByQueryArgument | undefined {
  if (given === undefined) return undefined;
  const profiles = itemsOf(given.QueryArgProfiles).map(({ ProfileId, QueryArg }) => ({
    argument: QueryArg,
    profile: ProfileId,
  }));
  return { forwardsUnknown: given.ForwardWhenQueryArgProfileIsUnknown, profiles };
}

function readByType(given: Wire.ContentTypeProfileConfig | undefined): ByContentType | undefined {
  if (given === undefined) return undefined;
  const profiles = itemsOf(given.ContentTypeProfiles).map((one) => ({
    format: one.Format,
    contentType: one.ContentType,
    profile: one.ProfileId === '' ? undefined : one.ProfileId,
  }));
  return { forwardsUnknown: given.ForwardWhenContentTypeIsUnknown, profiles };
}

function writeConfig({
  byContentType,
  byQueryArgument,
  callerReference,
  comment,
}: FieldEncryptionConfig): Wire.FieldLevelEncryptionConfig {
  return {
    CallerReference: callerReference,
    Comment: comment,
    QueryArgProfileConfig: byQueryArgument && {
      ForwardWhenQueryArgProfileIsUnknown: byQueryArgument.forwardsUnknown,
      QueryArgProfiles: counted(
        byQueryArgument.profiles.map(({ argument, profile }) => ({
          QueryArg: argument,
          ProfileId: profile,
        })),
      ),
    },
    ContentTypeProfileConfig: byContentType && {
      ForwardWhenContentTypeIsUnknown: byContentType.forwardsUnknown,
      ContentTypeProfiles: counted(
        byContentType.profiles.map(({ contentType, format, profile }) => ({
          Format: format,
          ContentType: contentType,
          ProfileId: profile,
        })),
      ),
    },
  };
}
