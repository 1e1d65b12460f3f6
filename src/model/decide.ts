/**
 * Decisions: a command and the catalog in, the changes to append out, or a Refusal. They are pure:
 * time, ids and what is known of the edges come in as facts, and the same input gives the same
 * answer. A decision holds only at the revision of the catalog it was made on; whoever appends it
 * names that revision (docs/decisions/0001).
 *
 * The order of the checks is that of API 2010-11-01, section 1.10.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Instant } from '../base/clock.ts';
import type { Change, Revision } from '../base/log-record.ts';
import type { Catalog, Placed } from './catalog.ts';
import { checkConfig } from './check-config.ts';
import type { Distribution, DistributionConfig, DistributionKind, Origin } from './distribution.ts';
import { distributionKey, edgeKey, putDistribution, putEdge } from './document.ts';
import type { AccountId, DistributionId, Mint } from './ids.ts';
import type { Limits } from './limits.ts';
import { Refusal } from './refusal.ts';

export type Facts = {
  readonly now: Instant;
  readonly mint: Mint;
  readonly limits: Limits;
  /** Suffix of the names of distributions. */
  readonly domain: string;
  /** Every account there is. */
  readonly accounts: ReadonlySet<string>;
  /** Do all live edges serve this distribution's change of this revision? */
  readonly deployed: (id: DistributionId, revision: Revision) => boolean;
};

/** No changes: the answer holds without an append. */
export type Decision<Answer> = { readonly changes: readonly Change[]; readonly answer: Answer };

export type Create = {
  readonly account: AccountId;
  readonly kind: DistributionKind;
  readonly readConfig: () => DistributionConfig;
};

export type Created = { readonly outcome: 'new' | 'repeat'; readonly id: DistributionId };

export function decideCreate(
  catalog: Catalog,
  { account, kind, readConfig }: Create,
  facts: Facts,
): Decision<Created> {
  const config = readConfig();
  checkConfig(config, facts.limits, facts);
  // A repeated create is answered before conflicts and limits, or it would collide with itself.
  const earlier = catalog.findByCallerReference(account, kind, config.callerReference);
  if (earlier !== undefined) return repeat(earlier, config);
  checkReferences(catalog, config, undefined, facts);
  checkCount(catalog, account, kind, facts.limits);
  const distribution: Distribution = {
    format: 1,
    account,
    id: mintUnused(facts.mint.distributionId, (id) => catalog.placed(id) !== undefined),
    etag: facts.mint.configEtag(),
    domainName: `${facts.mint.domainLabel(kind)}.${facts.domain}`,
    createdAt: facts.now,
    modifiedAt: facts.now,
    config,
    createdWith: config,
  };
  return {
    changes: [putDistribution(distribution)],
    answer: { outcome: 'new', id: distribution.id },
  };
}

export type Replace = {
  readonly account: AccountId;
  readonly kind: DistributionKind;
  readonly id: string;
  /** The header as it came; undefined when it was absent. */
  readonly ifMatch: string | undefined;
  readonly readConfig: () => DistributionConfig;
};

export function decideReplace(
  catalog: Catalog,
  { account, kind, id, ifMatch, readConfig }: Replace,
  facts: Facts,
): Decision<DistributionId> {
  const { distribution } = requirePlaced(catalog, account, kind, id);
  checkIfMatch(ifMatch, distribution);
  const config = readConfig();
  checkConfig(config, facts.limits, facts);
  checkUnchangeable(distribution.config, config);
  checkReferences(catalog, config, distribution.id, facts);
  const replaced: Distribution = {
    ...distribution,
    etag: mintUnused(facts.mint.configEtag, (etag) => etag === distribution.etag),
    modifiedAt: facts.now,
    config,
  };
  return { changes: [putDistribution(replaced)], answer: distribution.id };
}

export type Delete = Omit<Replace, 'readConfig'>;

export function decideDelete(
  catalog: Catalog,
  { account, kind, id, ifMatch }: Delete,
  facts: Facts,
): Decision<DistributionId> {
  const { distribution, revision } = requirePlaced(catalog, account, kind, id);
  checkIfMatch(ifMatch, distribution);
  const notDisabled =
    kind === 'download' ? 'DistributionNotDisabled' : 'StreamingDistributionNotDisabled';
  if (distribution.config.enabled) {
    const why = 'it is enabled. Disable it by an update of its configuration, then wait.';
    throw new Refusal(notDisabled, { id, why });
  }
  if (!facts.deployed(distribution.id, revision)) {
    const why =
      'it is disabled, but not every edge has taken that yet. Wait until its status is Deployed.';
    throw new Refusal(notDisabled, { id, why });
  }
  return {
    changes: [{ key: distributionKey(account, kind, id), value: null }],
    answer: distribution.id,
  };
}

/** Whether a decision of several steps is done, or has to be made again for what is left. */
export type Step = 'done' | 'more';

/** One step of making the edges of this process known, and of forgetting all others. */
export function decideEdges(
  catalog: Catalog,
  names: readonly string[],
  changesMax: number,
): Decision<Step> {
  const changes: Change[] = [];
  for (const name of names) {
    if (!catalog.edges.has(name)) changes.push(putEdge({ format: 1, name, held: false }));
  }
  for (const name of catalog.edges.keys()) {
    if (!names.includes(name)) changes.push({ key: edgeKey(name), value: null });
  }
  return step(changes, changesMax);
}

export function decideHold(catalog: Catalog, name: string, held: boolean): Decision<undefined> {
  const edge = catalog.edges.get(name);
  if (edge === undefined) {
    const known = [...catalog.edges.keys()].join(', ') || 'none';
    throw new Refusal('NoSuchEdge', { name, known });
  }
  return { changes: edge.held === held ? [] : [putEdge({ ...edge, held })], answer: undefined };
}

/** One step of a reset: deletes every distribution whatever its state, and holds no edge. */
export function decideReset(catalog: Catalog, changesMax: number): Decision<Step> {
  const changes: Change[] = [];
  for (const edge of catalog.edges.values()) {
    if (edge.held) changes.push(putEdge({ ...edge, held: false }));
  }
  for (const { distribution } of catalog.all()) {
    const { account, config, id } = distribution;
    changes.push({ key: distributionKey(account, config.kind, id), value: null });
  }
  return step(changes, changesMax);
}

function step(changes: readonly Change[], changesMax: number): Decision<Step> {
  return {
    changes: changes.slice(0, changesMax),
    answer: changes.length > changesMax ? 'more' : 'done',
  };
}

export function requirePlaced(
  catalog: Catalog,
  account: AccountId,
  kind: DistributionKind,
  id: string,
): Placed {
  const placed = catalog.find(account, kind, id);
  if (placed === undefined) {
    throw new Refusal(kind === 'download' ? 'NoSuchDistribution' : 'NoSuchStreamingDistribution', {
      id,
    });
  }
  return placed;
}

function repeat(earlier: Placed, config: DistributionConfig): Decision<Created> {
  const { id, createdWith } = earlier.distribution;
  if (!isDeepStrictEqual(unordered(createdWith), unordered(config))) {
    throw new Refusal(
      config.kind === 'download'
        ? 'DistributionAlreadyExists'
        : 'StreamingDistributionAlreadyExists',
      { id, reference: config.callerReference },
    );
  }
  return { changes: [], answer: { outcome: 'repeat', id } };
}

/** The same names in another order are the same content (API 2010-11-01, section 2.1). */
function unordered(config: DistributionConfig): DistributionConfig {
  const { aliases, defaultBehavior } = config;
  const { trustedSigners } = defaultBehavior;
  const accounts = trustedSigners.accounts.toSorted();
  return {
    ...config,
    aliases: aliases.toSorted(),
    defaultBehavior: { ...defaultBehavior, trustedSigners: { ...trustedSigners, accounts } },
  };
}

function checkIfMatch(ifMatch: string | undefined, { etag }: Distribution): void {
  const given = ifMatch?.trim() ?? '';
  if (given === '') throw new Refusal('InvalidIfMatchVersion', { why: 'the header is missing.' });
  const unquoted = /^"(.*)"$/.exec(given)?.[1] ?? given;
  if (!/^[0-9A-Za-z]{1,64}$/.test(unquoted)) {
    throw new Refusal('InvalidIfMatchVersion', { why: `it holds ${given}.` });
  }
  if (unquoted !== etag) throw new Refusal('PreconditionFailed', { given: unquoted });
}

function checkUnchangeable(was: DistributionConfig, given: DistributionConfig): void {
  unchanged('CallerReference', was.callerReference, given.callerReference);
  for (const [index, origin] of was.origins.entries()) {
    const other = given.origins[index];
    unchanged('The kind of origin', origin.kind, other?.kind ?? 'none');
    if (other !== undefined) checkUnchangeableOrigin(origin, other);
  }
}

function checkUnchangeableOrigin(was: Origin, given: Origin): void {
  unchanged('DNSName', was.domainName, given.domainName);
  if (was.kind !== 'custom' || given.kind !== 'custom') return;
  unchanged('HTTPPort', was.httpPort, given.httpPort);
  unchanged('HTTPSPort', was.httpsPort, given.httpsPort);
  unchanged('OriginProtocolPolicy', was.protocolPolicy, given.protocolPolicy);
}

function unchanged(member: string, was: string | number, given: string | number): void {
  if (was !== given) throw new Refusal('IllegalUpdate', { member, was, given });
}

/** Signers exist, and no alias is on another distribution, whoever owns that and of either kind. */
function checkReferences(
  catalog: Catalog,
  config: DistributionConfig,
  self: DistributionId | undefined,
  { accounts }: Facts,
): void {
  for (const account of config.defaultBehavior.trustedSigners.accounts) {
    if (!accounts.has(account)) throw new Refusal('TrustedSignerDoesNotExist', { account });
  }
  for (const alias of config.aliases) {
    const owner = catalog.aliasOwner(alias);
    if (owner !== undefined && owner !== self) {
      throw new Refusal('CNAMEAlreadyExists', { name: alias });
    }
  }
}

function checkCount(
  catalog: Catalog,
  account: AccountId,
  kind: DistributionKind,
  limits: Limits,
): void {
  const max = limits[kind === 'download' ? 'distributions' : 'streaming-distributions'];
  if (catalog.list(account, kind).length >= max) {
    throw new Refusal(
      kind === 'download' ? 'TooManyDistributions' : 'TooManyStreamingDistributions',
      { max },
    );
  }
}

/** An id of 67 random bits is not met twice in practice; that it is not is checked all the same. */
function mintUnused<Id>(mint: () => Id, isUsed: (id: Id) => boolean): Id {
  let minted = mint();
  while (isUsed(minted)) minted = mint();
  return minted;
}
