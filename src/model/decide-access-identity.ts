/** What may be done to an origin access identity (API 2010-11-01, section 2.4). */
import { isDeepStrictEqual } from 'node:util';
import type { AccessIdentity, AccessIdentityConfig } from './access-identity.ts';
import type { Catalog } from './catalog.ts';
import { checkCallerReference, checkComment } from './check-config.ts';
import {
  checkIfMatch,
  mintUnused,
  unchanged,
  type Created,
  type Decision,
  type Facts,
} from './decision.ts';
import { accessIdentityKey, putAccessIdentity } from './document.ts';
import type { At } from './document-index.ts';
import type { AccessIdentityId, AccountId } from './ids.ts';
import { Refusal } from './refusal.ts';
import { toldUsers } from './told-users.ts';

export type CreateIdentity = {
  readonly account: AccountId;
  readonly readConfig: () => AccessIdentityConfig;
};

export function decideCreateIdentity(
  catalog: Catalog,
  { account, readConfig }: CreateIdentity,
  { call, limits, mint, now }: Facts,
): Decision<Created<AccessIdentityId>> {
  const config = readConfig();
  checkCallerReference(config.callerReference, limits);
  checkComment(config.comment, limits);
  const earlier = catalog.identities.find(account, config.callerReference)?.document;
  if (earlier !== undefined) {
    if (isDeepStrictEqual(earlier.createdWith, config)) {
      return { changes: [], answer: { outcome: 'repeat', id: earlier.id } };
    }
    const { id } = earlier;
    const facts = { id, reference: config.callerReference };
    throw new Refusal('CloudFrontOriginAccessIdentityAlreadyExists', facts);
  }
  const max = limits['access-identities'];
  if (catalog.listIdentities(account).length >= max) {
    throw new Refusal('TooManyCloudFrontOriginAccessIdentities', { max });
  }
  const identity: AccessIdentity = {
    format: 1,
    account,
    id: mintUnused(mint.accessIdentityId, (id) => catalog.identities.get(id) !== undefined),
    etag: mint.configEtag(),
    canonicalUserId: mint.canonicalUserId(),
    createdAt: now,
    modifiedAt: now,
    changedBy: call,
    config,
    createdWith: config,
    wasDetached: false,
  };
  return {
    changes: [putAccessIdentity(identity)],
    answer: { outcome: 'new', id: identity.id },
  };
}

export type ReplaceIdentity = CreateIdentity & {
  readonly id: string;
  /** The header as it came; undefined when it was absent. */
  readonly ifMatch: string | undefined;
};

/** Only the comment can change. */
export function decideReplaceIdentity(
  catalog: Catalog,
  { account, id, ifMatch, readConfig }: ReplaceIdentity,
  { call, limits, mint, now }: Facts,
): Decision<AccessIdentityId> {
  const { document: identity } = requireIdentity(catalog, account, id);
  checkIfMatch(ifMatch, identity);
  const config = readConfig();
  checkCallerReference(config.callerReference, limits);
  checkComment(config.comment, limits);
  unchanged('CallerReference', identity.config.callerReference, config.callerReference);
  const etag = mintUnused(mint.configEtag, (minted) => minted === identity.etag);
  return {
    changes: [putAccessIdentity({ ...identity, etag, modifiedAt: now, changedBy: call, config })],
    answer: identity.id,
  };
}

export type DeleteIdentity = Omit<ReplaceIdentity, 'readConfig'>;

export function decideDeleteIdentity(
  catalog: Catalog,
  { account, id, ifMatch }: DeleteIdentity,
  { deployed }: Facts,
): Decision<undefined> {
  const { document: identity, revision } = requireIdentity(catalog, account, id);
  checkIfMatch(ifMatch, identity);
  const users = catalog.identityUsers(id);
  if (users.length > 0) {
    const why = `${toldUsers(users)} names it. Remove it from every configuration, then wait.`;
    throw new Refusal('CloudFrontOriginAccessIdentityInUse', { id, why });
  }
  if (identity.wasDetached && !deployed(id, revision)) {
    const why =
      'a distribution let go of it, but not every edge has taken that yet. Wait until its status is Deployed.';
    throw new Refusal('CloudFrontOriginAccessIdentityInUse', { id, why });
  }
  return { changes: [{ key: accessIdentityKey(account, id), value: null }], answer: undefined };
}

export function requireIdentity(
  catalog: Catalog,
  account: AccountId,
  id: string,
): At<AccessIdentity> {
  const placed = catalog.findIdentity(account, id);
  if (placed === undefined) throw new Refusal('NoSuchCloudFrontOriginAccessIdentity', { id });
  return placed;
}
