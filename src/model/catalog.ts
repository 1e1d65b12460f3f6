/**
 * The catalog: the fold of the log. API processes and edges fold it with this code, so at one
 * revision they hold the same. A fold depends on the latest value of each key only, so a reader
 * that catches up may skip intermediate values.
 */
import { decodeKey, revision, type LogRecord, type Revision } from '../base/log-record.ts';
import type { Instant } from '../base/clock.ts';
import type { Distribution, DistributionKind } from './distribution.ts';
import { readDistribution, readEdge, type EdgeDocument } from './document.ts';
import type { AccountId } from './ids.ts';

/** A distribution and the position of its last change, which its status is judged by. */
export type Placed = { readonly distribution: Distribution; readonly revision: Revision };

/** What one record changed, for those who keep something compiled from the catalog. */
export type Touched =
  | {
      readonly kind: 'distribution';
      readonly id: string;
      readonly placed: Placed | undefined;
    }
  | { readonly kind: 'edge'; readonly name: string; readonly edge: EdgeDocument | undefined };

/** So many deleted distributions are remembered for lists that go on from one of them. */
const departedMax = 1_000;

export class Catalog {
  readonly #distributions = new Map<string, Placed>();
  readonly #aliasOwners = new Map<string, string>();
  readonly #callerReferences = new Map<string, string>();
  readonly #edges = new Map<string, EdgeDocument>();
  readonly #departed = new Map<string, Instant>();
  #revision: Revision = revision(0);

  /** The position of the last record folded. */
  get revision(): Revision {
    return this.#revision;
  }

  get edges(): ReadonlyMap<string, EdgeDocument> {
    return this.#edges;
  }

  apply(record: LogRecord): readonly Touched[] {
    const touched: Touched[] = [];
    for (const { key, value } of record.changes) {
      const { kind, id } = decodeKey(key);
      if (kind === 'edge') {
        const edge = value === null ? undefined : readEdge(value);
        if (edge === undefined) this.#edges.delete(id);
        else this.#edges.set(id, edge);
        touched.push({ kind: 'edge', name: id, edge });
      } else if (kind === 'distribution' || kind === 'streaming-distribution') {
        const placed =
          value === null
            ? undefined
            : { distribution: readDistribution(value), revision: record.revision };
        this.#place(id, placed);
        touched.push({ kind: 'distribution', id, placed });
      }
    }
    this.#revision = record.revision;
    return touched;
  }

  /** Whoever owns it and of either kind. */
  placed(id: string): Placed | undefined {
    return this.#distributions.get(id);
  }

  find(account: AccountId, kind: DistributionKind, id: string): Placed | undefined {
    const placed = this.#distributions.get(id);
    if (placed === undefined) return undefined;
    const { distribution } = placed;
    return distribution.account === account && distribution.config.kind === kind
      ? placed
      : undefined;
  }

  findByCallerReference(
    account: AccountId,
    kind: DistributionKind,
    reference: string,
  ): Placed | undefined {
    const id = this.#callerReferences.get(referenceKey(account, kind, reference));
    return id === undefined ? undefined : this.#distributions.get(id);
  }

  /** The id of the distribution, of any account and kind, that the alias is on. */
  aliasOwner(alias: string): string | undefined {
    return this.#aliasOwners.get(alias);
  }

  /** By creation time, then id. */
  list(account: AccountId, kind: DistributionKind): readonly Placed[] {
    return [...this.#distributions.values()]
      .filter(
        ({ distribution }) => distribution.account === account && distribution.config.kind === kind,
      )
      .sort((a, b) => byCreation(a.distribution, b.distribution));
  }

  all(): Iterable<Placed> {
    return this.#distributions.values();
  }

  get size(): number {
    return this.#distributions.size;
  }

  /** When a distribution that is gone was created, as far as that is remembered. */
  departedAt(id: string): Instant | undefined {
    return this.#departed.get(id);
  }

  #place(id: string, placed: Placed | undefined): void {
    const before = this.#distributions.get(id)?.distribution;
    if (before !== undefined) {
      const { account, config } = before;
      const reference = referenceKey(account, config.kind, config.callerReference);
      if (this.#callerReferences.get(reference) === id) this.#callerReferences.delete(reference);
      // While catching up, the next owner of an alias may have been folded before this one let go.
      for (const alias of config.aliases) {
        if (this.#aliasOwners.get(alias) === id) this.#aliasOwners.delete(alias);
      }
    }
    if (placed === undefined) {
      if (before !== undefined) this.#depart(before);
      this.#distributions.delete(id);
      return;
    }
    const { account, config } = placed.distribution;
    this.#distributions.set(id, placed);
    this.#callerReferences.set(referenceKey(account, config.kind, config.callerReference), id);
    for (const alias of config.aliases) this.#aliasOwners.set(alias, id);
  }

  #depart({ id, createdAt }: Distribution): void {
    this.#departed.set(id, createdAt);
    const [oldest] = this.#departed.keys();
    if (this.#departed.size > departedMax && oldest !== undefined) this.#departed.delete(oldest);
  }
}

export type CreationOrder = { readonly createdAt: Instant; readonly id: string };

export function byCreation(a: CreationOrder, b: CreationOrder): number {
  if (a.createdAt !== b.createdAt) return a.createdAt - b.createdAt;
  return a.id < b.id ? -1 : Number(a.id > b.id);
}

function referenceKey(account: AccountId, kind: DistributionKind, reference: string): string {
  return `${account}/${kind}/${reference}`;
}
