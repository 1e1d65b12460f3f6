/**
 * Policies and other resources as an edge knows them, and which distributions were compiled with each,
 * so that a change of one compiles those anew (edge contract 14.2).
 */
import type { Touched } from '../model/catalog.ts';
import { managedPolicy } from '../model/resources/managed-policies.ts';
import { isOfKind, type Resource, type ResourceKind } from '../model/resources/resource.ts';
import type { FindResource } from './behavior-entry.ts';

type TouchedResource = Omit<Extract<Touched, { readonly kind: 'resource' }>, 'kind'>;

export class EdgeResources {
  readonly #all = new Map<string, Resource>();
  /** Resource → ids of distributions, whether it is there or not. */
  readonly #users = new Map<string, Set<string>>();
  readonly #namedBy = new Map<string, Set<string>>();
  #changed = new Set<string>();

  set({ account, id, of, placed }: TouchedResource): void {
    const key = keyOf(account, of, id);
    if (placed === undefined) this.#all.delete(key);
    else this.#all.set(key, placed.document);
    for (const user of this.#users.get(key) ?? []) this.#changed.add(user);
  }

  /** The distributions to be compiled anew because of what was set since the last call. */
  takeChanged(): ReadonlySet<string> {
    const changed = this.#changed;
    if (changed.size > 0) this.#changed = new Set();
    return changed;
  }

  /** What is found by it is remembered as in use by the distribution. */
  finderFor(account: string, distribution: string): FindResource {
    return (kind, id) => {
      if (id === '') return undefined;
      const managed = managedPolicy(kind, id);
      if (managed !== undefined) return managed.config;
      const key = keyOf(account, kind, id);
      this.#link(key, distribution);
      const found = this.#all.get(key);
      return found !== undefined && isOfKind(found, kind) ? found.config : undefined;
    };
  }

  forgetUser(distribution: string): void {
    for (const key of this.#namedBy.get(distribution) ?? []) {
      const users = this.#users.get(key);
      users?.delete(distribution);
      if (users?.size === 0) this.#users.delete(key);
    }
    this.#namedBy.delete(distribution);
  }

  #link(key: string, distribution: string): void {
    const users = this.#users.get(key) ?? new Set();
    this.#users.set(key, users.add(distribution));
    const named = this.#namedBy.get(distribution) ?? new Set();
    this.#namedBy.set(distribution, named.add(key));
  }
}

function keyOf(account: string, kind: ResourceKind, id: string): string {
  return `${account}/${kind}/${id}`;
}
