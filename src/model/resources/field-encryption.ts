/**
 * Field-level encryption (API 2020-05-31, section 4.15): profiles say which fields are encrypted with
 * which public key, configurations which profile counts for which request. Stored only: no edge
 * encrypts fields.
 */
import { checkCallerReference, checkComment } from '../check-config.ts';
import type { Limits } from '../limits.ts';
import { Refusal } from '../refusal.ts';
import { invalidArgument } from './invalid-argument.ts';

export type FieldEncryptionProfile = {
  readonly name: string;
  readonly callerReference: string;
  readonly comment: string;
  readonly entities: readonly EncryptionEntity[];
};

export type EncryptionEntity = {
  /** Id of a public key. */
  readonly publicKey: string;
  readonly providerId: string;
  readonly fieldPatterns: readonly string[];
};

export type FieldEncryptionConfig = {
  readonly callerReference: string;
  readonly comment: string;
  readonly byQueryArgument: ByQueryArgument | undefined;
  readonly byContentType: ByContentType | undefined;
};

export type ByQueryArgument = {
  readonly forwardsUnknown: boolean;
  readonly profiles: readonly { readonly argument: string; readonly profile: string }[];
};

export type ByContentType = {
  readonly forwardsUnknown: boolean;
  readonly profiles: readonly {
    readonly format: 'URLEncoded';
    readonly contentType: string;
    readonly profile: string | undefined;
  }[];
};

const textCharactersMax = 128;
const visibleText = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;
const encryptableType = 'application/x-www-form-urlencoded';

/** `isKey`: is this the id of a public key of the account? Throws a Refusal. */
export function checkFieldEncryptionProfile(
  { callerReference, comment, entities, name }: FieldEncryptionProfile,
  limits: Limits,
  isKey: (id: string) => boolean,
): void {
  checkCallerReference(callerReference, limits);
  checkComment(comment, limits);
  if (!/^[\w .-]{1,128}$/.test(name)) {
    invalidArgument('The parameter Name', 'it takes 1 to 128 letters, digits, blanks and . _ -');
  }
  const entitiesMax = limits['field-encryption-entities'];
  if (entities.length > entitiesMax) {
    const facts = { given: entities.length, max: entitiesMax };
    throw new Refusal('TooManyFieldLevelEncryptionEncryptionEntities', facts);
  }
  if (entities.length === 0) {
    invalidArgument('The parameter EncryptionEntities', 'a profile has at least one.');
  }
  const patterns = entities.flatMap(({ fieldPatterns }) => fieldPatterns);
  const max = limits['field-encryption-fields'];
  if (patterns.length > max) {
    const facts = { given: patterns.length, max };
    throw new Refusal('TooManyFieldLevelEncryptionFieldPatterns', facts);
  }
  for (const { fieldPatterns, providerId, publicKey } of entities) {
    checkText('ProviderId', providerId);
    if (fieldPatterns.length === 0) {
      invalidArgument('The parameter FieldPatterns', 'an entity has at least one.');
    }
    for (const pattern of fieldPatterns) checkText('FieldPattern', pattern);
    if (!isKey(publicKey))
      throw new Refusal('NoSuchPublicKey', { said: 'public key', id: publicKey });
  }
}

/** `isProfile`: is this the id of a profile of the account? Throws a Refusal. */
export function checkFieldEncryptionConfig(
  { byContentType, byQueryArgument, callerReference, comment }: FieldEncryptionConfig,
  limits: Limits,
  isProfile: (id: string) => boolean,
): void {
  checkCallerReference(callerReference, limits);
  checkComment(comment, limits);
  const byArgument = byQueryArgument?.profiles ?? [];
  const byType = byContentType?.profiles ?? [];
  const max = limits['field-encryption-mappings'];
  if (byArgument.length > max) {
    const facts = { given: byArgument.length, max };
    throw new Refusal('TooManyFieldLevelEncryptionQueryArgProfiles', facts);
  }
  if (byType.length > max) {
    const facts = { given: byType.length, max };
    throw new Refusal('TooManyFieldLevelEncryptionContentTypeProfiles', facts);
  }
  for (const { argument, profile } of byArgument) {
    checkText('QueryArg', argument);
    if (profile === '') throw new Refusal('QueryArgProfileEmpty');
    requireProfile(profile, isProfile);
  }
  for (const { contentType, profile } of byType) {
    if (contentType !== encryptableType) {
      invalidArgument('The parameter ContentType', `only ${encryptableType} can be encrypted.`);
    }
    if (profile !== undefined) requireProfile(profile, isProfile);
  }
}

function requireProfile(id: string, isProfile: (id: string) => boolean): void {
  if (isProfile(id)) return;
  const said = 'profile of field-level encryption';
  throw new Refusal('NoSuchFieldLevelEncryptionProfile', { said, id });
}

function checkText(member: string, text: string): void {
  if (text.length <= textCharactersMax && visibleText.test(text)) return;
  invalidArgument(
    `The parameter ${member}`,
    `it has 1 to ${textCharactersMax} visible characters, and blanks between them.`,
  );
}
