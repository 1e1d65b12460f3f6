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
import { type BehaviorEntry, behaviorEntry } from './behavior-entry.ts';
import { EdgeResources } from './edge-resources.ts';
import { InvalidationFacts } from './invalidation-facts.ts';
import { OwnCertificates } from './own-certificates.ts';
import { compilePattern, type PathTest } from './path-pattern.ts';
import { SigningKeys } from './signing-keys.ts';

/** Of the paths that its pattern takes. */
export type PathEntry = BehaviorEntry & { readonly pathPattern: string; readonly takes: PathTest };

export type RoutingEntry = {
  readonly distributionId: string;
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
  /** Status → what viewers get in its place. */
  readonly errorPages: ReadonlyMap<number, ErrorResponse>;
  /** The countries that viewers may be in. */
  readonly geoRestriction: GeoRestriction;
  /** Where a line of each exchange goes; undefined: nowhere. */
  readonly logging: LogTarget | undefined;
  /** Whether the cookies of viewers stand in it. */
  readonly logsCookies: boolean;
};

type Known = {
  readonly distribution: Distribution;
  readonly entry: RoutingEntry;
  readonly names: readonly string[];
};

export class RoutingTable {
  readonly #domain: string;
  #byId = new Map<string, Known>();
  #byName = new Map<string, RoutingEntry>();
  /** Under the suffix of a `*.` alias, its dot included. */
  #bySuffix = new Map<string, RoutingEntry>();
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
    const changed = new Map<string, Distribution | undefined>();
    for (const one of touched) {
      if (one.kind === 'distribution') changed.set(one.id, one.placed?.document);
      else if (one.kind === 'key-pair') this.#signingKeys.set(one.id, one.placed?.document);
      else if (one.kind === 'resource') {
        this.#resources.set(one);
        this.#signingKeys.setResource(one);
      } else if (one.kind === 'certificate') this.#certificates.set(one.id, one.placed?.document);
      else if (one.kind === 'invalidation') {
        if (one.placed !== undefined) this.#invalidations.add(one.placed);
        else if (one.before !== undefined) this.#invalidations.forget(one.before);
      }
    }
    for (const id of this.#resources.takeChanged()) {
      const known = this.#byId.get(id);
      if (known !== undefined && !changed.has(id)) changed.set(id, known.distribution);
    }
    // First every touched name goes, then the new ones come: an alias may move within one step.
    for (const id of changed.keys()) this.#remove(id);
    for (const [id, distribution] of changed) {
      if (distribution !== undefined) this.#add(id, distribution);
      else this.#invalidations.forgetOwner(id);
    }
    this.#revision = upTo;
    this.#changes += 1;
  }

  replaceAll(catalog: Catalog, upTo: Revision): void {
    this.#byId = new Map();
    this.#byName = new Map();
    this.#bySuffix = new Map();
    this.#invalidations = new InvalidationFacts();
    this.#signingKeys = new SigningKeys();
    this.#resources = new EdgeResources();
    for (const placed of catalog.allResources()) {
      const { account, id, kind: of } = placed.document;
      this.#resources.set({ account, id, of, placed });
      this.#signingKeys.setResource({ account, id, of, placed });
    }
    for (const { document } of catalog.distributions.all()) this.#add(document.id, document);
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
    const exact = this.#byName.get(host);
    if (exact !== undefined || this.#bySuffix.size === 0) return exact;
    for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
      const entry = this.#bySuffix.get(host.slice(dot));
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  /** The same, and the name that stands for the host: itself, or the `*.` alias that covers it. */
  match(host: string): { readonly entry: RoutingEntry; readonly name: string } | undefined {
    const exact = this.#byName.get(host);
    if (exact !== undefined) return { entry: exact, name: host };
    for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
      const suffix = host.slice(dot);
      const entry = this.#bySuffix.get(suffix);
      if (entry !== undefined) return { entry, name: `*${suffix}` };
    }
    return undefined;
  }

  #remove(id: string): void {
    const known = this.#byId.get(id);
    if (known === undefined) return;
    this.#byId.delete(id);
    this.#resources.forgetUser(id);
    for (const name of known.names) {
      const [table, key] = this.#placeOf(name);
      // While catching up, another distribution may have taken the name already.
      if (table.get(key) === known.entry) table.delete(key);
    }
  }

  #add(id: string, distribution: Distribution): void {
    const entry = compile(distribution, this.#resources);
    const names = [distribution.domainName, ...distribution.config.aliases].map((name) =>
      name.toLowerCase(),
    );
    this.#byId.set(id, { distribution, entry, names });
    for (const name of names) {
      const [table, key] = this.#placeOf(name);
      table.set(key, entry);
    }
  }

  #placeOf(name: string): readonly [Map<string, RoutingEntry>, string] {
    return name.startsWith('*.') ? [this.#bySuffix, name.slice(1)] : [this.#byName, name];
  }
}

function compile(
  { account, config, domainName, id }: Distribution,
  resources: EdgeResources,
): RoutingEntry {
  const find = resources.finderFor(account, id);
  return {
    distributionId: id,
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
      takes: compilePattern(behavior.pathPattern),
    })),
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
