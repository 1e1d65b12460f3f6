/**
 * The resources of all accounts, kept by the fold of the log: by account, kind and id, and for each what names
 * it, so that nothing in use is deleted and a refusal can say who uses it.
 */
import { CreationList } from '../creation-list.ts';
import type { At } from '../document-index.ts';
import type { AccountId } from '../ids.ts';
import {
  isOfKind,
  type NamedTarget,
  namedBy,
  type Resource,
  type ResourceKind,
  type ResourceTarget,
} from './resource.ts';

export class ResourceIndex {
  readonly #all = new Map<string, At<Resource>>();
  readonly #lists = new Map<string, CreationList<Resource>>();
  /** Target → what names it, in words: `distribution E1`. */
  readonly #users = new Map<string, Set<string>>();
  /** User → the targets it names. */
  readonly #named = new Map<string, readonly NamedTarget[]>();

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

  /** By creation time, then id. */
  list<Kind extends ResourceKind>(account: AccountId, kind: Kind): readonly At<Resource<Kind>>[] {
    const items = this.#lists.get(listKey(account, kind))?.items ?? [];
    return areOfKind(items, kind) ? items : [];
  }

  /** Undefined removes; the answer is what stood there before. */
  set(
    account: string,
    { id, kind }: ResourceTarget,
    placed: At<Resource> | undefined,
  ): At<Resource> | undefined {
    const key = keyOf(account, { kind, id });
    const before = this.#all.get(key);
    if (placed === undefined) this.#all.delete(key);
    else this.#all.set(key, placed);
    const list = this.#listOf(listKey(account, kind));
    if (before !== undefined) list.remove(before.document);
    if (placed !== undefined) list.put(placed);
    this.names(account, `${kind} ${id}`, placed === undefined ? [] : namedBy(placed.document));
    return before;
  }

  #listOf(key: string): CreationList<Resource> {
    const known = this.#lists.get(key);
    if (known !== undefined) return known;
    const list = new CreationList<Resource>();
    this.#lists.set(key, list);
    return list;
  }

  /** From now on, `user` names these of its account, and nothing else. */
  names(account: string, user: string, targets: readonly NamedTarget[]): void {
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

  usersOf(account: AccountId, target: NamedTarget): readonly string[] {
    return [...(this.#users.get(keyOf(account, target)) ?? [])].toSorted();
  }
}

/** Some ids are names, which two accounts may both have given. */
function keyOf(account: string, { id, kind }: NamedTarget): string {
  return `${account}/${kind}/${id}`;
}

function listKey(account: string, kind: ResourceKind): string {
  return `${account}/${kind}`;
}

/** A list is of one kind, so the first tells of all. */
function areOfKind<Kind extends ResourceKind>(
  items: readonly At<Resource>[],
  kind: Kind,
): items is readonly At<Resource<Kind> & Resource>[] {
  const [first] = items;
  return first === undefined || isOfKind(first.document, kind);
}
