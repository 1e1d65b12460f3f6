/**
 * What an edge remembers of keys beside the objects themselves. All of it is bounded, and all of it
 * may be forgotten: without it the origin is asked more often, and nothing wrong is served.
 */
import { BoundedMap } from '../base/bounded-map.ts';
import type { Instant } from '../base/clock.ts';
import type { Revision } from '../base/log-record.ts';
import { InFlights } from './in-flight.ts';
import type { RefusalPage } from './pages.ts';
import { PartIndex } from './part-index.ts';

export type FailureNote = {
  /** The origin is left alone for so long, on the monotonic clock. */
  readonly untilMs: number;
  readonly sinceMs: number;
  /** What is answered meanwhile; undefined: what is stale. */
  readonly page: RefusalPage | undefined;
  readonly fetchedAt: Revision;
};

const keysMax = 20_000;

export class CacheNotes {
  readonly inFlights = new InFlights();
  readonly parts = new PartIndex();
  /** Failures of origins (5.7, rule 32, and 5.8, rule 38). */
  readonly failures = new BoundedMap<string, FailureNote>(keysMax);
  /** Key → until when requests for it do not wait for one another (5.9, rule 42). */
  readonly unshared = new BoundedMap<string, number>(keysMax);
  /** Key → fields that its answers vary by; under `--standards`. */
  readonly variants = new BoundedMap<string, readonly string[]>(keysMax);
  /** Distribution and URL → when an unsafe method last changed it; under `--standards`. */
  readonly writes = new BoundedMap<string, Instant>(keysMax);
  #era = 0;

  /** Which history of the log the objects are of; what was asked for in an earlier one is not kept. */
  get era(): number {
    return this.#era;
  }

  /** With all objects; fetches under way are then nobody's but their own viewers'. */
  forget(): void {
    this.#era += 1;
    this.inFlights.clear();
    this.parts.clear();
    for (const notes of [this.failures, this.unshared, this.variants, this.writes]) notes.clear();
  }
}
