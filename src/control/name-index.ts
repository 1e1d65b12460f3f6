/**
 * Distributions by their own names, for DNS. Made anew when the catalog has moved on, and only when
 * somebody asks: a flood of questions costs look-ups, not passes over the catalog.
 */
import type { Revision } from '../base/log-record.ts';
import type { Catalog } from '../model/catalog.ts';
import { type Distribution, speaksHttp2 } from '../model/distribution.ts';
import type { At } from '../model/document-index.ts';

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
  #byName = new Map<string, At<Distribution>>();

  /** `name` in lower case. */
  find(catalog: Catalog, name: string): NamedDistribution | undefined {
    if (this.#catalog !== catalog || this.#revision !== catalog.revision) {
      this.#catalog = catalog;
      this.#revision = catalog.revision;
      this.#byName = new Map(
        [...catalog.distributions.all()].map((placed) => [
          placed.document.domainName.toLowerCase(),
          placed,
        ]),
      );
    }
    const placed = this.#byName.get(name);
    if (placed === undefined) return undefined;
    const { config, createdAt, modifiedAt } = placed.document;
    return {
      enabled: config.enabled,
      speaksHttp2: speaksHttp2(config),
      hasIpv6: config.ipv6,
      revision: placed.revision,
      hasChanged: modifiedAt !== createdAt,
    };
  }
}
