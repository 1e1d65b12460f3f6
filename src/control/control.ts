/**
 * What the API may ask of the control plane. A command becomes a decision of the model and an
 * append to the log; an answer carries the status as arithmetic of positions gives it.
 */
import type { KeyObject } from 'node:crypto';
import type { Instant } from '../base/clock.ts';
import type { Revision } from '../base/log-record.ts';
import type { AccessIdentity, AccessIdentityConfig } from '../model/access-identity.ts';
import type { Certificate } from '../model/certificate.ts';
import type { CreateOptions, ReplaceOptions } from '../model/decide-distribution.ts';
import type { Conflict, MoveDomain } from '../model/decide-domain.ts';
import type { Promote } from '../model/decide-promotion.ts';
import type { Distribution, DistributionConfig, DistributionKind } from '../model/distribution.ts';
import type { DomainOwner } from '../model/domain-owners.ts';
import type { AccountId, ConfigEtag } from '../model/ids.ts';
import type { Invalidation, InvalidationBatch, InvalidationOwner } from '../model/invalidation.ts';
import type { KeyPair } from '../model/key-pair.ts';
import type { KeyValue } from '../model/key-values/key-value.ts';
import type { StoreSize } from '../model/key-values/key-value-index.ts';
import type { WriteKeyValues } from '../model/key-values/decide-key-values.ts';
import type { FunctionKind } from '../model/resources/decide-publication.ts';
import type { ResourceRequest } from '../model/resources/decide-resource.ts';
import type {
  Resource,
  ResourceConfigs,
  ResourceKind,
  ResourceTarget,
} from '../model/resources/resource.ts';
import type { GivenCertificate } from '../model/read-certificate.ts';
import type { Tag } from '../model/tags.ts';
import type { LogRoom } from '../log/log.ts';
import type { EdgeState } from '../log/presence.ts';

/** `Deployed`: every live edge serves this configuration. */
export type Status = 'InProgress' | 'Deployed';

/** Who may sign for a private distribution, and with which of their active key pairs. */
export type ActiveSigner = {
  /** `self`: the account that owns the distribution. */
  readonly account: AccountId | 'self';
  readonly keyPairIds: readonly string[];
};

/** A key group that may sign, and its public keys. */
export type ActiveKeyGroup = {
  readonly keyGroup: string;
  readonly publicKeys: readonly string[];
};

export type DistributionView = {
  readonly distribution: Distribution;
  readonly status: Status;
  /** Batches that are not completed. */
  readonly invalidationsInProgress: number;
  readonly activeSigners: readonly ActiveSigner[];
  readonly activeKeyGroups: readonly ActiveKeyGroup[];
};

export type InvalidationView = {
  readonly invalidation: Invalidation;
  /** `Completed`: no live edge serves a matching object fetched before it was accepted. */
  readonly status: 'InProgress' | 'Completed';
};

export type TenantView = {
  readonly tenant: Resource<'distribution-tenant'>;
  readonly status: Status;
  /** Every live edge answers at its domains: what it takes is deployed and enabled. */
  readonly isActive: boolean;
};

export type CertificateView = {
  readonly certificate: Certificate;
  readonly status: Status;
  /** Whether the key it is sealed with is still the one of this server. */
  readonly opens: boolean;
  /** Names of enabled distributions and tenants of the account that it covers. */
  readonly servedNames: readonly string[];
};

export type StoreView = {
  readonly store: Resource<'key-value-store'>;
  readonly size: StoreSize;
  readonly items: readonly KeyValue[];
};

export type Page<Item> = {
  readonly items: readonly Item[];
  /** Whether more follow after the last of `items`. */
  readonly truncated: boolean;
};

/** `marker`: start after this id. */
export type PageRequest = { readonly marker: string | undefined; readonly maxItems: number };

/** `repeat`: the caller reference was used before with the same content; nothing was created. */
export type Outcome = { readonly outcome: 'new' | 'repeat' };

export type EdgeView = {
  readonly name: string;
  /** `gone`: registered, but its lease lapsed or it never reported. */
  readonly state: EdgeState | 'gone';
  readonly held: boolean;
  /** The position up to which all its workers serve. */
  readonly position: Revision | undefined;
  /** Records of the log that it has not taken yet. */
  readonly behind: number | undefined;
};

export type EdgeTokenView = {
  readonly name: string;
  readonly createdAt: Instant;
  /** Undefined: it is a token. */
  readonly certificateEndsAt: Instant | undefined;
};

export type EdgesView = {
  readonly head: Revision;
  readonly settled: boolean;
  readonly edges: readonly EdgeView[];
};

export type Health = {
  /** Whether the log is in reach, so that changes are taken. */
  readonly ready: boolean;
  readonly startedAt: Instant;
  readonly position: Revision;
  /** Undefined where the log has room of its own. */
  readonly room: LogRoom | undefined;
};

export type ControlEvent =
  | { readonly kind: 'record'; readonly revision: Revision; readonly keys: readonly string[] }
  | {
      readonly kind: 'edge';
      readonly name: string;
      readonly state: EdgeState;
      readonly position: Revision | undefined;
    };

/**
 * Reads the configuration that came with a request; called only once the checks that come before
 * the body (existence, If-Match) have passed, and throws a Refusal for a bad body.
 */
export type ReadConfig = () => DistributionConfig;

/** The same for an update; `was` is what stands, for a form that says less than all of it. */
export type ReadUpdate = (was: DistributionConfig) => DistributionConfig;

/** Names one identity of an account, and what the caller believes its ETag to be. */
export type IdentityTarget = {
  readonly account: AccountId;
  readonly id: string;
  readonly ifMatch: string | undefined;
};

/** Every method rejects with a Refusal where the request is at fault. */
export interface Control {
  create(
    account: AccountId,
    kind: DistributionKind,
    readConfig: ReadConfig,
    options?: CreateOptions,
  ): Promise<DistributionView & Outcome>;
  find(account: AccountId, kind: DistributionKind, id: string): Promise<DistributionView>;
  /** In order of creation. */
  list(
    account: AccountId,
    kind: DistributionKind,
    page: PageRequest,
  ): Promise<Page<DistributionView>>;
  replace(
    account: AccountId,
    kind: DistributionKind,
    id: string,
    ifMatch: string | undefined,
    readConfig: ReadUpdate,
    options?: ReplaceOptions,
  ): Promise<DistributionView>;
  delete(
    account: AccountId,
    kind: DistributionKind,
    id: string,
    ifMatch: string | undefined,
  ): Promise<void>;

  /** Its configuration becomes that of the staging one; the trial ends. */
  promote(promotion: Promote): Promise<DistributionView>;

  /** From the distribution of the account that has it, if any. */
  moveAlias(account: AccountId, target: string, alias: string): Promise<void>;
  /** From the distribution or the tenant of the account that has it. */
  moveDomain(move: MoveDomain): Promise<{ readonly etag: ConfigEtag }>;
  /** What others have of any account, in the order of the domains. */
  conflictingDomains(
    account: AccountId,
    self: Pick<DomainOwner, 'kind' | 'id'>,
    domain: string,
  ): Promise<readonly Conflict[]>;

  createIdentity(
    account: AccountId,
    readConfig: () => AccessIdentityConfig,
  ): Promise<{ readonly identity: AccessIdentity } & Outcome>;
  findIdentity(account: AccountId, id: string): Promise<AccessIdentity>;
  /** In order of creation. */
  listIdentities(account: AccountId, page: PageRequest): Promise<Page<AccessIdentity>>;
  replaceIdentity(
    target: IdentityTarget,
    readConfig: () => AccessIdentityConfig,
  ): Promise<AccessIdentity>;
  deleteIdentity(target: IdentityTarget): Promise<void>;

  invalidate(
    account: AccountId,
    owner: InvalidationOwner,
    readBatch: () => InvalidationBatch,
  ): Promise<InvalidationView & Outcome>;
  findInvalidation(
    account: AccountId,
    owner: InvalidationOwner,
    id: string,
  ): Promise<InvalidationView>;
  /** Newest first. */
  listInvalidations(
    account: AccountId,
    owner: InvalidationOwner,
    page: PageRequest,
  ): Promise<Page<InvalidationView>>;

  /** `publicKey`: RSA in PEM. A new pair is active at once; of a known key the answer is its pair. */
  importKeyPair(account: AccountId, publicKey: string): Promise<KeyPair>;
  listKeyPairs(account: AccountId): Promise<readonly KeyPair[]>;
  switchKeyPair(account: AccountId, id: string, active: boolean): Promise<KeyPair>;
  /** Of an inactive one. */
  deleteKeyPair(account: AccountId, id: string): Promise<void>;

  /** The same certificate again is the same import. */
  importCertificate(
    account: AccountId,
    given: GivenCertificate,
  ): Promise<CertificateView & Outcome>;
  findCertificate(account: AccountId, id: string): Promise<CertificateView>;
  /** In order of creation. */
  listCertificates(account: AccountId): Promise<readonly CertificateView[]>;
  deleteCertificate(account: AccountId, id: string): Promise<void>;

  createResource<Kind extends ResourceKind>(
    account: AccountId,
    kind: Kind,
    config: ResourceConfigs[Kind],
    tags?: readonly Tag[],
  ): Promise<Resource<Kind>>;
  /** Of the account, or one that is managed. */
  findResource<Kind extends ResourceKind>(
    account: AccountId,
    kind: Kind,
    id: string,
  ): Promise<Resource<Kind>>;
  /** Managed ones first, then the account's own in order of creation; of those that are meant. */
  listResources<Kind extends ResourceKind>(
    account: AccountId,
    kind: Kind,
    which: 'all' | 'managed' | 'own',
    page: PageRequest,
    isMeant?: (resource: Resource<Kind>) => boolean,
  ): Promise<Page<Resource<Kind>>>;
  replaceResource<Kind extends ResourceKind>(
    target: ResourceRequest<Kind>,
    config: ResourceConfigs[Kind],
  ): Promise<Resource<Kind>>;
  deleteResource<Kind extends ResourceKind>(target: ResourceRequest<Kind>): Promise<void>;
  /** Do all live edges know the resource as it stands? */
  resourceStatus(resource: ResourceTarget & { readonly account: AccountId }): Promise<Status>;
  /** The account's own, in order of creation. */
  allResources<Kind extends ResourceKind>(
    account: AccountId,
    kind: Kind,
  ): Promise<readonly Resource<Kind>[]>;
  /** What names it, in words. */
  usersOf(account: AccountId, target: ResourceTarget): Promise<readonly string[]>;
  publish<Kind extends FunctionKind>(target: ResourceRequest<Kind>): Promise<Resource<Kind>>;

  /** In the default connection group where it names none. */
  createTenant(
    account: AccountId,
    config: ResourceConfigs['distribution-tenant'],
    tags: readonly Tag[],
  ): Promise<Resource<'distribution-tenant'>>;
  tenantView(tenant: Resource<'distribution-tenant'>): Promise<TenantView>;
  /** Of the account. */
  findTenantByDomain(account: AccountId, domain: string): Promise<Resource<'distribution-tenant'>>;

  /** Items and all. */
  deleteStore(target: ResourceRequest<'key-value-store'>): Promise<void>;
  writeKeyValues(written: WriteKeyValues): Promise<StoreView>;
  /** In the order of the keys. */
  findKeyValues(account: AccountId, store: string): Promise<StoreView>;

  /** `arn` names something of the account that can have tags. */
  tag(account: AccountId, arn: string, tags: readonly Tag[]): Promise<void>;
  untag(account: AccountId, arn: string, keys: readonly string[]): Promise<void>;
  listTags(account: AccountId, arn: string): Promise<readonly Tag[]>;

  /** Makes the edge known. The secret is told this once: the log keeps a hash of it. */
  createEdgeToken(name: string): Promise<{ readonly name: string; readonly secret: string }>;
  /** Lets an edge join by a certificate for that key; again, for one that ends later. */
  registerEdgeKey(name: string, publicKey: KeyObject, certificateEndsAt: Instant): Promise<void>;
  /** In the order of their names. */
  listEdgeTokens(): Promise<readonly EdgeTokenView[]>;
  /** Forgets the edge too; what it follows ends. */
  revokeEdgeToken(name: string): Promise<void>;

  edges(): Promise<EdgesView>;
  /** Holds an edge at the position it has, or lets it go on. */
  hold(edge: string, held: boolean): Promise<void>;
  /** Deletes everything of every account at once, whatever its state: for tests. */
  reset(): Promise<void>;
  /** Calls `hear` with what happens from now on; the answer ends that. */
  listen(hear: (event: ControlEvent) => void): () => void;
  /**
   * Brings what is read up to what any process has recorded so far. An instant: the log does not
   * answer, and what is read may be as old as that.
   */
  refresh(): Promise<Instant | undefined>;
  health(): Health;
  /** Whatever `act` changes tells that `call`, an operation, changed it. */
  during<Answer>(call: string, act: () => Promise<Answer>): Promise<Answer>;
}
