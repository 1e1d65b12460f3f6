/**
 * What may be done to a resource (API 2020-05-31, sections 2.7, 2.9 and 4): the same for every kind,
 * by its rules. Checks come in the order of section 2.9.
 */
import type { Catalog } from '../catalog.ts';
import { checkIfMatch, type Decision, type Facts, mintUnused } from '../decision.ts';
import type { At } from '../document-index.ts';
import type { AccountId } from '../ids.ts';
import { Refusal } from '../refusal.ts';
import { putResource, resourceKey } from './resource-document.ts';
import { isManaged } from './managed-policies.ts';
import { type Resource, type ResourceConfigs, type ResourceKind } from './resource.ts';
import { nameOf, referenceOf, resourceRules } from './resource-rules.ts';
import { checkResource } from './check-resource.ts';
import { forgetTags } from '../decide-tags.ts';
import { checkTags, putTags, type Tag } from '../tags.ts';
import { toldUsers } from '../told-users.ts';

export type CreateResource<Kind extends ResourceKind> = {
  readonly account: AccountId;
  readonly kind: Kind;
  readonly config: ResourceConfigs[Kind];
  readonly tags: readonly Tag[];
  /** Puts in what is known only after the rest was judged, such as what is made beside it. */
  readonly settle?: (config: ResourceConfigs[Kind]) => ResourceConfigs[Kind];
};

/** The answer is its id. */
export function decideCreateResource<Kind extends ResourceKind>(
  catalog: Catalog,
  { account, config: given, kind, settle, tags }: CreateResource<Kind>,
  facts: Facts,
): Decision<string> {
  const { call, limits, mint, now } = facts;
  const rules = resourceRules[kind];
  const config = rules.complete(given, facts);
  checkTags(tags, limits);
  checkResource(catalog, account, kind, config, facts, undefined);
  refuseTakenName(catalog, account, kind, config, undefined);
  const max = limits[rules.limit];
  if (catalog.listResources(account, kind).length >= max) {
    throw new Refusal(rules.tooMany, { max, said: rules.said });
  }
  const id = rules.idFor(mint, config);
  if (catalog.resource(account, kind, id) !== undefined) {
    throw new Refusal(rules.alreadyExists, { said: rules.said, name: id, id });
  }
  const etag = mint.configEtag();
  const made = { createdAt: now, modifiedAt: now, changedBy: call };
  const settled = settle === undefined ? config : settle(config);
  const resource = { format: 1, account, kind, id, etag, ...made, config: settled };
  const changes = [putResource(resource)];
  if (tags.length > 0) changes.push(putTags(account, { kind: rules.arnKind, id }, tags));
  return { changes, answer: id };
}

export type ResourceRequest<Kind extends ResourceKind> = {
  readonly account: AccountId;
  readonly kind: Kind;
  readonly id: string;
  /** The header as it came; undefined when it was absent. */
  readonly ifMatch: string | undefined;
};

export function decideReplaceResource<Kind extends ResourceKind>(
  catalog: Catalog,
  { account, id, ifMatch, kind }: ResourceRequest<Kind>,
  given: ResourceConfigs[Kind],
  facts: Facts,
): Decision<undefined> {
  const { call, mint, now } = facts;
  const rules = resourceRules[kind];
  if (isManaged(kind, id)) {
    const why = `The ${rules.said} ${id} is managed: every account has it, and nobody can change it.`;
    throw new Refusal('IllegalUpdate', { why });
  }
  const { document } = requireResource(catalog, account, kind, id);
  if (rules.isConditional) checkIfMatch(ifMatch, document);
  const config = rules.carry(document.config, given, facts);
  rules.checkReplaceable(document.config, config, {
    id,
    users: catalog.usersOf(account, { kind, id }),
  });
  checkResource(catalog, account, kind, config, facts, id);
  refuseTakenName(catalog, account, kind, config, id);
  const etag = mintUnused(mint.configEtag, (minted) => minted === document.etag);
  const resource = { ...document, etag, modifiedAt: now, changedBy: call, config };
  return { changes: [putResource(resource)], answer: undefined };
}

export function decideDeleteResource<Kind extends ResourceKind>(
  catalog: Catalog,
  { account, id, ifMatch, kind }: ResourceRequest<Kind>,
  facts: Facts,
): Decision<undefined> {
  checkDeletable(catalog, { account, id, ifMatch, kind }, facts);
  return {
    changes: [
      { key: resourceKey(account, kind, id), value: null },
      ...forgetTags(catalog, account, { kind: resourceRules[kind].arnKind, id }),
    ],
    answer: undefined,
  };
}

/** Throws a Refusal unless it is there, under this ETag, and in nobody's use. */
export function checkDeletable<Kind extends ResourceKind>(
  catalog: Catalog,
  { account, id, ifMatch, kind }: ResourceRequest<Kind>,
  { deployed }: Pick<Facts, 'deployed'>,
): void {
  const rules = resourceRules[kind];
  if (isManaged(kind, id)) throw new Refusal('IllegalDelete', { said: rules.said, id });
  const { document, revision } = requireResource(catalog, account, kind, id);
  if (rules.isConditional) checkIfMatch(ifMatch, document);
  rules.checkDeletable(id, document.config, deployed(id, revision));
  const users = catalog.usersOf(account, { kind, id });
  if (users.length > 0) {
    throw new Refusal(rules.inUse, { said: rules.said, id, users: toldUsers(users) });
  }
}

/** One of the account's own; throws what the kind says of one that there is not. */
export function requireResource<Kind extends ResourceKind>(
  catalog: Catalog,
  account: AccountId,
  kind: Kind,
  id: string,
): At<Resource<Kind>> {
  const placed = catalog.resource(account, kind, id);
  const { noSuch, said } = resourceRules[kind];
  if (placed === undefined) throw new Refusal(noSuch, { said, id });
  return placed;
}

function refuseTakenName<Kind extends ResourceKind>(
  catalog: Catalog,
  account: AccountId,
  kind: Kind,
  config: ResourceConfigs[Kind],
  own: string | undefined,
): void {
  const { alreadyExists, said } = resourceRules[kind];
  const name = nameOf(config);
  const reference = referenceOf(config);
  for (const { document } of catalog.listResources(account, kind)) {
    if (document.id === own) continue;
    const isSameName = name !== undefined && nameOf(document.config) === name;
    const isRepeated = reference !== undefined && referenceOf(document.config) === reference;
    if (isSameName || isRepeated) {
      throw new Refusal(alreadyExists, { said, name: name ?? '', id: document.id });
    }
  }
}
