/**
 * Memory before disk. What is stored goes to both, each as far as it takes it: large objects to the
 * disk alone, errors to memory alone. So the disk has what memory lets go, and what a restart needs.
 * What is found on disk alone goes back to memory: at once where it is small, and when it is read
 * whole a second time where it is not.
 *
 * The two never tell different stories of a key: whatever one of them takes and the other does not
 * is dropped by the other.
 */
import { BoundedMap } from '../base/bounded-map.ts';
import type { DiskStore } from './disk-store.ts';
import type { MemoryStore } from './memory-store.ts';
import {
  type Filling,
  ObjectLost,
  type ObjectStore,
  type StoredBody,
  type StoredObject,
} from './stored-object.ts';

/** Read whole before it is given, so that it leaves with its head and damage makes a plain miss. */
const smallBytesMax = 65_536;
/** Keys that are remembered for having been asked of the disk once. */
const askedMax = 10_000;

type Head = Omit<StoredObject, 'body'>;

export class TieredStore implements ObjectStore {
  readonly #memory: MemoryStore;
  readonly #disk: DiskStore;
  /** A body that is given out → the same one on disk. */
  readonly #onDisk = new WeakMap<StoredBody, StoredBody>();
  readonly #asked = new BoundedMap<string, true>(askedMax);

  constructor(memory: MemoryStore, disk: DiskStore) {
    this.#memory = memory;
    this.#disk = disk;
  }

  find(key: string): StoredObject | undefined | Promise<StoredObject | undefined> {
    return this.#memory.find(key) ?? this.#disk.find(key)?.then((found) => this.#promote(found));
  }

  findAtHand(key: string): StoredObject | undefined {
    return this.#memory.find(key);
  }

  fill(key: string, length: number | undefined): Filling | undefined {
    const memory = this.#memory.fill(key, length);
    const disk = this.#disk.fill(key, length);
    if (memory === undefined && disk === undefined) return undefined;
    return new TieredFilling(memory, disk, (head, inMemory, onDisk) =>
      this.#settle(head, inMemory, onDisk),
    );
  }

  put(object: StoredObject): void {
    const { body, key } = object;
    const onDisk = body === undefined ? undefined : (this.#onDisk.get(body) ?? body);
    if (onDisk === undefined || !this.#disk.renew(object, onDisk)) this.#disk.drop(key);
    if (body === undefined || this.#memory.owns(body)) this.#memory.put(object);
    else this.#memory.drop(key);
  }

  drop(key: string): void {
    this.#memory.drop(key);
    this.#disk.drop(key);
  }

  clear(): void {
    this.#memory.clear();
    this.#disk.clear();
  }

  async close(): Promise<void> {
    await this.#memory.close();
    await this.#disk.close();
  }

  #settle(
    { key }: Head,
    inMemory: StoredObject | undefined,
    onDisk: StoredObject | undefined,
  ): StoredObject | undefined {
    if (inMemory === undefined && onDisk !== undefined) this.#memory.drop(key);
    if (inMemory !== undefined && onDisk === undefined) this.#disk.drop(key);
    this.#join(inMemory?.body, onDisk?.body);
    return inMemory ?? onDisk;
  }

  #join(given: StoredBody | undefined, onDisk: StoredBody | undefined): void {
    if (given !== undefined && onDisk !== undefined) this.#onDisk.set(given, onDisk);
  }

  #promote(
    found: StoredObject | undefined,
  ): StoredObject | undefined | Promise<StoredObject | undefined> {
    if (found?.body === undefined) return undefined;
    const { body, key } = found;
    if (body.length <= smallBytesMax) return this.#promoteWhole(found, body);
    if (this.#asked.get(key) === undefined) {
      this.#asked.set(key, true);
      return found;
    }
    const passing = new PassingBody(body, () => this.#promotionOf(found, body));
    this.#join(passing, body);
    return { ...found, body: passing };
  }

  async #promoteWhole(found: StoredObject, body: StoredBody): Promise<StoredObject | undefined> {
    const promotion = this.#promotionOf(found, body);
    if (promotion === undefined) return found;
    try {
      for await (const piece of body.read(0, body.length)) promotion.add(piece);
    } catch (error) {
      promotion.abandon();
      if (error instanceof ObjectLost) return undefined;
      throw error;
    }
    return promotion.finish() ?? found;
  }

  #promotionOf(found: StoredObject, body: StoredBody): Promotion | undefined {
    const filling = this.#memory.fill(found.key, body.length);
    if (filling === undefined) return undefined;
    return {
      add: (piece) => filling.add(piece),
      finish: () => {
        // It may have been replaced or dropped while it was read.
        if (!this.#disk.holds(found.key, body)) {
          filling.abandon();
          return undefined;
        }
        const promoted = filling.finish(found);
        this.#join(promoted?.body, body);
        return promoted;
      },
      abandon: () => filling.abandon(),
    };
  }
}

type Promotion = {
  readonly add: (piece: Uint8Array) => boolean;
  readonly finish: () => StoredObject | undefined;
  readonly abandon: () => void;
};

/** A body on disk that goes to memory as it passes, where it is read whole. */
class PassingBody implements StoredBody {
  readonly length: number;
  readonly #body: StoredBody;
  readonly #promotion: () => Promotion | undefined;

  constructor(body: StoredBody, promotion: () => Promotion | undefined) {
    this.#body = body;
    this.#promotion = promotion;
    this.length = body.length;
  }

  read(start: number, end: number): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
    const isWhole = start === 0 && end === this.length;
    return isWhole ? this.#readWhole() : this.#body.read(start, end);
  }

  hold(): () => void {
    return this.#body.hold();
  }

  async *#readWhole(): AsyncGenerator<Uint8Array> {
    const promotion = this.#promotion();
    let isWhole = false;
    try {
      for await (const piece of this.#body.read(0, this.length)) {
        promotion?.add(piece);
        yield piece;
      }
      isWhole = true;
    } finally {
      if (isWhole) promotion?.finish();
      else promotion?.abandon();
    }
  }
}

type Settle = (
  head: Head,
  inMemory: StoredObject | undefined,
  onDisk: StoredObject | undefined,
) => StoredObject | undefined;

class TieredFilling implements Filling {
  #memory: Filling | undefined;
  #disk: Filling | undefined;
  readonly #settle: Settle;

  constructor(memory: Filling | undefined, disk: Filling | undefined, settle: Settle) {
    this.#memory = memory;
    this.#disk = disk;
    this.#settle = settle;
  }

  add(piece: Uint8Array): boolean {
    if (this.#memory?.add(piece) === false) this.#memory = undefined;
    if (this.#disk?.add(piece) === false) this.#disk = undefined;
    return this.#memory !== undefined || this.#disk !== undefined;
  }

  room(): Promise<void> | undefined {
    return this.#disk?.room();
  }

  readSoFar(at: number): Uint8Array | Promise<Uint8Array> {
    const kept = this.#memory ?? this.#disk;
    if (kept === undefined) throw new ObjectLost('what was kept so far was given up');
    return kept.readSoFar(at);
  }

  finish(object: Head): StoredObject | undefined {
    const inMemory = this.#memory?.finish(object);
    const onDisk = this.#disk?.finish(object);
    return this.#settle(object, inMemory, onDisk);
  }

  abandon(): void {
    this.#memory?.abandon();
    this.#disk?.abandon();
  }
}
