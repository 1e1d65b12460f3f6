/**
 * Which distribution a host name means (edge contract 1.1, rules 3 to 7), compiled from the model
 * into entries that never change. A viewer's request finishes with the entry it began with; a
 * change puts another in its place.
 */
import type { LogTarget } from '../access-log/spool.ts';
import { type Revision, revision } from '../base/log-record.ts';
import type { Catalog, Touched } from '../model/catalog.ts';
import {
  type ErrorResponse,
  type Distribution,
  type DistributionConfig,
  type GeoRestriction,
  speaksHttp2,
  type TlsPolicy,
} from '../model/distribution.ts';
import { bucketOfHost } from '../model/host-name.ts';
import type { Resource } from '../model/resources/resource.ts';
import { configOfTenant } from '../model/tenancy.ts';
import { type BehaviorEntry, behaviorEntry, type FindResource } from './behavior-entry.ts';
import { EdgeResources } from './edge-resources.ts';
import { InvalidationFacts } from './invalidation-facts.ts';
import { OwnCertificates } from './own-certificates.ts';
import { PathPatterns } from './path-pattern.ts';
import { SigningKeys } from './signing-keys.ts';

/** Of the paths that its pattern takes. */
export type PathEntry = BehaviorEntry & { readonly pathPattern: string };

export type RoutingEntry = {
  readonly distributionId: string;
  /** The tenant at whose domains it answers. */
  readonly tenantId: string | undefined;
  /** Whose its objects are, in cache keys. */
  readonly cacheOwner: string;
  /** Invalidations of these are about its objects. */
  readonly invalidatedBy: readonly string[];
  readonly domainName: string;
  /** The account that owns the distribution. */
  readonly account: string;
  /** `refused`: known, but no viewer is answered over HTTP; told apart from unknown by nobody. */
  readonly state: 'serving' | 'refused';
  /** Without a leading `/` of its own; empty when there is none. */
  readonly defaultRootObject: string;
  readonly tlsPolicy: TlsPolicy;
  /** Of its viewer certificate: where it is the id of an imported one, that is shown. */
  readonly certificateName: string;
  /** Whether viewers may speak HTTP/2 to it. */
  readonly speaksHttp2: boolean;
  /** The default one, for what no other takes. */
  readonly behavior: BehaviorEntry;
  readonly behaviors: readonly PathEntry[];
  /** Their patterns, in the same order. */
  readonly patterns: PathPatterns;
  /** Status → what viewers get in its place. */
  readonly errorPages: ReadonlyMap<number, ErrorResponse>;
  /** The countries that viewers may be in. */
  readonly geoRestriction: GeoRestriction;
  /** Where a line of each exchange goes; undefined: nowhere. */
  readonly logging: LogTarget | undefined;
  /** Whether the cookies of viewers stand in it. */
  readonly logsCookies: boolean;
};

type Tenant = Resource<'distribution-tenant'>;

/** What answers at some names; nothing where there is no entry. */
type Place = { readonly entry: RoutingEntry | undefined };

type Known = { readonly place: Place; readonly names: readonly string[] };

/**
 * A change of one distribution is one of all its tenants, of which there may be thousands: each looks for
 * itself, when it is asked for, whether it has to be compiled anew.
 */
class TenantPlace implements Place {
  readonly #of: () => Distribution | undefined;
  readonly #compile: (distribution: Distribution) => RoutingEntry;
  #compiled: { readonly of: Distribution; readonly entry: RoutingEntry } | undefined;

  /** `of`: the distribution as it stands. */
  constructor(
    of: () => Distribution | undefined,
    compile: (distribution: Distribution) => RoutingEntry,
  ) {
    this.#of = of;
    this.#compile = compile;
  }

  get entry(): RoutingEntry | undefined {
    const distribution = this.#of();
    if (distribution === undefined) return undefined;
    if (this.#compiled?.of !== distribution) {
      this.#compiled = { of: distribution, entry: this.#compile(distribution) };
    }
    return this.#compiled.entry;
  }

  /** Something else that it was compiled with has changed. */
  renew(): void {
    this.#compiled = undefined;
  }
}

export class RoutingTable {
  readonly #domain: string;
  readonly #distributions = new Map<string, Distribution>();
  readonly #tenants = new Map<string, Tenant>();
  readonly #tenantPlaces = new Map<string, TenantPlace>();
  /** Distributions and tenants. */
  readonly #byId = new Map<string, Known>();
  readonly #byName = new Map<string, Place>();
  /** Under the suffix of a `*.` alias, its dot included. */
  readonly #bySuffix = new Map<string, Place>();
  #invalidations = new InvalidationFacts();
  #signingKeys = new SigningKeys();
  #resources = new EdgeResources();
  #certificates = new OwnCertificates();
  #revision: Revision = revision(0);
  #changes = 0;

  constructor(domain: string) {
    this.#domain = domain.toLowerCase();
  }

  /** The position of the log up to which changes were applied. */
  get revision(): Revision {
    return this.#revision;
  }

  /** Another number whenever anything may have changed. */
  get changes(): number {
    return this.#changes;
  }

  /** The names that distributions of this edge have of themselves end with it. */
  get domain(): string {
    return this.#domain;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** What stands at this position; ask anew for each request. */
  get invalidations(): Pick<InvalidationFacts, 'cover'> {
    return this.#invalidations;
  }

  get signingKeys(): Pick<SigningKeys, 'find' | 'findInGroups'> {
    return this.#signingKeys;
  }

  get certificates(): Pick<OwnCertificates, 'changes' | 'covering'> {
    return this.#certificates;
  }

  /** All of one step at once. `upTo` is the position after it. */
  apply(touched: readonly Touched[], upTo: Revision): void {
    const changed = new Set<string>();
    for (const one of touched) {
      if (one.kind === 'distribution') {
        this.#setDistribution(one.id, one.placed?.document);
        changed.add(one.id);
      } else if (one.kind === 'key-pair') this.#signingKeys.set(one.id, one.placed?.document);
      else if (one.kind === 'resource') {
        this.#resources.set(one);
        this.#signingKeys.setResource(one);
        if (one.of !== 'distribution-tenant') continue;
        this.#setTenant(one.id, one.placed?.document);
        changed.add(one.id);
      } else if (one.kind === 'certificate') this.#certificates.set(one.id, one.placed?.document);
      else if (one.kind === 'invalidation') {
        if (one.placed !== undefined) this.#invalidations.add(one.placed);
        else if (one.before !== undefined) this.#invalidations.forget(one.before);
      }
    }
    for (const id of this.#resources.takeChanged()) {
      const tenant = this.#tenantPlaces.get(id);
      if (tenant === undefined) changed.add(id);
      else tenant.renew();
    }
    // First every touched name goes, then the new ones come: an alias may move within one step.
    for (const id of changed) this.#remove(id);
    for (const id of changed) this.#add(id);
    this.#revision = upTo;
    this.#changes += 1;
  }

  replaceAll(catalog: Catalog, upTo: Revision): void {
    this.#distributions.clear();
    this.#tenants.clear();
    this.#tenantPlaces.clear();
    this.#byId.clear();
    this.#byName.clear();
    this.#bySuffix.clear();
    this.#invalidations = new InvalidationFacts();
    this.#signingKeys = new SigningKeys();
    this.#resources = new EdgeResources();
    for (const placed of catalog.allResources()) {
      const { account, id, kind: of } = placed.document;
      this.#resources.set({ account, id, of, placed });
      this.#signingKeys.setResource({ account, id, of, placed });
      if (of === 'distribution-tenant') this.#setTenant(id, placed.document);
    }
    for (const { document } of catalog.distributions.all()) {
      this.#setDistribution(document.id, document);
    }
    for (const id of [...this.#distributions.keys(), ...this.#tenants.keys()]) this.#add(id);
    for (const placed of catalog.invalidations.all()) this.#invalidations.add(placed);
    for (const { document } of catalog.keyPairs.all()) {
      this.#signingKeys.set(document.id, document);
    }
    this.#certificates = this.#certificates.replacedBy(catalog.certificates.all());
    this.#revision = upTo;
    this.#changes += 1;
  }

  /** `host` as `parseHost` gives it. The longest name wins, whoever owns it. */
  find(host: string): RoutingEntry | undefined {
    const exact = this.#byName.get(host)?.entry;
    if (exact !== undefined || this.#bySuffix.size === 0) return exact;
    for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
      const entry = this.#bySuffix.get(host.slice(dot))?.entry;
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  /** The same, and the name that stands for the host: itself, or the `*.` alias that covers it. */
  match(host: string): { readonly entry: RoutingEntry; readonly name: string } | undefined {
    const exact = this.#byName.get(host)?.entry;
    if (exact !== undefined) return { entry: exact, name: host };
    for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
      const suffix = host.slice(dot);
      const entry = this.#bySuffix.get(suffix)?.entry;
      if (entry !== undefined) return { entry, name: `*${suffix}` };
    }
    return undefined;
  }

  #remove(id: string): void {
    const known = this.#byId.get(id);
    if (known === undefined) return;
    this.#byId.delete(id);
    this.#tenantPlaces.delete(id);
    this.#resources.forgetUser(id);
    for (const name of known.names) {
      const [table, key] = this.#placeOf(name);
      // While catching up, another distribution may have taken the name already.
      if (table.get(key) === known.place) table.delete(key);
    }
  }

  #setDistribution(id: string, distribution: Distribution | undefined): void {
    if (distribution === undefined) this.#distributions.delete(id);
    else this.#distributions.set(id, distribution);
  }

  #setTenant(id: string, tenant: Resource | undefined): void {
    if (tenant?.kind === 'distribution-tenant') this.#tenants.set(id, tenant);
    else this.#tenants.delete(id);
  }

  /** Nothing, where it is gone: then none of its objects is ever looked up again. */
  #add(id: string): void {
    const distribution = this.#distributions.get(id);
    const tenant = this.#tenants.get(id);
    if (distribution !== undefined) {
      const entry = compile(distribution, this.#resources.finderFor(distribution.account, id));
      this.#place(id, { entry }, [distribution.domainName, ...distribution.config.aliases]);
    } else if (tenant !== undefined) {
      this.#addTenant(id, tenant);
    } else {
      this.#invalidations.forgetOwner(id);
    }
  }

  #addTenant(id: string, { account, config }: Tenant): void {
    const find = this.#resources.finderFor(account, id);
    const place = new TenantPlace(
      () => this.#distributions.get(config.distribution),
      (distribution) => {
        this.#resources.forgetUser(id);
        const group = find('connection-group', config.connectionGroup);
        const enabled = config.enabled && group?.enabled === true;
        const own = configOfTenant(distribution.config, { ...config, enabled });
        return compile({ ...distribution, config: own }, find, id);
      },
    );
    this.#tenantPlaces.set(id, place);
    this.#place(id, place, config.domains);
  }

  #place(id: string, place: Place, given: readonly string[]): void {
    const names = given.map((name) => name.toLowerCase());
    this.#byId.set(id, { place, names });
    for (const name of names) {
      const [table, key] = this.#placeOf(name);
      table.set(key, place);
    }
  }

  #placeOf(name: string): readonly [Map<string, Place>, string] {
    return name.startsWith('*.') ? [this.#bySuffix, name.slice(1)] : [this.#byName, name];
  }
}

function compile(
  { account, config, domainName, id }: Distribution,
  find: FindResource,
  tenantId?: string,
): RoutingEntry {
  return {
    distributionId: id,
    tenantId,
    cacheOwner: tenantId === undefined ? id : `${id}/${tenantId}`,
    invalidatedBy: tenantId === undefined ? [id] : [id, tenantId],
    domainName,
    account,
    state: isServing(config) ? 'serving' : 'refused',
    defaultRootObject: config.defaultRootObject,
    tlsPolicy: config.certificate.tlsPolicy,
    certificateName: config.certificate.kind === 'iam' ? config.certificate.name : '',
    speaksHttp2: speaksHttp2(config),
    behavior: behaviorEntry(config, config.defaultBehavior, find),
    behaviors: config.behaviors.map((behavior) => ({
      ...behaviorEntry(config, behavior, find),
      pathPattern: behavior.pathPattern,
    })),
    patterns: new PathPatterns(config.behaviors.map(({ pathPattern }) => pathPattern)),
    errorPages: new Map(
      config.errorResponses
        .filter(({ pagePath }) => pagePath !== '')
        .map((response) => [response.status, response]),
    ),
    geoRestriction: config.geoRestriction,
    logging: logTarget(config, id),
    logsCookies: config.logging?.withCookies === true,
  };
}

/**
 * A staging distribution is reached through its primary one alone (edge contract 1.1, rule 7), one with
 * tenants through their domains.
 */
function isServing({ connectionMode, enabled, kind, staging }: DistributionConfig): boolean {
  return enabled && kind === 'download' && !staging && connectionMode === 'direct';
}

function logTarget({ logging }: DistributionConfig, distributionId: string): LogTarget | undefined {
  const bucket = logging === undefined ? undefined : bucketOfHost(logging.bucket);
  if (logging === undefined || bucket === undefined) return undefined;
  return { distributionId, bucket, prefix: logging.prefix };
}
