/**
 * The resources of all accounts, kept by the fold of the log: by account, kind and id, and for each what names
 * it, so that nothing in use is deleted and a refusal can say who uses it.
 */
import { type CreationOrder } from '../catalog.ts';
import type { At } from '../document-index.ts';
import type { AccountId } from '../ids.ts';
import {
  isOfKind,
  namedBy,
  type Resource,
  type ResourceKind,
  type ResourceTarget,
} from './resource.ts';

export class ResourceIndex {
  readonly #all = new Map<string, At<Resource>>();
  /** Target → what names it, in words: `distribution E1`. */
  readonly #users = new Map<string, Set<string>>();
  /** User → the targets it names. */
  readonly #named = new Map<string, readonly ResourceTarget[]>();

  get<Kind extends ResourceKind>(
    account: AccountId,
    kind: Kind,
    id: string,
  ): At<Resource<Kind>> | undefined {
    const placed = this.#all.get(keyOf(account, { kind, id }));
    if (placed === undefined) return undefined;
    const { document, revision } = placed;
    return isOfKind(document, kind) ? { document, revision } : undefined;
  }

  all(): Iterable<At<Resource>> {
    return this.#all.values();
  }

  /** Of an account, in no order. */
  *of<Kind extends ResourceKind>(account: AccountId, kind: Kind): Iterable<At<Resource<Kind>>> {
    for (const { document, revision } of this.#all.values()) {
      if (document.account === account && isOfKind(document, kind)) yield { document, revision };
    }
  }

  /** Undefined removes; the answer is what stood there before. */
  set(
    account: string,
    { id, kind }: ResourceTarget,
    placed: At<Resource> | undefined,
  ): At<CreationOrder> | undefined {
    const key = keyOf(account, { kind, id });
    const before = this.#all.get(key);
    if (placed === undefined) this.#all.delete(key);
    else this.#all.set(key, placed);
    this.names(account, `${kind} ${id}`, placed === undefined ? [] : namedBy(placed.document));
    return before;
  }

  /** From now on, `user` names these of its account, and nothing else. */
  names(account: string, user: string, targets: readonly ResourceTarget[]): void {
    const userKey = `${account}/${user}`;
    for (const target of this.#named.get(userKey) ?? []) {
      const key = keyOf(account, target);
      const users = this.#users.get(key);
      users?.delete(user);
      if (users?.size === 0) this.#users.delete(key);
    }
    if (targets.length === 0) this.#named.delete(userKey);
    else this.#named.set(userKey, targets);
    for (const target of targets) {
      const key = keyOf(account, target);
      const users = this.#users.get(key) ?? new Set();
      this.#users.set(key, users.add(user));
    }
  }

  usersOf(account: AccountId, target: ResourceTarget): readonly string[] {
    return [...(this.#users.get(keyOf(account, target)) ?? [])].toSorted();
  }
}

/** Some ids are names, which two accounts may both have given. */
function keyOf(account: string, { id, kind }: ResourceTarget): string {
  return `${account}/${kind}/${id}`;
}
