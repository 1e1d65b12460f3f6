/**
 * The control plane's own fold of the log. The catalog in use stands until a snapshot beside it is
 * whole; who waits for a position is told when the catalog has reached it.
 */
import type { Clock } from '../base/clock.ts';
import type { Cursor, LogRecord } from '../base/log-record.ts';
import type { LogReader } from '../log/log.ts';
import { Catalog, type Touched } from '../model/catalog.ts';

type Waiter = { readonly revision: number; readonly resolve: () => void };

export type Hear = (record: LogRecord, touched: readonly Touched[]) => void;

export class CatalogFollower {
  readonly #reader: Pick<LogReader, 'tail'>;
  readonly #hear: Hear;
  readonly #clock: Clock;
  readonly #waiters = new Set<Waiter>();
  #catalog = new Catalog();
  #standing: Cursor | undefined;
  #contact = false;
  #lostAtMs: number;

  constructor(reader: Pick<LogReader, 'tail'>, clock: Clock, hear: Hear) {
    this.#reader = reader;
    this.#clock = clock;
    this.#hear = hear;
    this.#lostAtMs = clock.monotonicMs();
  }

  /** How long the log has been out of reach; 0 while it is not. */
  get lostForMs(): number {
    return this.#contact ? 0 : this.#clock.monotonicMs() - this.#lostAtMs;
  }

  get catalog(): Catalog {
    return this.#catalog;
  }

  /** The point the catalog stands at; undefined until the log was read, and while it is out of reach. */
  get standing(): Cursor | undefined {
    return this.#contact ? this.#standing : undefined;
  }

  /** Ends when `signal` is aborted or the log is closed. */
  async run(signal: AbortSignal): Promise<void> {
    let building: Catalog | undefined;
    for await (const event of this.#reader.tail(undefined, signal)) {
      if (event.kind === 'snapshot') {
        building = new Catalog();
      } else if (event.kind === 'record') {
        if (building !== undefined) building.apply(event.record);
        else this.#hear(event.record, this.#catalog.apply(event.record));
      } else if (event.kind === 'caughtUp') {
        if (building !== undefined) this.#catalog = building;
        building = undefined;
        this.#standing = event.cursor;
        this.#contact = true;
        this.#tellWaiters(event.cursor.revision);
      } else this.#lose();
    }
    this.#lose();
  }

  #lose(): void {
    if (this.#contact) this.#lostAtMs = this.#clock.monotonicMs();
    this.#contact = false;
  }

  /** Resolves once the catalog stands at `revision` or beyond; rejects when `signal` is aborted. */
  folded(revision: number, signal: AbortSignal): Promise<void> {
    const { standing } = this;
    if (standing !== undefined && standing.revision >= revision) return Promise.resolve();
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const onAbort = (): void => {
        this.#waiters.delete(waiter);
        reject(signal.reason);
      };
      const waiter = {
        revision,
        resolve: (): void => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(waiter);
    });
  }

  #tellWaiters(revision: number): void {
    for (const waiter of this.#waiters) {
      if (waiter.revision > revision) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }
}
