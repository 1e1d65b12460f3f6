/**
 * The catalog: the fold of the log. API processes and edges fold it with this code, so at one
 * revision they hold the same. A fold depends on the latest value of each key only, so a reader
 * that catches up may skip intermediate values.
 */
import {
  decodeKey,
  type Key,
  type LogRecord,
  revision,
  type Revision,
} from '../base/log-record.ts';
import type { Instant } from '../base/clock.ts';
import type { AccessIdentity } from './access-identity.ts';
import type { Certificate } from './certificate.ts';
import type { CreationOrder } from './creation-order.ts';
import type { Distribution, DistributionKind } from './distribution.ts';
import { type DomainOwner, DomainOwners } from './domain-owners.ts';
import {
  readAccessIdentity,
  readCertificateDocument,
  readDistribution,
  readEdge,
  readInvalidation,
  readKeyPair,
  type EdgeDocument,
} from './document.ts';
import { type EdgeTokenDocument, readEdgeTokenDocument } from './edge-token.ts';
import { DocumentIndex, type At } from './document-index.ts';
import type { AccountId } from './ids.ts';
import { type Invalidation, ownerIdOf } from './invalidation.ts';
import type { KeyPair } from './key-pair.ts';
import type { ArnTarget } from './arn.ts';
import { readKeyValue } from './key-values/key-value.ts';
import { KeyValueIndex } from './key-values/key-value-index.ts';
import { resourcesNamedBy } from './named-resources.ts';
import { readTags, type Tag, tagsKey } from './tags.ts';
import { ResourceIndex } from './resources/resource-index.ts';
import { readResource } from './resources/resource-document.ts';
import {
  isResourceKind,
  type Resource,
  type NamedTarget,
  type ResourceKind,
} from './resources/resource.ts';

/** What one record changed, for those who keep something compiled from the catalog. */
export type Touched =
  | {
      readonly kind: 'distribution';
      readonly id: string;
      readonly placed: At<Distribution> | undefined;
    }
  | {
      readonly kind: 'access-identity';
      readonly id: string;
      readonly placed: At<AccessIdentity> | undefined;
    }
  | {
      readonly kind: 'invalidation';
      readonly id: string;
      readonly placed: At<Invalidation> | undefined;
      /** What stood there before; an invalidation never changes, so this is one that goes. */
      readonly before: At<Invalidation> | undefined;
    }
  | { readonly kind: 'key-pair'; readonly id: string; readonly placed: At<KeyPair> | undefined }
  | {
      readonly kind: 'certificate';
      readonly id: string;
      readonly placed: At<Certificate> | undefined;
    }
  | {
      readonly kind: 'resource';
      readonly account: string;
      readonly id: string;
      readonly of: ResourceKind;
      readonly placed: At<Resource> | undefined;
    }
  | { readonly kind: 'tags' | 'key-value' | 'edge-token' }
  | { readonly kind: 'edge'; readonly name: string; readonly edge: EdgeDocument | undefined };

/** So many deleted resources are remembered for lists that go on from one of them. */
const departedMax = 1_000;

export class Catalog {
  readonly #distributions = new DocumentIndex<Distribution>(({ account, config }) => ({
    scope: `${account}/${config.kind}`,
    reference: config.callerReference,
  }));
  readonly #identities = new DocumentIndex<AccessIdentity>(({ account, config }) => ({
    scope: account,
    reference: config.callerReference,
  }));
  readonly #invalidations = new DocumentIndex<Invalidation>((invalidation) => ({
    scope: ownerIdOf(invalidation),
    reference: invalidation.batch.callerReference,
  }));
  readonly #keyPairs = new DocumentIndex<KeyPair>(({ account, id }) => ({
    scope: account,
    reference: id,
  }));
  readonly #certificates = new DocumentIndex<Certificate>(({ account, fingerprint }) => ({
    scope: account,
    reference: fingerprint,
  }));
  readonly #invalidationsOf = new Map<string, Set<string>>();
  /** What `listInvalidations` gave, until it changes: every reading of a distribution counts them. */
  readonly #invalidationLists = new Map<string, readonly At<Invalidation>[]>();
  readonly #domains = new DomainOwners();
  /** Identity → ids of the distributions that name it. */
  readonly #identityUsers = new Map<string, Set<string>>();
  readonly #resources = new ResourceIndex();
  readonly #keyValues = new KeyValueIndex();
  /** By the key of their document. */
  readonly #tags = new Map<Key, readonly Tag[]>();
  readonly #edges = new Map<string, EdgeDocument>();
  readonly #edgeTokens = new Map<string, EdgeTokenDocument>();
  /** Hash of a token's secret → the name of its edge. */
  readonly #edgeOfToken = new Map<string, string>();
  readonly #departed = new Map<string, Instant>();
  #revision: Revision = revision(0);

  /** The position of the last record folded. */
  get revision(): Revision {
    return this.#revision;
  }

  get edges(): ReadonlyMap<string, EdgeDocument> {
    return this.#edges;
  }

  /** By the name of the edge. */
  get edgeTokens(): ReadonlyMap<string, EdgeTokenDocument> {
    return this.#edgeTokens;
  }

  /** The edge that a token is of, by the hash of its secret. */
  edgeOfToken(hash: string): string | undefined {
    return this.#edgeOfToken.get(hash);
  }

  get distributions(): Pick<DocumentIndex<Distribution>, 'all' | 'get' | 'size'> {
    return this.#distributions;
  }

  get identities(): Pick<DocumentIndex<AccessIdentity>, 'all' | 'find' | 'get'> {
    return this.#identities;
  }

  get keyPairs(): Pick<DocumentIndex<KeyPair>, 'all' | 'get'> {
    return this.#keyPairs;
  }

  get certificates(): Pick<DocumentIndex<Certificate>, 'all' | 'get'> {
    return this.#certificates;
  }

  get invalidations(): Pick<DocumentIndex<Invalidation>, 'all' | 'find' | 'get'> {
    return this.#invalidations;
  }

  apply(record: LogRecord): readonly Touched[] {
    const touched: Touched[] = [];
    for (const { key, value } of record.changes) {
      const one = this.#applyOne(key, value, record.revision);
      if (one !== undefined) touched.push(one);
    }
    this.#revision = record.revision;
    return touched;
  }

  /** Kinds of documents that this release does not know are passed over. */
  #applyOne(key: Key, value: Uint8Array | null, at: Revision): Touched | undefined {
    const { account, id, kind } = decodeKey(key);
    switch (kind) {
      case 'distribution':
      case 'streaming-distribution': {
        const placed = placedAt(value, at, readDistribution);
        this.#placeDistribution(id, placed);
        return { kind: 'distribution', id, placed };
      }
      case 'access-identity': {
        const placed = placedAt(value, at, readAccessIdentity);
        this.#depart(id, this.#identities.set(id, placed), placed);
        return { kind, id, placed };
      }
      case 'invalidation': {
        const placed = placedAt(value, at, readInvalidation);
        const before = this.#placeInvalidation(id, placed);
        return { kind, id, placed, before };
      }
      case 'key-pair': {
        const placed = placedAt(value, at, readKeyPair);
        this.#keyPairs.set(id, placed);
        return { kind, id, placed };
      }
      case 'certificate': {
        const placed = placedAt(value, at, readCertificateDocument);
        this.#certificates.set(id, placed);
        return { kind, id, placed };
      }
      case 'edge': {
        const edge = value === null ? undefined : readEdge(value);
        if (edge === undefined) this.#edges.delete(id);
        else this.#edges.set(id, edge);
        return { kind, name: id, edge };
      }
      case 'edge-token': {
        this.#placeEdgeToken(id, value === null ? undefined : readEdgeTokenDocument(value));
        return { kind };
      }
      case 'tags': {
        if (value === null) this.#tags.delete(key);
        else this.#tags.set(key, readTags(value).tags);
        return { kind };
      }
      case 'key-value': {
        this.#keyValues.set(key, value === null ? undefined : readKeyValue(value));
        return { kind };
      }
      default: {
        if (!isResourceKind(kind)) return undefined;
        const placed = placedAt(value, at, readResource);
        const before = this.#resources.set(account, { kind, id }, placed);
        this.#placeDomains(before?.document, placed?.document);
        this.#depart(id, before, placed);
        return { kind: 'resource', account, of: kind, id, placed };
      }
    }
  }

  find(account: AccountId, kind: DistributionKind, id: string): At<Distribution> | undefined {
    const placed = this.#distributions.get(id);
    if (placed === undefined) return undefined;
    const { document } = placed;
    return document.account === account && document.config.kind === kind ? placed : undefined;
  }

  findByCallerReference(
    account: AccountId,
    kind: DistributionKind,
    reference: string,
  ): At<Distribution> | undefined {
    return this.#distributions.find(`${account}/${kind}`, reference);
  }

  findIdentity(account: AccountId, id: string): At<AccessIdentity> | undefined {
    const placed = this.#identities.get(id);
    return placed?.document.account === account ? placed : undefined;
  }

  resource<Kind extends ResourceKind>(
    account: AccountId,
    kind: Kind,
    id: string,
  ): At<Resource<Kind>> | undefined {
    return this.#resources.get(account, kind, id);
  }

  /** By creation time, then id. */
  listResources<Kind extends ResourceKind>(
    account: AccountId,
    kind: Kind,
  ): readonly At<Resource<Kind>>[] {
    return this.#resources.list(account, kind);
  }

  /** Of every account and kind. */
  allResources(): Iterable<At<Resource>> {
    return this.#resources.all();
  }

  /** What names it, in words. */
  usersOf(account: AccountId, target: NamedTarget): readonly string[] {
    return this.#resources.usersOf(account, target);
  }

  get keyValues(): Pick<KeyValueIndex, 'get' | 'of' | 'sizeOf' | 'keys'> {
    return this.#keyValues;
  }

  tagsOf(account: AccountId, target: ArnTarget): readonly Tag[] {
    return this.#tags.get(tagsKey(account, target)) ?? [];
  }

  /** The keys of all documents of tags. */
  allTags(): Iterable<Key> {
    return this.#tags.keys();
  }

  /** Of any account. `domain`: an alias, or a domain of a tenant. */
  domainOwner(domain: string): DomainOwner | undefined {
    return this.#domains.find(domain);
  }

  /** With their owners, of every account. */
  allDomains(): Iterable<readonly [domain: string, owner: DomainOwner]> {
    return this.#domains.all();
  }

  /** The distributions, of either kind and enabled or not, that name the identity, in words. */
  identityUsers(id: string): readonly string[] {
    return [...(this.#identityUsers.get(id) ?? [])]
      .map((user) => {
        const isStreaming = this.#distributions.get(user)?.document.config.kind === 'streaming';
        return `${isStreaming ? 'streaming ' : ''}distribution ${user}`;
      })
      .toSorted();
  }

  /** By creation time, then id. */
  list(account: AccountId, kind: DistributionKind): readonly At<Distribution>[] {
    return this.#distributions.list(`${account}/${kind}`);
  }

  /** By creation time, then id. */
  listIdentities(account: AccountId): readonly At<AccessIdentity>[] {
    return this.#identities.list(account);
  }

  /** By creation time, then id. */
  listKeyPairs(account: AccountId): readonly At<KeyPair>[] {
    return this.#keyPairs.list(account);
  }

  /** SHA-256 in hexadecimal digits. */
  findCertificateByFingerprint(
    account: AccountId,
    fingerprint: string,
  ): At<Certificate> | undefined {
    return this.#certificates.find(account, fingerprint);
  }

  /** By creation time, then id. */
  listCertificates(account: AccountId): readonly At<Certificate>[] {
    return this.#certificates.list(account);
  }

  /** In the order in which they were accepted. `owner`: the id of a distribution, or of a tenant. */
  listInvalidations(owner: string): readonly At<Invalidation>[] {
    const ids = this.#invalidationsOf.get(owner);
    if (ids === undefined) return [];
    const listed = this.#invalidationLists.get(owner);
    if (listed !== undefined) return listed;
    const list = [...ids]
      .map((id) => this.#invalidations.get(id))
      .filter((placed) => placed !== undefined)
      .sort((a, b) => a.revision - b.revision);
    this.#invalidationLists.set(owner, list);
    return list;
  }

  /** When a distribution or identity that is gone was created, as far as that is remembered. */
  departedAt(id: string): Instant | undefined {
    return this.#departed.get(id);
  }

  #placeDistribution(id: string, placed: At<Distribution> | undefined): void {
    const before = this.#distributions.set(id, placed);
    const owned = placed ?? before;
    if (owned !== undefined) {
      const named = placed === undefined ? [] : resourcesNamedBy(placed.document.config);
      this.#resources.names(owned.document.account, `distribution ${id}`, named);
    }
    if (owned !== undefined) {
      const owner = { kind: 'distribution', account: owned.document.account, id } as const;
      this.#domains.set(owner, aliasesOf(before), aliasesOf(placed));
    }
    if (before !== undefined) this.#unlinkIdentities(id, before.document);
    this.#depart(id, before, placed);
    if (placed === undefined) return;
    for (const identity of identitiesOf(placed.document.config)) {
      const users = this.#identityUsers.get(identity) ?? new Set();
      this.#identityUsers.set(identity, users.add(id));
    }
  }

  #unlinkIdentities(id: string, { config }: Distribution): void {
    for (const identity of identitiesOf(config)) {
      const users = this.#identityUsers.get(identity);
      users?.delete(id);
      if (users?.size === 0) this.#identityUsers.delete(identity);
    }
  }

  #placeDomains(before: Resource | undefined, now: Resource | undefined): void {
    const owner = now ?? before;
    if (owner?.kind !== 'distribution-tenant') return;
    const { account, id, kind } = owner;
    this.#domains.set({ account, id, kind }, domainsOf(before), domainsOf(now));
  }

  #placeInvalidation(
    id: string,
    placed: At<Invalidation> | undefined,
  ): At<Invalidation> | undefined {
    const before = this.#invalidations.set(id, placed);
    if (before !== undefined) {
      const owner = ownerIdOf(before.document);
      this.#invalidationLists.delete(owner);
      const ids = this.#invalidationsOf.get(owner);
      ids?.delete(id);
      if (ids?.size === 0) this.#invalidationsOf.delete(owner);
    }
    if (placed !== undefined) {
      const owner = ownerIdOf(placed.document);
      this.#invalidationLists.delete(owner);
      const ids = this.#invalidationsOf.get(owner) ?? new Set();
      this.#invalidationsOf.set(owner, ids.add(id));
    }
    return before;
  }

  #placeEdgeToken(name: string, token: EdgeTokenDocument | undefined): void {
    const before = this.#edgeTokens.get(name);
    if (before !== undefined) this.#edgeOfToken.delete(before.hash);
    if (token === undefined) {
      this.#edgeTokens.delete(name);
      return;
    }
    this.#edgeTokens.set(name, token);
    this.#edgeOfToken.set(token.hash, name);
  }

  #depart(id: string, before: At<CreationOrder> | undefined, placed: unknown): void {
    if (before === undefined || placed !== undefined) return;
    this.#departed.set(id, before.document.createdAt);
    const [oldest] = this.#departed.keys();
    if (this.#departed.size > departedMax && oldest !== undefined) this.#departed.delete(oldest);
  }
}

/** The identities that a configuration names, each once. */
export function identitiesOf({ origins }: Distribution['config']): ReadonlySet<string> {
  const named = origins.map((origin) => (origin.kind === 's3' ? origin.accessIdentity : undefined));
  return new Set(named.filter((identity) => identity !== undefined));
}

function aliasesOf(placed: At<Distribution> | undefined): readonly string[] {
  return placed?.document.config.aliases ?? [];
}

function domainsOf(resource: Resource | undefined): readonly string[] {
  return resource?.kind === 'distribution-tenant' ? resource.config.domains : [];
}

function placedAt<Document>(
  value: Uint8Array | null,
  at: Revision,
  read: (value: Uint8Array) => Document,
): At<Document> | undefined {
  return value === null ? undefined : { document: read(value), revision: at };
}
