/**
 * What every part of the control plane works with: the catalog as it stands, the one way to write,
 * what the edges have taken, and paging.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock, Instant } from '../base/clock.ts';
import type { Cursor, Revision } from '../base/log-record.ts';
import type { Randomness } from '../base/randomness.ts';
import type { Recorder } from '../base/recorder.ts';
import { changesPerAppendMax, type ChangeLog, type LogRoom } from '../log/log.ts';
import type { Liveness, Presence } from '../log/presence.ts';
import { isFurther } from '../log/report-rules.ts';
import type { Catalog } from '../model/catalog.ts';
import { byCreation, type CreationOrder } from '../model/creation-order.ts';
import type { Decision, Facts, Step } from '../model/decision.ts';
import type { At } from '../model/document-index.ts';
import { createMint, type Mint } from '../model/ids.ts';
import type { Limits } from '../model/limits.ts';
import { Refusal } from '../model/refusal.ts';
import type { ControlEvent, Page, PageRequest } from './control.ts';
import { CatalogFollower } from './follower.ts';
import { SharedAsking } from './shared-asking.ts';
import { unknownMarker } from './markers.ts';
import { reachedBy } from './status.ts';
import { Writer } from './writer.ts';

export type ControlParts = {
  readonly log: ChangeLog;
  /** Where the log's home says what room it has. */
  readonly room?: (() => LogRoom) | undefined;
  readonly presence: Pick<Presence, 'latch' | 'live'>;
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

/** A log that has not said by then how far it is counts as out of reach for this reading. */
const refreshMsMax = 2_000;

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

export class ControlCore {
  readonly #parts: ControlParts;
  readonly #stop = new AbortController();
  readonly #mint: Mint;
  readonly #living: SharedAsking<Liveness>;
  readonly #heads: SharedAsking<Cursor>;
  /** All live edges have served up to here at one moment. */
  #reached: Cursor | undefined;
  /** When the catalog was last known to be as new as the log. */
  #asOf: Instant;
  readonly #follower: CatalogFollower;
  readonly #writer: Writer;
  readonly #calls = new AsyncLocalStorage<string>();
  readonly #listeners = new Set<(event: ControlEvent) => void>();
  #running: Promise<void> = Promise.resolve();

  constructor(parts: ControlParts) {
    const { clock, log, randomness } = parts;
    this.#parts = parts;
    this.#mint = createMint(randomness);
    const { signal } = this.#stop;
    this.#asOf = clock.now();
    this.#living = new SharedAsking(() => this.#askPresence(signal));
    this.#heads = new SharedAsking(() => log.head(signal));
    this.#follower = new CatalogFollower(log, clock, (record) => {
      const keys = record.changes.map(({ key }) => key);
      this.tell({ kind: 'record', revision: record.revision, keys });
    });
    this.#writer = new Writer({
      log,
      clock,
      randomness,
      signal,
      standing: () => this.#follower.standing,
      lostForMs: () => this.#follower.lostForMs,
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

  /**
   * Brings the catalog up to what any process has appended so far. Where the log does not answer,
   * the answer is since when the catalog may be old, and it is read as it stands.
   */
  async refresh(): Promise<Instant | undefined> {
    if (this.#follower.standing === undefined) return this.#asOf;
    const begun = this.now();
    try {
      await this.#inTime(async (signal) => {
        const { revision } = await Promise.race([this.#heads.ask(), rejection(signal)]);
        await this.#follower.folded(revision, signal);
      });
      this.#asOf = begun;
      return undefined;
    } catch (error) {
      this.#parts.recorder.debug({ error }, 'the log does not say how far it is');
      return this.#asOf;
    }
  }

  async #inTime(act: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const late = new AbortController();
    const cancel = this.#parts.clock.after(refreshMsMax, () =>
      late.abort(new Error(`the log has not answered within ${refreshMsMax} ms`)),
    );
    try {
      await act(AbortSignal.any([late.signal, this.#stop.signal]));
    } finally {
      cancel();
    }
  }

  /** Rejects where presence does not answer. */
  ask(): Promise<Liveness> {
    return this.#living.ask();
  }

  /** Presence that cannot tell makes no reading fail: nothing is deployed as far as is known. */
  async liveness(): Promise<KnownLiveness> {
    if (this.#follower.standing === undefined) return undefined;
    try {
      return await this.#living.ask();
    } catch (error) {
      this.#parts.recorder.warn(
        { error },
        'presence does not answer, so nothing new is called Deployed',
      );
      return undefined;
    }
  }

  /**
   * Do all live edges serve this change of something that may have changed again? While the log or
   * presence does not answer, nobody can tell, whatever was said before.
   */
  isDeployed(change: Revision, liveness: KnownLiveness): boolean {
    return liveness !== undefined && this.hasReached(change);
  }

  /** Do all live edges serve this change, or did they once? Once said, it stays said. */
  hasReached(change: Revision): boolean {
    return this.#reached !== undefined && this.#reached.revision >= change;
  }

  /** What was reached is kept for every API process before this one says so. */
  async #askPresence(signal: AbortSignal): Promise<Liveness> {
    const { presence } = this.#parts;
    const liveness = await presence.live(signal);
    // By then it knows of every edge that may be live: one that another process registered, too.
    const { revision } = liveness.head;
    await this.#inTime((inTime) => this.#follower.folded(revision, inTime));
    const reached = reachedBy(this.catalog.edges, liveness);
    if (reached !== undefined && isFurther(reached, liveness.reached)) {
      await presence.latch(reached, signal);
    }
    if (this.#reached?.logId !== liveness.head.logId) this.#reached = undefined;
    if (reached !== undefined && isFurther(reached, this.#reached)) this.#reached = reached;
    return liveness;
  }

  /**
   * Documents tell which operation changed them last. Its name goes with what the operation leads to
   * instead of with every argument on the way, since no decision depends on it.
   */
  during<Answer>(call: string, act: () => Promise<Answer>): Promise<Answer> {
    return this.#calls.run(call, act);
  }

  /** For a decision that does not depend on what the edges have taken. */
  write<Answer>(decide: (catalog: Catalog, facts: Facts) => Decision<Answer>): Promise<Answer> {
    return this.#writer.write(() => decide(this.catalog, this.#facts()));
  }

  /** Asks presence before each decision. */
  writeKnowing<Answer>(
    decide: (catalog: Catalog, facts: Facts) => Decision<Answer>,
  ): Promise<Answer> {
    return this.#writer.write(async () => {
      await this.liveness();
      return decide(this.catalog, this.#facts());
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
    const start = marker === undefined ? 0 : this.#startOfPage(items, marker);
    const page = items.slice(start, start + maxItems);
    return { items: page, truncated: start + page.length < items.length };
  }

  #startOfPage<Document extends CreationOrder>(
    items: readonly At<Document>[],
    marker: string,
  ): number {
    const index = items.findIndex(({ document }) => document.id === marker);
    if (index >= 0) return index + 1;
    const createdAt = this.catalog.departedAt(marker);
    if (createdAt === undefined) throw unknownMarker(marker);
    const after = items.findIndex(
      ({ document }) => byCreation(document, { createdAt, id: marker }) > 0,
    );
    return after < 0 ? items.length : after;
  }

  #facts(): Facts {
    const { accounts, clock, domain, limits } = this.#parts;
    return {
      now: clock.now(),
      call: this.#calls.getStore() ?? '',
      mint: this.#mint,
      limits,
      domain,
      accounts,
      deployed: (_, change) => this.hasReached(change),
    };
  }
}
