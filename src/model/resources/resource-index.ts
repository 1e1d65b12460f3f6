/**
 * The resources of all accounts, kept by the fold of the log: by account, kind and id, and for each what names
 * it, so that nothing in use is deleted and a refusal can say who uses it.
 */
import { byCreation } from '../creation-order.ts';
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
  /** Of one account and kind, by id. */
  readonly #byKind = new Map<string, Map<string, At<Resource>>>();
  /** The same in order, once it was asked for: names are compared and things counted by it at every write. */
  readonly #lists = new Map<string, readonly At<Resource>[]>();
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

  /** Of an account, by creation time, then id. */
  list<Kind extends ResourceKind>(account: AccountId, kind: Kind): readonly At<Resource<Kind>>[] {
    const listKey = listKeyOf(account, kind);
    const ordered =
      this.#lists.get(listKey) ??
      [...(this.#byKind.get(listKey)?.values() ?? [])].sort((a, b) =>
        byCreation(a.document, b.document),
      );
    if (ordered.length > 0) this.#lists.set(listKey, ordered);
    const isMeant = (placed: At<Resource>): placed is At<Resource<Kind> & Resource> =>
      isOfKind(placed.document, kind);
    return ordered.every(isMeant) ? ordered : [];
  }

  /** Undefined removes; the answer is what stood there before. */
  set(
    account: string,
    { id, kind }: ResourceTarget,
    placed: At<Resource> | undefined,
  ): At<Resource> | undefined {
    const key = keyOf(account, { kind, id });
    const before = this.#all.get(key);
    const listKey = listKeyOf(account, kind);
    const siblings = this.#byKind.get(listKey) ?? new Map<string, At<Resource>>();
    const ordered = this.#lists.get(listKey);
    if (ordered !== undefined) this.#lists.set(listKey, orderedWith(ordered, before, placed));
    if (placed === undefined) {
      this.#all.delete(key);
      siblings.delete(id);
    } else {
      this.#all.set(key, placed);
      siblings.set(id, placed);
    }
    if (siblings.size === 0) {
      this.#byKind.delete(listKey);
      this.#lists.delete(listKey);
    } else {
      this.#byKind.set(listKey, siblings);
    }
    this.names(account, `${kind} ${id}`, placed === undefined ? [] : namedBy(placed.document));
    return before;
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

/** One change costs no sorting: what is new comes last, and what is replaced stays in its place. */
function orderedWith(
  ordered: readonly At<Resource>[],
  before: At<Resource> | undefined,
  placed: At<Resource> | undefined,
): readonly At<Resource>[] {
  if (before !== undefined && placed?.document.createdAt === before.document.createdAt) {
    return ordered.map((one) => (one === before ? placed : one));
  }
  const others = before === undefined ? ordered : ordered.filter((one) => one !== before);
  if (placed === undefined) return others;
  const all = [...others, placed];
  const last = others.at(-1)?.document;
  const isLast = last === undefined || byCreation(last, placed.document) < 0;
  return isLast ? all : all.sort((a, b) => byCreation(a.document, b.document));
}

function listKeyOf(account: string, kind: ResourceKind): string {
  return `${account}/${kind}`;
}

/** Some ids are names, which two accounts may both have given. */
function keyOf(account: string, { id, kind }: NamedTarget): string {
  return `${account}/${kind}/${id}`;
}
