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
import { checkUnchanged, resourceRules } from './resource-rules.ts';
import { checkResource } from './check-resource.ts';

export type CreateResource<Kind extends ResourceKind> = {
  readonly account: AccountId;
  readonly kind: Kind;
  readonly config: ResourceConfigs[Kind];
};

/** The answer is its id. */
export function decideCreateResource<Kind extends ResourceKind>(
  catalog: Catalog,
  { account, config, kind }: CreateResource<Kind>,
  { limits, mint, now }: Facts,
): Decision<string> {
  const rules = resourceRules[kind];
  checkResource(catalog, account, kind, config, limits);
  refuseTakenName(catalog, account, kind, config, undefined);
  const max = limits[rules.limit];
  if (catalog.listResources(account, kind).length >= max) {
    throw new Refusal(rules.tooMany, { max, said: rules.said });
  }
  const id = mintUnused(
    () => rules.mintId(mint),
    (minted) => catalog.resource(account, kind, minted) !== undefined,
  );
  const etag = mint.configEtag();
  const resource = { format: 1, account, kind, id, etag, createdAt: now, modifiedAt: now, config };
  return { changes: [putResource(resource)], answer: id };
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
  config: ResourceConfigs[Kind],
  { limits, mint, now }: Facts,
): Decision<undefined> {
  const rules = resourceRules[kind];
  if (isManaged(kind, id)) {
    const why = `The ${rules.said} ${id} is managed: every account has it, and nobody can change it.`;
    throw new Refusal('IllegalUpdate', { why });
  }
  const { document } = requireResource(catalog, account, kind, id);
  checkIfMatch(ifMatch, document);
  checkUnchanged(document.config, config);
  checkResource(catalog, account, kind, config, limits);
  refuseTakenName(catalog, account, kind, config, id);
  const etag = mintUnused(mint.configEtag, (minted) => minted === document.etag);
  const { createdAt } = document;
  const resource = { format: 1, account, kind, id, etag, createdAt, modifiedAt: now, config };
  return { changes: [putResource(resource)], answer: undefined };
}

export function decideDeleteResource(
  catalog: Catalog,
  { account, id, ifMatch, kind }: ResourceRequest<ResourceKind>,
): Decision<undefined> {
  const rules = resourceRules[kind];
  if (isManaged(kind, id)) throw new Refusal('IllegalDelete', { said: rules.said, id });
  checkIfMatch(ifMatch, requireResource(catalog, account, kind, id).document);
  const users = catalog.usersOf(account, { kind, id });
  if (users.length > 0) {
    throw new Refusal(rules.inUse, { said: rules.said, id, users: listed(users) });
  }
  return { changes: [{ key: resourceKey(account, kind, id), value: null }], answer: undefined };
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

const usersTold = 5;

/** `distribution E1, distribution E2`. */
function listed(users: readonly string[]): string {
  const told = users.slice(0, usersTold).join(', ');
  return users.length > usersTold ? `${told} and ${users.length - usersTold} more` : told;
}

function refuseTakenName(
  catalog: Catalog,
  account: AccountId,
  kind: ResourceKind,
  config: ResourceConfigs[ResourceKind],
  own: string | undefined,
): void {
  const { alreadyExists, said } = resourceRules[kind];
  const { name } = config;
  const all = catalog.listResources(account, kind);
  const other = all.find(({ document }) => document.id !== own && document.config.name === name);
  if (other !== undefined) {
    throw new Refusal(alreadyExists, { said, name, id: other.document.id });
  }
  if (!('callerReference' in config)) return;
  const repeated = all.find(
    ({ document }) =>
      document.id !== own &&
      'callerReference' in document.config &&
      document.config.callerReference === config.callerReference,
  );
  if (repeated === undefined) return;
  throw new Refusal(alreadyExists, { said, name, id: repeated.document.id });
}
