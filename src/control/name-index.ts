/**
 * Distributions by their own names, and connection groups by their endpoints, for DNS. Made anew when
 * the catalog has moved on, and only when somebody asks: a flood of questions costs look-ups, not
 * passes over the catalog.
 */
import type { Revision } from '../base/log-record.ts';
import type { Catalog } from '../model/catalog.ts';
import { type Distribution, speaksHttp2 } from '../model/distribution.ts';
import type { At } from '../model/document-index.ts';
import type { Resource } from '../model/resources/resource.ts';

export type NamedDistribution = {
  readonly enabled: boolean;
  readonly speaksHttp2: boolean;
  /** Whether addresses of IPv6 are named for it. */
  readonly hasIpv6: boolean;
  /** Of its last change. */
  readonly revision: Revision;
  /** Changed since it was made. */
  readonly hasChanged: boolean;
};

export class NameIndex {
  #catalog: Catalog | undefined;
  #revision: Revision | undefined;
  #byName = new Map<string, NamedDistribution>();

  /** `name` in lower case. */
  find(catalog: Catalog, name: string): NamedDistribution | undefined {
    if (this.#catalog !== catalog || this.#revision !== catalog.revision) {
      this.#catalog = catalog;
      this.#revision = catalog.revision;
      this.#byName = new Map(namesOf(catalog));
    }
    return this.#byName.get(name);
  }
}

function* namesOf(catalog: Catalog): Iterable<readonly [string, NamedDistribution]> {
  for (const placed of catalog.distributions.all()) {
    yield [placed.document.domainName.toLowerCase(), ofDistribution(placed)];
  }
  for (const { document, revision } of catalog.allResources()) {
    if (document.kind === 'connection-group') yield ofGroup({ document, revision });
  }
}

/** One that is reached through tenants has a name that leads nowhere. */
function ofDistribution({ document, revision }: At<Distribution>): NamedDistribution {
  const { config, createdAt, modifiedAt } = document;
  return {
    enabled: config.enabled && config.connectionMode === 'direct',
    speaksHttp2: speaksHttp2(config),
    hasIpv6: config.ipv6,
    revision,
    hasChanged: modifiedAt !== createdAt,
  };
}

/** Its tenants are of several distributions, of which it is told what all speak. */
function ofGroup({
  document,
  revision,
}: At<Resource<'connection-group'>>): readonly [string, NamedDistribution] {
  const { config, createdAt, modifiedAt } = document;
  const named = {
    enabled: config.enabled,
    speaksHttp2: false,
    hasIpv6: config.hasIpv6,
    revision,
    hasChanged: modifiedAt !== createdAt,
  };
  return [config.endpoint.toLowerCase(), named];
}
