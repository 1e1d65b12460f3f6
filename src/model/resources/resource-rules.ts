/**
 * How the kinds of resources differ where their life does not: ids, limits, and the codes by which
 * each says no (API 2020-05-31, sections 4.1, 4.20 and 6).
 */
import { isDeepStrictEqual } from 'node:util';
import type { Mint } from '../ids.ts';
import type { LimitName } from '../limits.ts';
import { Refusal, type RefusalCode } from '../refusal.ts';
import { type Resource, type ResourceConfigs, type ResourceKind } from './resource.ts';

export type ResourceRules = {
  /** In messages. */
  readonly said: string;
  /** The kind as Amazon resource names have it. */
  readonly arnKind: string;
  readonly taggable: boolean;
  readonly mintId: (mint: Mint) => string;
  readonly limit: LimitName;
  readonly noSuch: RefusalCode;
  readonly alreadyExists: RefusalCode;
  readonly inUse: RefusalCode;
  readonly tooMany: RefusalCode;
};

export const resourceRules: Readonly<Record<ResourceKind, ResourceRules>> = {
  'cache-policy': {
    said: 'cache policy',
    arnKind: 'cache-policy',
    taggable: false,
    mintId: (mint) => mint.uuid(),
    limit: 'cache-policies',
    noSuch: 'NoSuchCachePolicy',
    alreadyExists: 'CachePolicyAlreadyExists',
    inUse: 'CachePolicyInUse',
    tooMany: 'TooManyCachePolicies',
  },
  'origin-request-policy': {
    said: 'origin request policy',
    arnKind: 'origin-request-policy',
    taggable: false,
    mintId: (mint) => mint.uuid(),
    limit: 'origin-request-policies',
    noSuch: 'NoSuchOriginRequestPolicy',
    alreadyExists: 'OriginRequestPolicyAlreadyExists',
    inUse: 'OriginRequestPolicyInUse',
    tooMany: 'TooManyOriginRequestPolicies',
  },
  'response-headers-policy': {
    said: 'response headers policy',
    arnKind: 'response-headers-policy',
    taggable: false,
    mintId: (mint) => mint.uuid(),
    limit: 'response-headers-policies',
    noSuch: 'NoSuchResponseHeadersPolicy',
    alreadyExists: 'ResponseHeadersPolicyAlreadyExists',
    inUse: 'ResponseHeadersPolicyInUse',
    tooMany: 'TooManyResponseHeadersPolicies',
  },
  'origin-access-control': {
    said: 'origin access control',
    arnKind: 'origin-access-control',
    taggable: false,
    mintId: (mint) => mint.distributionId(),
    limit: 'origin-access-controls',
    noSuch: 'NoSuchOriginAccessControl',
    alreadyExists: 'OriginAccessControlAlreadyExists',
    inUse: 'OriginAccessControlInUse',
    tooMany: 'TooManyOriginAccessControls',
  },
  'public-key': {
    said: 'public key',
    arnKind: 'public-key',
    taggable: false,
    mintId: (mint) => mint.publicKeyId(),
    limit: 'public-keys',
    noSuch: 'NoSuchPublicKey',
    alreadyExists: 'PublicKeyAlreadyExists',
    inUse: 'PublicKeyInUse',
    tooMany: 'TooManyPublicKeys',
  },
  'key-group': {
    said: 'key group',
    arnKind: 'key-group',
    taggable: false,
    mintId: (mint) => mint.uuid(),
    limit: 'key-groups',
    noSuch: 'NoSuchResource',
    alreadyExists: 'KeyGroupAlreadyExists',
    inUse: 'ResourceInUse',
    tooMany: 'TooManyKeyGroups',
  },
};

/** Names are unique within the kinds of an account. */
export function nameOf({ config }: Pick<Resource, 'config'>): string {
  return config.name;
}

/** Throws a Refusal for what can never change once it is made. */
export function checkUnchanged(
  was: ResourceConfigs[ResourceKind],
  given: ResourceConfigs[ResourceKind],
): void {
  if (!('encodedKey' in was) || !('encodedKey' in given)) return;
  const { comment: _before, ...fixed } = was;
  const { comment: _after, ...asked } = given;
  if (!isDeepStrictEqual(fixed, asked)) throw new Refusal('CannotChangeImmutablePublicKeyFields');
}
