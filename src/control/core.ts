/**
 * What every part of the control plane works with: the catalog as it stands, the one way to write,
 * what the edges have taken, and paging.
 */
import type { Clock, Instant } from '../base/clock.ts';
import type { Revision } from '../base/log-record.ts';
import type { Randomness } from '../base/randomness.ts';
import type { Recorder } from '../base/recorder.ts';
import { changesPerAppendMax, type ChangeLog } from '../log/log.ts';
import type { Liveness, Presence } from '../log/presence.ts';
import { byCreation, type Catalog, type CreationOrder, type Touched } from '../model/catalog.ts';
import type { Decision, Facts, Step } from '../model/decision.ts';
import type { At } from '../model/document-index.ts';
import { createMint, type Mint } from '../model/ids.ts';
import type { Limits } from '../model/limits.ts';
import { Refusal } from '../model/refusal.ts';
import type { ResourceKind } from '../model/resources/resource.ts';
import type { ControlEvent, Page, PageRequest } from './control.ts';
import { CatalogFollower } from './follower.ts';
import { LivenessAsker } from './liveness.ts';
import { DeployedLatch, hasReachedEdges } from './status.ts';
import { Writer } from './writer.ts';

export type ControlParts = {
  readonly log: ChangeLog;
  readonly presence: Pick<Presence, 'live'>;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly recorder: Recorder;
  readonly limits: Limits;
  readonly domain: string;
  readonly accounts: ReadonlySet<string>;
  /** Seals private keys in the log; 32 bytes. */
  readonly sealingKey: Uint8Array;
};

/** Undefined: presence does not answer, so nothing new is deployed as far as is known. */
export type KnownLiveness = Liveness | undefined;

export class ControlCore {
  readonly #parts: ControlParts;
  readonly #stop = new AbortController();
  readonly #latch = new DeployedLatch();
  readonly #mint: Mint;
  readonly #asker: LivenessAsker;
  readonly #follower: CatalogFollower;
  readonly #writer: Writer;
  readonly #listeners = new Set<(event: ControlEvent) => void>();
  #running: Promise<void> = Promise.resolve();

  constructor(parts: ControlParts) {
    const { clock, log, presence, randomness } = parts;
    this.#parts = parts;
    this.#mint = createMint(randomness);
    this.#asker = new LivenessAsker(presence, this.#stop.signal);
    this.#follower = new CatalogFollower(log, (record, touched) => {
      this.#forgetDeleted(touched);
      const keys = record.changes.map(({ key }) => key);
      this.tell({ kind: 'record', revision: record.revision, keys });
    });
    this.#writer = new Writer({
      log,
      clock,
      randomness,
      signal: this.#stop.signal,
      standing: () => this.#follower.standing,
      folded: (position, signal) => this.#follower.folded(position, signal),
    });
  }

  get catalog(): Catalog {
    return this.#follower.catalog;
  }

  /** The point the catalog stands at; undefined while the log is out of reach. */
  get standing(): Revision | undefined {
    return this.#follower.standing?.revision;
  }

  now(): Instant {
    return this.#parts.clock.now();
  }

  /** Aborted when the control plane closes. */
  get closing(): AbortSignal {
    return this.#stop.signal;
  }

  /** Resolves once the log was read to its end. */
  async start(): Promise<void> {
    const { signal } = this.#stop;
    const told = 'the log cannot be followed any more: changes are refused until a restart';
    this.#running = this.#follower.run(signal).then(
      () => {
        if (!signal.aborted) this.#parts.recorder.error({}, told);
      },
      (error: unknown) => {
        if (!signal.aborted) this.#parts.recorder.error({ error }, told);
      },
    );
    await this.#follower.folded(0, signal);
  }

  async close(): Promise<void> {
    this.#stop.abort(new Refusal('ServiceUnavailable', { why: 'the server stops.' }));
    await this.#running;
  }

  tell(event: ControlEvent): void {
    for (const hear of this.#listeners) hear(event);
  }

  listen(hear: (event: ControlEvent) => void): () => void {
    this.#listeners.add(hear);
    return () => this.#listeners.delete(hear);
  }

  /** Rejects where presence does not answer. */
  ask(): Promise<Liveness> {
    return this.#asker.ask();
  }

  /** Presence that cannot tell makes no reading fail: nothing is deployed as far as is known. */
  async liveness(): Promise<KnownLiveness> {
    try {
      return await this.#asker.ask();
    } catch (error) {
      this.#parts.recorder.warn(
        { error },
        'presence does not answer, so nothing new is called Deployed',
      );
      return undefined;
    }
  }

  /** Do all live edges serve this change? Once said of a change, it stays said. */
  isDeployed(id: string, change: Revision, liveness: KnownLiveness): boolean {
    if (this.#latch.holds(id, change)) return true;
    if (liveness === undefined) return false;
    if (!hasReachedEdges(change, this.catalog.edges, liveness)) return false;
    this.#latch.latch(id, change);
    return true;
  }

  /** For a decision that does not depend on what the edges have taken. */
  write<Answer>(decide: (catalog: Catalog, facts: Facts) => Decision<Answer>): Promise<Answer> {
    return this.#writer.write(() => decide(this.catalog, this.#facts(undefined)));
  }

  /** Asks presence before each decision. */
  writeKnowing<Answer>(
    decide: (catalog: Catalog, facts: Facts) => Decision<Answer>,
  ): Promise<Answer> {
    return this.#writer.write(async () => {
      const liveness = await this.liveness();
      return decide(this.catalog, this.#facts(liveness));
    });
  }

  /** Decides again until nothing is left to do. */
  async writeSteps(
    decide: (catalog: Catalog, changesMax: number, facts: Facts) => Decision<Step>,
  ): Promise<void> {
    const one = (catalog: Catalog, facts: Facts) => decide(catalog, changesPerAppendMax, facts);
    while ((await this.writeKnowing(one)) === 'more');
  }

  /**
   * `items` in the order of the list. A marker that is gone is found by when it was created, where
   * the list is ordered by that.
   */
  page<Document extends CreationOrder>(
    items: readonly At<Document>[],
    { marker, maxItems }: PageRequest,
  ): Page<At<Document>> {
    const start = this.#startOfPage(items, marker);
    const page = items.slice(start, start + maxItems);
    return { items: page, truncated: start + page.length < items.length };
  }

  #startOfPage<Document extends CreationOrder>(
    items: readonly At<Document>[],
    marker: string | undefined,
  ): number {
    if (marker === undefined) return 0;
    const index = items.findIndex(({ document }) => document.id === marker);
    if (index >= 0) return index + 1;
    const createdAt = this.catalog.departedAt(marker);
    if (createdAt === undefined) {
      const why = `${marker} is no item of this list; send the NextMarker of the page before.`;
      throw new Refusal('InvalidArgument', { member: 'Marker', why });
    }
    const after = items.findIndex(
      ({ document }) => byCreation(document, { createdAt, id: marker }) > 0,
    );
    return after < 0 ? items.length : after;
  }

  #facts(liveness: KnownLiveness): Facts {
    const { accounts, clock, domain, limits } = this.#parts;
    return {
      now: clock.now(),
      mint: this.#mint,
      limits,
      domain,
      accounts,
      deployed: (id, change) => this.isDeployed(id, change, liveness),
    };
  }

  #forgetDeleted(touched: readonly Touched[]): void {
    for (const one of touched) {
      if (!('placed' in one) || one.placed !== undefined) continue;
      const { id } = one;
      this.#latch.forget(one.kind === 'resource' ? latchOf(one.account, one.of, id) : id);
    }
  }
}

/** Some ids of resources are names, which other accounts and kinds may have too. */
export function latchOf(account: string, kind: ResourceKind, id: string): string {
  return `${account}/${kind}/${id}`;
}
