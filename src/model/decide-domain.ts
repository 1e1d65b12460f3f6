/**
 * A domain is moved from one distribution or tenant of the account to another (API 2020-05-31, sections
 * 4.4 and 4.17), and which domains are in each other's way. Both sides change in one append, so nobody
 * sees it on neither or on both.
 */
import type { Change } from '../base/log-record.ts';
import type { Catalog } from './catalog.ts';
import { checkConfig } from './check-config.ts';
import { requireDistribution } from './decide-distribution.ts';
import { checkIfMatch, mintUnused, type Decision, type Facts } from './decision.ts';
import type { Distribution } from './distribution.ts';
import { putDistribution } from './document.ts';
import type { DomainOwner } from './domain-owners.ts';
import type { AccountId } from './ids.ts';
import { Refusal } from './refusal.ts';
import { putResource } from './resources/resource-document.ts';
import type { Resource } from './resources/resource.ts';
import { faultOfValues } from './tenancy.ts';

type Tenant = Resource<'distribution-tenant'>;

/** One that has domains, whichever it is. */
type Holder =
  | { readonly kind: 'distribution'; readonly document: Distribution }
  | { readonly kind: 'distribution-tenant'; readonly document: Tenant };

export type MoveAlias = {
  readonly account: AccountId;
  readonly target: string;
  readonly alias: string;
};

/** Between distributions, of which the one that has it may be enabled. */
export function decideMoveAlias(
  catalog: Catalog,
  { account, alias: given, target: id }: MoveAlias,
  facts: Facts,
): Decision<undefined> {
  const { document } = requireDistribution(catalog, account, 'download', id);
  const alias = given.toLowerCase();
  const source = sourceOf(catalog, account, alias);
  if (source?.document.id === id) return { changes: [], answer: undefined };
  if (source?.kind === 'distribution-tenant') {
    const why = `${alias} is a domain of distribution tenant ${source.document.id}; UpdateDomainAssociation moves it.`;
    throw new Refusal('IllegalUpdate', { why });
  }
  const changes = moved(catalog, alias, source, { kind: 'distribution', document }, facts);
  return { changes, answer: undefined };
}

export type MoveDomain = {
  readonly account: AccountId;
  readonly domain: string;
  readonly target: Pick<DomainOwner, 'kind' | 'id'>;
  /** Of the target. */
  readonly ifMatch: string | undefined;
};

/** Whoever has it must be disabled first, so that no viewer is cut off unawares. */
export function decideMoveDomain(
  catalog: Catalog,
  { account, domain: given, ifMatch, target }: MoveDomain,
  facts: Facts,
): Decision<undefined> {
  const gaining = requireHolder(catalog, account, target);
  checkIfMatch(ifMatch, gaining.document);
  const domain = given.toLowerCase();
  const source = sourceOf(catalog, account, domain);
  if (source === undefined) throw new Refusal('EntityNotFound', { said: 'domain', id: domain });
  if (source.document.id === target.id) return { changes: [], answer: undefined };
  if (source.document.config.enabled) {
    const why = `${domain} is on ${wordsOf(source)}, which is enabled. Disable that first, then move the domain.`;
    throw new Refusal('IllegalUpdate', { why });
  }
  return { changes: moved(catalog, domain, source, gaining, facts), answer: undefined };
}

/** Throws `EntityNotFound`. */
export function requireHolder(
  catalog: Catalog,
  account: AccountId,
  { id, kind }: Pick<DomainOwner, 'kind' | 'id'>,
): Holder {
  const holder = holderOf(catalog, { account, id, kind });
  const isStreaming = holder?.kind === 'distribution' && holder.document.config.kind !== 'download';
  if (holder !== undefined && !isStreaming) return holder;
  const said = kind === 'distribution' ? 'distribution' : 'distribution tenant';
  throw new Refusal('EntityNotFound', { said, id });
}

function holderOf(catalog: Catalog, { account, id, kind }: DomainOwner): Holder | undefined {
  if (kind === 'distribution') {
    const document = catalog.distributions.get(id)?.document;
    return document?.account === account ? { kind, document } : undefined;
  }
  const document = catalog.resource(account, kind, id)?.document;
  return document && { kind, document };
}

/** Undefined where nobody has it. Throws `AccessDenied` where another account has it. */
function sourceOf(catalog: Catalog, account: AccountId, domain: string): Holder | undefined {
  const owner = catalog.domainOwner(domain);
  if (owner === undefined) return undefined;
  if (owner.account !== account) {
    throw new Refusal('AccessDenied', { why: `${domain} is in use by another account.` });
  }
  return holderOf(catalog, owner);
}

function moved(
  catalog: Catalog,
  domain: string,
  source: Holder | undefined,
  target: Holder,
  facts: Facts,
): readonly Change[] {
  const gained = withDomains(target, [...domainsOf(target), domain], facts);
  checkGained(catalog, gained, facts);
  if (source === undefined) return [put(gained)];
  const left = domainsOf(source).filter((one) => one !== domain);
  return [put(withDomains(source, left, facts)), put(gained)];
}

function checkGained(catalog: Catalog, { document, kind }: Holder, facts: Facts): void {
  if (kind === 'distribution') {
    checkConfig(document.config, facts.limits, facts);
    return;
  }
  const { account, config } = document;
  const max = facts.limits['domains-of-tenant'];
  if (config.domains.length > max) {
    const why = `the tenant would have ${config.domains.length}; at most ${max} are accepted.`;
    throw new Refusal('InvalidArgument', { member: 'Domain', why });
  }
  const distribution = catalog.find(account, 'download', config.distribution)?.document.config;
  const why = distribution && faultOfValues(distribution, config, facts.limits);
  if (why !== undefined) throw new Refusal('InvalidArgument', { member: 'Domain', why });
}

function domainsOf({ document, kind }: Holder): readonly string[] {
  return kind === 'distribution' ? document.config.aliases : document.config.domains;
}

function withDomains(
  holder: Holder,
  domains: readonly string[],
  { call, mint, now }: Facts,
): Holder {
  const etag = mintUnused(mint.configEtag, (minted) => minted === holder.document.etag);
  const change = { etag, modifiedAt: now, changedBy: call };
  if (holder.kind === 'distribution') {
    const { document, kind } = holder;
    const config = { ...document.config, aliases: domains };
    return { kind, document: { ...document, ...change, config } };
  }
  const { document, kind } = holder;
  return { kind, document: { ...document, ...change, config: { ...document.config, domains } } };
}

function put({ document, kind }: Holder): Change {
  return kind === 'distribution' ? putDistribution(document) : putResource(document);
}

function wordsOf({ document, kind }: Holder): string {
  return `${kind === 'distribution' ? 'distribution' : 'distribution tenant'} ${document.id}`;
}

export type Conflict = { readonly domain: string; readonly owner: DomainOwner };

/** Domains of others than `self` that are this one, take it in, or are taken in by it; in their order. */
export function conflictsWith(catalog: Catalog, self: string, given: string): readonly Conflict[] {
  const name = given.toLowerCase();
  return [...catalog.allDomains()]
    .filter(([domain, { id }]) => id !== self && overlap(domain, name))
    .map(([domain, owner]) => ({ domain, owner }))
    .sort((a, b) => (a.domain < b.domain ? -1 : 1));
}

function overlap(a: string, b: string): boolean {
  return a === b || covers(a, b) || covers(b, a);
}

function covers(wildcard: string, name: string): boolean {
  return wildcard.startsWith('*.') && name.endsWith(wildcard.slice(1)) && name !== wildcard;
}
