/** What may be done to a distribution, of either kind, and what that changes. */
import { isDeepStrictEqual } from 'node:util';
import type { Change } from '../base/log-record.ts';
import type { ArnTarget } from './arn.ts';
import { identitiesOf, type Catalog } from './catalog.ts';
import { checkConfig } from './check-config.ts';
import { checkSharing } from './check-sharing.ts';
import { checkDeployment, checkNotOnTrial, checkStagingUpdate } from './continuous-deployment.ts';
import {
  checkIfMatch,
  mintUnused,
  unchanged,
  type Created,
  type Decision,
  type Facts,
} from './decision.ts';
import {
  behaviorsOf,
  type Distribution,
  type DistributionConfig,
  type DistributionKind,
  type Origin,
} from './distribution.ts';
import { documentKindOf, distributionKey, putAccessIdentity, putDistribution } from './document.ts';
import { forgetTags } from './decide-tags.ts';
import { checkTenantsFit } from './decide-tenant.ts';
import { resourceKey } from './resources/resource-document.ts';
import type { At } from './document-index.ts';
import type { AccountId, DistributionId } from './ids.ts';
import type { Limits } from './limits.ts';
import { checkNamedResources } from './named-resources.ts';
import { Refusal } from './refusal.ts';
import { checkTags, putTags, type Tag } from './tags.ts';
import { toldUsers } from './told-users.ts';

export type Create = {
  readonly account: AccountId;
  readonly kind: DistributionKind;
  readonly readConfig: () => DistributionConfig;
} & CreateOptions;

export type CreateOptions = {
  /** A caller reference sent again is refused even with the same content. */
  readonly repeats?: 'refused';
  readonly tags?: readonly Tag[];
  /** In the place of the account's own, for a form that is held tighter. */
  readonly limits?: Partial<Limits>;
};

export function decideCreate(
  catalog: Catalog,
  { account, kind, limits: tighter, readConfig, repeats, tags = [] }: Create,
  facts: Facts,
): Decision<Created<DistributionId>> {
  const config = readConfig();
  const limits = { ...facts.limits, ...tighter };
  checkConfig(config, limits, facts);
  // A repeated create is answered before conflicts and limits, or it would collide with itself.
  const earlier = catalog.findByCallerReference(account, kind, config.callerReference);
  if (earlier !== undefined) return repeat(earlier, config, repeats);
  checkTags(tags, limits);
  checkReferences(catalog, config, undefined, account, facts);
  checkCount(catalog, account, config, limits);
  const distribution: Distribution = {
    format: 1,
    account,
    id: mintUnused(facts.mint.distributionId, (id) => catalog.distributions.get(id) !== undefined),
    etag: facts.mint.configEtag(),
    domainName: `${facts.mint.domainLabel(kind)}.${facts.domain}`,
    createdAt: facts.now,
    modifiedAt: facts.now,
    changedBy: facts.call,
    config,
    createdWith: config,
  };
  return {
    changes: [
      putDistribution(distribution),
      ...(tags.length === 0 ? [] : [putTags(account, targetOf(kind, distribution.id), tags)]),
    ],
    answer: { outcome: 'new', id: distribution.id },
  };
}

export type Replace = {
  readonly account: AccountId;
  readonly kind: DistributionKind;
  readonly id: string;
  /** The header as it came; undefined when it was absent. */
  readonly ifMatch: string | undefined;
  /** `was`: what stands, for a form that says less than all of it. */
  readonly readConfig: (was: DistributionConfig) => DistributionConfig;
} & ReplaceOptions;

export type ReplaceOptions = {
  /** Otherwise those that are there stay what they are. */
  readonly originsMayChange?: boolean;
  /** In the place of the account's own, for a form that is held tighter. */
  readonly limits?: Partial<Limits>;
};

export function decideReplace(
  catalog: Catalog,
  { account, kind, id, ifMatch, limits, originsMayChange = false, readConfig }: Replace,
  facts: Facts,
): Decision<DistributionId> {
  const { document: distribution } = requireDistribution(catalog, account, kind, id);
  checkIfMatch(ifMatch, distribution);
  const config = readConfig(distribution.config);
  checkConfig(config, standing({ ...facts.limits, ...limits }, distribution.config), facts);
  checkUnchangeable(distribution.config, config, originsMayChange);
  checkReferences(catalog, config, distribution.id, account, facts);
  if (config.connectionMode === 'tenant-only' && !hasSamePlaces(distribution.config, config)) {
    checkTenantsFit(catalog, account, distribution.id, config, facts.limits);
  }
  const replaced: Distribution = {
    ...distribution,
    etag: mintUnused(facts.mint.configEtag, (etag) => etag === distribution.etag),
    modifiedAt: facts.now,
    changedBy: facts.call,
    config,
  };
  const detached = identitiesOf(distribution.config).difference(identitiesOf(config));
  return {
    changes: [putDistribution(replaced), ...letGo(catalog, detached)],
    answer: distribution.id,
  };
}

/** What was taken once may stay, or a limit that came later would keep a distribution from its end. */
function standing(limits: Limits, { aliases }: DistributionConfig): Limits {
  return { ...limits, aliases: Math.max(limits.aliases, aliases.length) };
}

/** As far as tenants are concerned. */
function hasSamePlaces(was: DistributionConfig, given: DistributionConfig): boolean {
  return isDeepStrictEqual(placesOf(was), placesOf(given));
}

function placesOf({ origins, tenantParameters }: DistributionConfig): object {
  const places = origins.map(({ domainName, kind, path }) => ({ domainName, kind, path }));
  return { places, tenantParameters };
}

export type Delete = Omit<Replace, keyof ReplaceOptions | 'readConfig'>;

export function decideDelete(
  catalog: Catalog,
  { account, kind, id, ifMatch }: Delete,
  facts: Facts,
): Decision<DistributionId> {
  const { document: distribution, revision } = requireDistribution(catalog, account, kind, id);
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
  checkNotOnTrial(catalog, distribution);
  const tenants = catalog.usersOf(account, { kind: 'distribution', id });
  if (tenants.length > 0) {
    const users = toldUsers(tenants);
    throw new Refusal('ResourceInUse', { said: 'distribution', id, users });
  }
  return {
    changes: [
      { key: distributionKey(account, kind, id), value: null },
      ...letGo(catalog, identitiesOf(distribution.config)),
      ...forgetTags(catalog, account, targetOf(kind, id)),
      ...forgetMonitoring(catalog, account, id),
    ],
    answer: distribution.id,
  };
}

/** An identity is put again by the change that detaches it, so that its own position tells when. */
function letGo(catalog: Catalog, identities: Iterable<string>): readonly Change[] {
  const changes: Change[] = [];
  for (const id of identities) {
    const placed = catalog.identities.get(id);
    if (placed !== undefined) {
      changes.push(putAccessIdentity({ ...placed.document, wasDetached: true }));
    }
  }
  return changes;
}

/** As Amazon resource names have it. */
function targetOf(kind: DistributionKind, id: string): ArnTarget {
  return { kind: documentKindOf(kind), id };
}

function forgetMonitoring(catalog: Catalog, account: AccountId, id: string): readonly Change[] {
  const kind = 'monitoring-subscription';
  if (catalog.resource(account, kind, id) === undefined) return [];
  return [{ key: resourceKey(account, kind, id), value: null }];
}

export function requireDistribution(
  catalog: Catalog,
  account: AccountId,
  kind: DistributionKind,
  id: string,
): At<Distribution> {
  const placed = catalog.find(account, kind, id);
  if (placed === undefined) {
    throw new Refusal(kind === 'download' ? 'NoSuchDistribution' : 'NoSuchStreamingDistribution', {
      id,
    });
  }
  return placed;
}

function repeat(
  earlier: At<Distribution>,
  config: DistributionConfig,
  repeats: 'refused' | undefined,
): Decision<Created<DistributionId>> {
  const { id, createdWith } = earlier.document;
  if (repeats === 'refused' || !isDeepStrictEqual(unordered(createdWith), unordered(config))) {
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

function checkUnchangeable(
  was: DistributionConfig,
  given: DistributionConfig,
  originsMayChange: boolean,
): void {
  unchanged('CallerReference', was.callerReference, given.callerReference);
  unchanged('Staging', String(was.staging), String(given.staging));
  unchanged('ConnectionMode', was.connectionMode, given.connectionMode);
  checkStagingUpdate(was, given);
  if (originsMayChange) return;
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

/** Identity and signers exist, and no alias is on another distribution, whoever owns that and of either kind. */
function checkReferences(
  catalog: Catalog,
  config: DistributionConfig,
  self: DistributionId | undefined,
  account: AccountId,
  { accounts, limits }: Facts,
): void {
  for (const id of identitiesOf(config)) {
    if (catalog.findIdentity(account, id) !== undefined) continue;
    const why = `there is no identity ${id} in this account.`;
    throw new Refusal('InvalidOriginAccessIdentity', { why });
  }
  checkNamedResources(catalog, config, account);
  checkSharing(catalog, account, config, self, limits);
  checkDeployment(catalog, account, config, self);
  for (const signer of behaviorsOf(config).flatMap((one) => one.trustedSigners.accounts)) {
    if (!accounts.has(signer)) {
      throw new Refusal('TrustedSignerDoesNotExist', { account: signer });
    }
  }
  for (const alias of config.aliases) {
    const owner = catalog.domainOwner(alias);
    if (owner !== undefined && owner.id !== self) {
      throw new Refusal('CNAMEAlreadyExists', { name: alias });
    }
  }
}

function checkCount(
  catalog: Catalog,
  account: AccountId,
  { connectionMode, kind, staging }: DistributionConfig,
  limits: Limits,
): void {
  const all = catalog.list(account, kind);
  const max = limits[kind === 'download' ? 'distributions' : 'streaming-distributions'];
  if (all.length >= max) {
    const tooMany = kind === 'download' ? 'TooManyDistributions' : 'TooManyStreamingDistributions';
    throw new Refusal(tooMany, { max, said: 'download distributions' });
  }
  if (staging) {
    const trials = all.filter(({ document }) => document.config.staging);
    const facts = { max: limits['staging-distributions'], said: 'staging distributions' };
    if (trials.length >= facts.max) throw new Refusal('TooManyDistributions', facts);
  }
  if (connectionMode === 'direct') return;
  const tenancies = all.filter(({ document }) => document.config.connectionMode !== 'direct');
  const tenanciesMax = limits['multi-tenant-distributions'];
  if (tenancies.length >= tenanciesMax) {
    const said = 'multi-tenant distribution';
    throw new Refusal('EntityLimitExceeded', { said, max: tenanciesMax });
  }
}
