/**
 * Which of many entries to keep within a number of bytes: S3-FIFO (Yang et al., "FIFO queues are all
 * you need for cache eviction", SOSP 2023). New entries wait in a small queue; those that were used
 * there more than once go on into the main queue, the others are let go and only remembered, so that
 * a scan passes through the small queue and leaves the main one as it is. A use counts up to three
 * and moves nothing, which is what makes a hit cheap.
 *
 *   new ─► small ──used again──► main ──used since──┐
 *            │                    ▲ │ ◄─────────────┘ one use less
 *            └─► ghost ──new again┘ └─► let go
 */
import assert from 'node:assert/strict';

const smallShare = 0.1;
const usesMax = 3;
/** In the small queue: so often, and an entry is worth keeping. */
const usesToStay = 2;
/** Even a small cache remembers so many. */
const ghostsMin = 64;

type Queue<Value> = { readonly end: Entry<Value>; bytes: number; size: number };

class Entry<Value> {
  readonly key: string;
  value: Value | undefined;
  bytes: number;
  uses = 0;
  queue: Queue<Value> | undefined;
  /** By itself, it is its own neighbor. */
  before: Entry<Value> = this;
  after: Entry<Value> = this;

  constructor(key: string, value: Value | undefined, bytes: number) {
    this.key = key;
    this.value = value;
    this.bytes = bytes;
  }
}

export type Evicted<Value> = { readonly key: string; readonly value: Value };

export class S3Fifo<Value extends object> {
  readonly #smallBytesMax: number;
  readonly #entries = new Map<string, Entry<Value>>();
  readonly #small: Queue<Value> = createQueue();
  readonly #main: Queue<Value> = createQueue();
  /** Hashes of the keys of entries that left the small queue, the oldest first. */
  readonly #ghosts = new Set<number>();
  /** Stands before the oldest of them; one made anew would step over all that were deleted before. */
  readonly #oldestGhosts = this.#ghosts.values();

  /** `bytesMax`: what the entries are meant to have together; whoever sets more evicts. */
  constructor(bytesMax: number) {
    this.#smallBytesMax = bytesMax * smallShare;
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#small.bytes + this.#main.bytes;
  }

  /** In no order. */
  keys(): Iterable<string> {
    return this.#entries.keys();
  }

  /** A use. */
  use(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.uses < usesMax) entry.uses += 1;
    return entry.value;
  }

  /** No use. */
  peek(key: string): Value | undefined {
    return this.#entries.get(key)?.value;
  }

  /** What stands under the key keeps its place and its uses; the answer is what it was. */
  set(key: string, value: Value, bytes: number): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry !== undefined) {
      const before = entry.value;
      if (entry.queue !== undefined) entry.queue.bytes += bytes - entry.bytes;
      entry.value = value;
      entry.bytes = bytes;
      return before;
    }
    const added = new Entry(key, value, bytes);
    this.#entries.set(key, added);
    append(this.#ghosts.delete(hashOf(key)) ? this.#main : this.#small, added);
    return undefined;
  }

  delete(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    unlink(entry);
    return entry.value;
  }

  /** Lets one entry go; undefined when there is none. */
  evict(): Evicted<Value> | undefined {
    const fromSmall = this.#small.bytes > this.#smallBytesMax || this.#main.size === 0;
    return fromSmall
      ? (this.#evictFromSmall() ?? this.#evictFromMain())
      : (this.#evictFromMain() ?? this.#evictFromSmall());
  }

  #evictFromSmall(): Evicted<Value> | undefined {
    for (let entry = oldest(this.#small); entry !== undefined; entry = oldest(this.#small)) {
      unlink(entry);
      if (entry.uses < usesToStay) {
        this.#remember(entry.key);
        return this.#letGo(entry);
      }
      entry.uses = 0;
      append(this.#main, entry);
    }
    return undefined;
  }

  #evictFromMain(): Evicted<Value> | undefined {
    for (let entry = oldest(this.#main); entry !== undefined; entry = oldest(this.#main)) {
      unlink(entry);
      if (entry.uses === 0) return this.#letGo(entry);
      entry.uses -= 1;
      append(this.#main, entry);
    }
    return undefined;
  }

  #letGo({ key, value }: Entry<Value>): Evicted<Value> | undefined {
    this.#entries.delete(key);
    return value === undefined ? undefined : { key, value };
  }

  /** As many as there are entries in the main queue, so what is remembered grows with what is kept. */
  #remember(key: string): void {
    const hash = hashOf(key);
    this.#ghosts.delete(hash);
    this.#ghosts.add(hash);
    const max = Math.max(ghostsMin, this.#main.size);
    while (this.#ghosts.size > max) {
      const oldest = this.#oldestGhosts.next();
      assert(!oldest.done, 'whatever is left of the set comes after what was forgotten');
      this.#ghosts.delete(oldest.value);
    }
  }
}

/** A ring whose end is no entry, so that no link is ever empty. */
function createQueue<Value>(): Queue<Value> {
  return { end: new Entry<Value>('', undefined, 0), bytes: 0, size: 0 };
}

function append<Value>(queue: Queue<Value>, entry: Entry<Value>): void {
  const { end } = queue;
  entry.queue = queue;
  entry.before = end.before;
  entry.after = end;
  end.before.after = entry;
  end.before = entry;
  queue.bytes += entry.bytes;
  queue.size += 1;
}

function unlink<Value>(entry: Entry<Value>): void {
  const { queue } = entry;
  if (queue === undefined) return;
  entry.before.after = entry.after;
  entry.after.before = entry.before;
  entry.queue = undefined;
  queue.bytes -= entry.bytes;
  queue.size -= 1;
}

function oldest<Value>({ end }: Queue<Value>): Entry<Value> | undefined {
  return end.after === end ? undefined : end.after;
}

/** FNV-1a; two keys of one hash are remembered as one, which costs nothing but a little judgement. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
