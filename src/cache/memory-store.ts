/**
 * Objects in memory: a bounded number of bytes, of which S3-FIFO chooses the objects (edge contract
 * 5.10, rule 52). Everything counts: bodies, heads, keys, what is being filled, and what
 * was dropped while a viewer still reads it; so the bound holds however slow viewers are.
 */
import type { HeaderList } from '../http/header-list.ts';
import { S3Fifo } from './s3-fifo.ts';
import {
  type Filling,
  ObjectLost,
  type ObjectStore,
  type StoredBody,
  type StoredObject,
} from './stored-object.ts';

export type MemoryStoreBounds = {
  readonly bytesMax: number;
  readonly bodyBytesMax: number;
};

/**
 * What an object costs beside its texts and its body: objects of V8, map entry, place in a queue, and
 * what the allocator adds to a body. Measured: 1,100 bytes in the heap, and 200 to 900 outside of it.
 */
const overheadBytes = 1_536;
/** So much of the room may be taken by bodies that are still arriving. */
const fillingShareMax = 0.5;
/** A body up to this size is laid together once, so that no hit has to do it. */
const joinedBytesMax = 262_144;

type Held = { readonly object: StoredObject; readonly bytes: number };

export class MemoryStore implements ObjectStore {
  readonly #bounds: MemoryStoreBounds;
  readonly #objects: S3Fifo<Held>;
  readonly #room: Room;
  #generation = 0;

  constructor(bounds: MemoryStoreBounds) {
    this.#bounds = bounds;
    this.#objects = new S3Fifo(bounds.bytesMax);
    this.#room = { used: 0, filling: 0 };
  }

  /** Bytes accounted for at this moment. */
  get bytes(): number {
    return this.#room.used;
  }

  get size(): number {
    return this.#objects.size;
  }

  find(key: string): StoredObject | undefined {
    return this.#objects.use(key)?.object;
  }

  findAtHand(key: string): StoredObject | undefined {
    return this.find(key);
  }

  fill(_key: string, length: number | undefined): Filling | undefined {
    if (length !== undefined && length > this.#bounds.bodyBytesMax) return undefined;
    return new MemoryFilling({
      ...this.#bounds,
      fillingBytesMax: this.#bounds.bytesMax * fillingShareMax,
      room: this.#room,
      generation: this.#generation,
      currentGeneration: () => this.#generation,
      makeRoom: () => this.#makeRoom(),
      put: (object) => this.put(object),
    });
  }

  put(object: StoredObject): void {
    // A fetch that began earlier may end later; it does not bring the older object back.
    const before = this.#objects.peek(object.key);
    if (before !== undefined && before.object.fetchedAt > object.fetchedAt) return;
    const held = { object, bytes: costOf(object) };
    this.#room.used += held.bytes;
    bodyOf(object)?.join();
    if (before !== undefined) this.#release(before);
    this.#objects.set(object.key, held, held.bytes + (object.body?.length ?? 0));
    this.#makeRoom();
  }

  drop(key: string): void {
    const held = this.#objects.delete(key);
    if (held !== undefined) this.#release(held);
  }

  clear(): void {
    this.#generation += 1;
    for (const key of this.#objects.keys()) this.drop(key);
  }

  close(): Promise<void> {
    this.clear();
    return Promise.resolve();
  }

  /** Whether that is a body of this store. */
  owns(body: StoredBody | undefined): boolean {
    return body instanceof MemoryBody;
  }

  #makeRoom(): void {
    while (this.#room.used > this.#bounds.bytesMax) {
      const evicted = this.#objects.evict();
      if (evicted === undefined) return;
      this.#release(evicted.value);
    }
  }

  #release({ bytes, object }: Held): void {
    this.#room.used -= bytes;
    bodyOf(object)?.leave();
  }
}

/** The count that the store, its fillings and its bodies share. */
type Room = { used: number; filling: number };

class MemoryBody implements StoredBody {
  readonly length: number;
  readonly bytes: Uint8Array | undefined;
  readonly #pieces: readonly Uint8Array[];
  readonly #room: Room;
  /** Objects and viewers that have need of the bytes. */
  #holders = 0;

  constructor(pieces: readonly Uint8Array[], length: number, room: Room) {
    this.#pieces = pieces;
    this.bytes = pieces.length === 1 ? pieces[0] : undefined;
    this.length = length;
    this.#room = room;
  }

  *read(start: number, end: number): Iterable<Uint8Array> {
    let at = 0;
    for (const piece of this.#pieces) {
      const from = Math.max(start - at, 0);
      const to = Math.min(end - at, piece.length);
      at += piece.length;
      if (from >= piece.length) continue;
      if (to <= 0) return;
      yield from === 0 && to === piece.length ? piece : piece.subarray(from, to);
    }
  }

  hold(): () => void {
    this.join();
    let held = true;
    return () => {
      if (held) this.leave();
      held = false;
    };
  }

  join(): void {
    if (this.#holders === 0) this.#room.used += this.length;
    this.#holders += 1;
  }

  leave(): void {
    this.#holders -= 1;
    if (this.#holders === 0) this.#room.used -= this.length;
  }
}

type FillingParts = MemoryStoreBounds & {
  readonly fillingBytesMax: number;
  readonly room: Room;
  readonly generation: number;
  readonly currentGeneration: () => number;
  readonly makeRoom: () => void;
  readonly put: (object: StoredObject) => void;
};

class MemoryFilling implements Filling {
  readonly #parts: FillingParts;
  #pieces: Uint8Array[] = [];
  #length = 0;
  #open = true;

  constructor(parts: FillingParts) {
    this.#parts = parts;
  }

  add(piece: Uint8Array): boolean {
    if (!this.#open) return false;
    const { bodyBytesMax, bytesMax, fillingBytesMax, makeRoom, room } = this.#parts;
    if (
      this.#length + piece.length > bodyBytesMax ||
      room.filling + piece.length > fillingBytesMax
    ) {
      this.abandon();
      return false;
    }
    // A copy, since a piece may be a small part of a large buffer that it would keep alive.
    const copy = new Uint8Array(piece.length);
    copy.set(piece);
    this.#pieces.push(copy);
    this.#length += piece.length;
    room.filling += piece.length;
    room.used += piece.length;
    makeRoom();
    // What slow viewers still read cannot be dropped; then there is no room for more.
    if (room.used > bytesMax) this.abandon();
    return this.#open;
  }

  /** Memory is as fast as whoever fills it. */
  room(): undefined {
    return undefined;
  }

  readSoFar(at: number): Uint8Array {
    let start = 0;
    for (const piece of this.#pieces) {
      if (at < start + piece.length) return piece.subarray(at - start);
      start += piece.length;
    }
    throw new ObjectLost('what was kept so far was given up');
  }

  finish(object: Omit<StoredObject, 'body'>): StoredObject | undefined {
    if (!this.#open) return undefined;
    const pieces =
      this.#length <= joinedBytesMax ? joined(this.#pieces, this.#length) : this.#pieces;
    const body = new MemoryBody(pieces, this.#length, this.#parts.room);
    this.abandon();
    if (this.#parts.generation !== this.#parts.currentGeneration()) return undefined;
    const whole = { ...object, body };
    this.#parts.put(whole);
    return whole;
  }

  abandon(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#parts.room.filling -= this.#length;
    this.#parts.room.used -= this.#length;
    this.#pieces = [];
  }
}

function joined(pieces: readonly Uint8Array[], length: number): readonly Uint8Array[] {
  if (pieces.length < 2) return pieces;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return [whole];
}

function bodyOf({ body }: StoredObject): MemoryBody | undefined {
  return body instanceof MemoryBody ? body : undefined;
}

/** Of the object alone: a body counts once, however many objects and viewers share it. */
function costOf({ headers, key }: StoredObject): number {
  return overheadBytes + key.length + headersLength(headers);
}

function headersLength(headers: HeaderList): number {
  let length = 0;
  for (const text of headers) length += text.length;
  return length;
}
