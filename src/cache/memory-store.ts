/**
 * Objects in memory: a bounded number of bytes, evicted in the order of S3-FIFO (edge contract 5.10,
 * rule 52; docs/decisions/0015). Everything counts: bodies, heads, keys, what is being filled, and
 * what was dropped while a viewer still reads it; so the bound holds however slow viewers are.
 */
import { drawHashSeed, hashKey, type HashSeed } from './key-hash.ts';
import { MemoryBody, MemoryFilling, type Room } from './memory-body.ts';
import { type Placed, S3Fifo } from './s3-fifo.ts';
import { SharedTexts } from './shared-texts.ts';
import type { ObjectStore, StoredObject } from './stored-object.ts';
import type { HeaderList } from '../http/header-list.ts';
import type { Randomness } from '../base/randomness.ts';

export type MemoryStoreOptions = {
  readonly bytesMax: number;
  readonly bodyBytesMax: number;
  readonly randomness: Randomness;
  /** Called when the use of an object made a difference to how long it is kept. */
  readonly onUse?: (key: string) => void;
};

/** What an object costs beside its bytes: objects, map entry, buffer, rounding; as measured. */
const overheadBytes = 900;
/** Likewise each text of its head, beside its characters. */
const textBytes = 16;
/** So much of the room may be taken by bodies that are still arriving. */
const fillingShareMax = 0.5;
const smallShare = 0.1;
/** Each takes 32 bytes. */
const ghostsMax = 262_144;

export class MemoryStore implements ObjectStore {
  readonly #options: MemoryStoreOptions;
  readonly #seed: HashSeed;
  readonly #objects = new Map<string, Placed<StoredObject>>();
  readonly #order: S3Fifo<StoredObject>;
  readonly #texts = new SharedTexts();
  readonly #room: Room = { used: 0, filling: 0 };
  #generation = 0;

  constructor(options: MemoryStoreOptions) {
    this.#options = options;
    this.#seed = drawHashSeed(options.randomness);
    this.#order = new S3Fifo({ smallBytesMax: options.bytesMax * smallShare, ghostsMax });
  }

  /** Bytes accounted for at this moment. */
  get bytes(): number {
    return this.#room.used;
  }

  get size(): number {
    return this.#objects.size;
  }

  find(key: string): StoredObject | undefined {
    const placed = this.#objects.get(key);
    if (placed === undefined) return undefined;
    if (this.#order.use(placed)) this.#options.onUse?.(key);
    return placed.item;
  }

  /** Whether it would be found; that it was asked for does not count. */
  has(key: string): boolean {
    return this.#objects.has(key);
  }

  fill(_key: string, length: number | undefined): MemoryFilling | undefined {
    const { bodyBytesMax, bytesMax } = this.#options;
    if (length !== undefined && length > bodyBytesMax) return undefined;
    const generation = this.#generation;
    return new MemoryFilling({
      bytesMax,
      bodyBytesMax,
      fillingBytesMax: bytesMax * fillingShareMax,
      room: this.#room,
      length,
      isVoid: () => generation !== this.#generation,
      makeRoom: () => this.#makeRoom(),
      put: (object) => this.put(object),
    });
  }

  put(object: StoredObject): void {
    const { body, headers, key } = object;
    const placed = this.#objects.get(key);
    // A fetch that began earlier may end later; it does not bring the older object back.
    if (placed !== undefined && placed.item.fetchedAt > object.fetchedAt) return;
    if (body !== undefined && !this.#isOwn(body)) return this.drop(key);
    const bytes = costOf(object);
    const kept = { ...object, headers: this.#texts.headers(headers) };
    // The new one joins before the old one leaves: they may share a body.
    if (body !== undefined) body.join();
    this.#room.used += bytes;
    if (placed === undefined) {
      this.#objects.set(key, this.#order.add(kept, bytes, hashKey(key, this.#seed)));
    } else {
      this.#room.used -= placed.bytes;
      const before = placed.item;
      this.#order.replace(placed, kept, bytes);
      bodyOf(before)?.leave();
    }
    this.#makeRoom();
  }

  drop(key: string): void {
    const placed = this.#objects.get(key);
    if (placed === undefined) return;
    this.#order.remove(placed);
    this.#forget(placed);
  }

  clear(): void {
    this.#generation += 1;
    for (const placed of this.#objects.values()) this.#forget(placed);
    this.#order.clear();
  }

  #isOwn(body: StoredObject['body']): body is MemoryBody {
    return body instanceof MemoryBody && body.isIn(this.#room);
  }

  #makeRoom(): void {
    while (this.#room.used > this.#options.bytesMax) {
      const placed = this.#order.evict();
      if (placed === undefined) return;
      this.#forget(placed);
    }
  }

  #forget({ bytes, item }: Placed<StoredObject>): void {
    this.#objects.delete(item.key);
    this.#room.used -= bytes;
    bodyOf(item)?.leave();
  }
}

function bodyOf({ body }: StoredObject): MemoryBody | undefined {
  return body instanceof MemoryBody ? body : undefined;
}

/** Of the object alone: a body counts once, however many objects and viewers share it. */
function costOf({ headers, key }: StoredObject): number {
  return overheadBytes + key.length + headersBytes(headers);
}

function headersBytes(headers: HeaderList): number {
  let bytes = headers.length * textBytes;
  for (const text of headers) bytes += text.length;
  return bytes;
}
