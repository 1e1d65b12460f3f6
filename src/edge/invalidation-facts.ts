/**
 * The invalidations that stand at this edge, as facts: for each path the newest position of a batch
 * that names it. A look-up costs the same for one fact as for a million (edge contract, section 12).
 *
 * A fact that is forgotten leaves a floor behind: what was fetched before it is taken for invalidated
 * whatever its path, so that forgetting can bring nothing back.
 */
import { revision, type Revision } from '../base/log-record.ts';
import type { At } from '../model/document-index.ts';
import { comparablePath, type Invalidation } from '../model/invalidation.ts';

type Facts = { readonly byPath: Map<string, Revision>; floor: Revision };

export class InvalidationFacts {
  readonly #byDistribution = new Map<string, Facts>();

  add({ document, revision: at }: At<Invalidation>): void {
    const { batch, distribution } = document;
    const facts = this.#byDistribution.get(distribution) ?? noFacts();
    this.#byDistribution.set(distribution, facts);
    for (const path of batch.paths) {
      const comparable = comparablePath(path);
      const known = facts.byPath.get(comparable);
      if (known === undefined || known < at) facts.byPath.set(comparable, at);
    }
  }

  /** The batch is not kept any more. */
  forget({ document, revision: at }: At<Invalidation>): void {
    const facts = this.#byDistribution.get(document.distribution);
    if (facts === undefined) return;
    if (facts.floor < at) facts.floor = at;
    for (const path of document.batch.paths) {
      const comparable = comparablePath(path);
      if (facts.byPath.get(comparable) === at) facts.byPath.delete(comparable);
    }
  }

  /** The distribution is gone: none of its objects is ever looked up again. */
  forgetDistribution(distribution: string): void {
    this.#byDistribution.delete(distribution);
  }

  /**
   * May an object not be served whose fetch began at `fetchedAt`? `path` is the one of its cache key;
   * `/` and the default root object are one, so either invalidates the other.
   */
  cover(
    distribution: string,
    path: string,
    defaultRootObject: string,
    fetchedAt: Revision,
  ): boolean {
    const facts = this.#byDistribution.get(distribution);
    if (facts === undefined) return false;
    if (fetchedAt < facts.floor) return true;
    const { byPath } = facts;
    if (byPath.size === 0) return false;
    const at = byPath.get(comparablePath(path));
    if (at !== undefined && fetchedAt < at) return true;
    if (defaultRootObject === '' || path !== `/${defaultRootObject}`) return false;
    const rootAt = byPath.get('/');
    return rootAt !== undefined && fetchedAt < rootAt;
  }
}

function noFacts(): Facts {
  return { byPath: new Map(), floor: revision(0) };
}
