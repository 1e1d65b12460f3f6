/**
 * The invalidations that stand at this edge, as facts: for each path the newest position of a batch
 * that names it. A look-up costs the same for one fact as for a million (edge contract, section 12).
 *
 * A fact that is forgotten leaves a floor behind: what was fetched before it is taken for invalidated
 * whatever its path, so that forgetting can bring nothing back.
 */
import { revision, type Revision } from '../base/log-record.ts';
import type { At } from '../model/document-index.ts';
import {
  comparableKey,
  comparablePath,
  type Invalidation,
  type InvalidationBatch,
  isWildcard,
  ownerIdOf,
} from '../model/invalidation.ts';

type Facts = {
  /** As API 2010-11-01 matches. */
  readonly byPath: Map<string, Revision>;
  /** Path and query of cache keys. */
  readonly byKey: Map<string, Revision>;
  /** What comes before a `*` at the end, by its length, so that a look-up tries each length once. */
  readonly byPrefix: Map<number, Map<string, Revision>>;
  floor: Revision;
};

/** What of an object's cache key paths of invalidations are held against. */
export type InvalidatedKey = {
  readonly path: string;
  /** Where it is part of the key. */
  readonly query: string | undefined;
};

export class InvalidationFacts {
  /** A distribution, or a tenant of one. */
  readonly #byOwner = new Map<string, Facts>();

  add({ document, revision: at }: At<Invalidation>): void {
    const { batch } = document;
    const owner = ownerIdOf(document);
    const facts = this.#byOwner.get(owner) ?? noFacts();
    this.#byOwner.set(owner, facts);
    for (const path of batch.paths) {
      const { map, name } = placeOf(facts, batch, path);
      const known = map.get(name);
      if (known === undefined || known < at) map.set(name, at);
    }
  }

  /** The batch is not kept any more. */
  forget({ document, revision: at }: At<Invalidation>): void {
    const facts = this.#byOwner.get(ownerIdOf(document));
    if (facts === undefined) return;
    if (facts.floor < at) facts.floor = at;
    for (const path of document.batch.paths) {
      const { map, name } = placeOf(facts, document.batch, path);
      if (map.get(name) === at) map.delete(name);
    }
    for (const [length, prefixes] of facts.byPrefix) {
      if (prefixes.size === 0) facts.byPrefix.delete(length);
    }
  }

  /** The distribution or tenant is gone: none of its objects is ever looked up again. */
  forgetOwner(owner: string): void {
    this.#byOwner.delete(owner);
  }

  /**
   * May an object not be served whose fetch began at `fetchedAt`? `owners`: its distribution, and the
   * tenant of it that it is of. `key` is of its cache key;
   * `/` and the default root object are one, so either invalidates the other.
   */
  cover(
    owners: readonly string[],
    key: InvalidatedKey,
    defaultRootObject: string,
    fetchedAt: Revision,
  ): boolean {
    for (const owner of owners) {
      const facts = this.#byOwner.get(owner);
      if (facts !== undefined && covers(facts, key, defaultRootObject, fetchedAt)) return true;
    }
    return false;
  }
}

function covers(
  facts: Facts,
  key: InvalidatedKey,
  defaultRootObject: string,
  fetchedAt: Revision,
): boolean {
  if (fetchedAt < facts.floor) return true;
  if (names(facts, key, fetchedAt)) return true;
  if (defaultRootObject === '' || key.path !== `/${defaultRootObject}`) return false;
  return names(facts, { ...key, path: '/' }, fetchedAt);
}

function names(
  { byKey, byPath, byPrefix }: Facts,
  { path, query }: InvalidatedKey,
  fetchedAt: Revision,
): boolean {
  const isNewer = (at: Revision | undefined): boolean => at !== undefined && fetchedAt < at;
  if (byPath.size > 0 && isNewer(byPath.get(comparablePath(path)))) return true;
  if (byKey.size === 0 && byPrefix.size === 0) return false;
  const text = comparableKey(path, query);
  if (isNewer(byKey.get(text))) return true;
  for (const [length, prefixes] of byPrefix) {
    if (length <= text.length && isNewer(prefixes.get(text.slice(0, length)))) return true;
  }
  return false;
}

function placeOf(
  { byKey, byPath, byPrefix }: Facts,
  { matching }: InvalidationBatch,
  path: string,
): { readonly map: Map<string, Revision>; readonly name: string } {
  if (matching === 'paths') return { map: byPath, name: comparablePath(path) };
  const text = comparableKey(path, undefined);
  if (!isWildcard(text)) return { map: byKey, name: text };
  const name = text.slice(0, -1);
  const map = byPrefix.get(name.length) ?? new Map<string, Revision>();
  byPrefix.set(name.length, map);
  return { map, name };
}

function noFacts(): Facts {
  return { byPath: new Map(), byKey: new Map(), byPrefix: new Map(), floor: revision(0) };
}
