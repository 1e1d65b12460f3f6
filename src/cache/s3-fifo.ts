/**
 * The order in which objects are evicted: S3-FIFO (Yang, Zhang, Qiu, Yue, Vinayak: FIFO queues are
 * all you need for cache eviction, SOSP 2023), for objects of different sizes. docs/decisions/0015
 *
 *   new ──► small (a tenth) ──asked for again──► main (the rest) ──asked for again──┐
 *              │ no                               ▲    │ no        ▲                │
 *              ▼                                  │    ▼           └────────────────┘
 *            ghosts ──────comes back──────────────┘   gone
 *
 * What is asked for once, such as by whoever reads a whole site, passes through the small queue and
 * takes nothing of the main one. A hit counts a number up and moves nothing.
 */
import assert from 'node:assert/strict';
import { GhostKeys } from './ghost-keys.ts';

export type S3FifoBounds = {
  /** The share that the small queue takes when there is no room. */
  readonly smallBytesMax: number;
  /** Of evicted keys, remembered; how many really are follows from how many objects are held. */
  readonly ghostsMax: number;
};

/** An item at its place in one of the queues. */
export type Placed<Item> = {
  item: Item;
  bytes: number;
  readonly hash: number;
  /** Uses since it came to its place, 0 to `usesMax`. */
  uses: number;
  queue: Queue<Item>;
  newer: Placed<Item> | undefined;
  older: Placed<Item> | undefined;
};

/** More uses than these earn no more rounds through the main queue. */
const usesMax = 3;

export class S3Fifo<Item> {
  readonly #bounds: S3FifoBounds;
  readonly #small = new Queue<Item>();
  readonly #main = new Queue<Item>();
  readonly #ghosts: GhostKeys;

  constructor(bounds: S3FifoBounds) {
    this.#bounds = bounds;
    this.#ghosts = new GhostKeys(bounds.ghostsMax);
  }

  get size(): number {
    return this.#small.size + this.#main.size;
  }

  add(item: Item, bytes: number, hash: number): Placed<Item> {
    const queue = this.#ghosts.take(hash, this.size) ? this.#main : this.#small;
    const placed = { item, bytes, hash, uses: 0, queue, newer: undefined, older: undefined };
    queue.add(placed);
    return placed;
  }

  /** Whether that made a difference: uses are counted up to a bound. */
  use(placed: Placed<Item>): boolean {
    if (placed.uses === usesMax) return false;
    placed.uses += 1;
    return true;
  }

  /** Another item in the same place. */
  replace(placed: Placed<Item>, item: Item, bytes: number): void {
    placed.queue.bytes += bytes - placed.bytes;
    placed.item = item;
    placed.bytes = bytes;
  }

  remove(placed: Placed<Item>): void {
    placed.queue.remove(placed);
  }

  /** Takes out the item that is to go next; undefined when there is none. */
  evict(): Placed<Item> | undefined {
    for (;;) {
      const fromSmall = this.#main.oldest === undefined || this.#smallIsFull();
      const placed = fromSmall ? this.#small.oldest : this.#main.oldest;
      if (placed === undefined) return undefined;
      placed.queue.remove(placed);
      if (placed.uses === 0) {
        if (fromSmall) this.#ghosts.add(placed.hash, this.size);
        return placed;
      }
      placed.uses = fromSmall ? 0 : placed.uses - 1;
      this.#main.add(placed);
    }
  }

  clear(): void {
    this.#small.clear();
    this.#main.clear();
    this.#ghosts.clear();
  }

  /** The newest one stays, however large: it was asked for just now. */
  #smallIsFull(): boolean {
    return this.#small.size > 1 && this.#small.bytes > this.#bounds.smallBytesMax;
  }
}

class Queue<Item> {
  oldest: Placed<Item> | undefined;
  #newest: Placed<Item> | undefined;
  bytes = 0;
  size = 0;

  add(placed: Placed<Item>): void {
    placed.queue = this;
    placed.older = this.#newest;
    placed.newer = undefined;
    if (this.#newest === undefined) this.oldest = placed;
    else this.#newest.newer = placed;
    this.#newest = placed;
    this.bytes += placed.bytes;
    this.size += 1;
  }

  remove(placed: Placed<Item>): void {
    assert(placed.queue === this, 'what is removed is in the queue');
    const { newer, older } = placed;
    if (older === undefined) this.oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
    placed.newer = undefined;
    placed.older = undefined;
    this.bytes -= placed.bytes;
    this.size -= 1;
  }

  clear(): void {
    this.oldest = undefined;
    this.#newest = undefined;
    this.bytes = 0;
    this.size = 0;
  }
}
