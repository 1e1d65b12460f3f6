/**
 * Bodies in memory, arriving and whole. Both count in a room that they share with their store: what
 * arrives, what is stored, and what was dropped while a viewer still reads it.
 */
import type { Filling, ObjectHead, StoredBody, StoredObject } from './stored-object.ts';

/** Bytes in use, and how many of them belong to bodies that are still arriving. */
export type Room = { used: number; filling: number };

export class MemoryBody implements StoredBody {
  readonly length: number;
  readonly #pieces: readonly Uint8Array[];
  readonly #bytes: number;
  readonly #room: Room;
  /** Objects and viewers that have need of the bytes. */
  #holders = 0;

  constructor(pieces: readonly Uint8Array[], length: number, room: Room) {
    this.#pieces = pieces;
    this.length = length;
    this.#bytes = bytesOf(pieces);
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

  /** Of a store that is given the body back: whether it is one of its own. */
  isIn(room: Room): boolean {
    return this.#room === room;
  }

  join(): void {
    if (this.#holders === 0) this.#room.used += this.#bytes;
    this.#holders += 1;
  }

  leave(): void {
    this.#holders -= 1;
    if (this.#holders === 0) this.#room.used -= this.#bytes;
  }
}

export type MemoryFillingParts = {
  readonly bytesMax: number;
  readonly bodyBytesMax: number;
  readonly fillingBytesMax: number;
  readonly room: Room;
  /** As the origin declared it. */
  readonly length: number | undefined;
  /** Whether the store was cleared since. */
  readonly isVoid: () => boolean;
  readonly makeRoom: () => void;
  readonly put: (object: StoredObject) => void;
};

/** Pieces that arrive are gathered in chunks up to this size. */
const chunkBytesMax = 65_536;
/** So much of the last chunk may be wasted. */
const wasteShareMax = 0.125;

export class MemoryFilling implements Filling {
  readonly #parts: MemoryFillingParts;
  /** All full but the last. */
  #chunks: Uint8Array[] = [];
  /** Of the chunks, and what is filled of them. */
  #bytes = 0;
  #length = 0;
  #open = true;

  constructor(parts: MemoryFillingParts) {
    this.#parts = parts;
  }

  get length(): number {
    return this.#length;
  }

  add(piece: Uint8Array): boolean {
    if (!this.takes(piece.length)) {
      this.abandon();
      return false;
    }
    // A copy, since a piece may be a small part of a large buffer that it would keep alive.
    let rest = piece.subarray(this.#copyToLast(piece));
    while (rest.length > 0) {
      const chunk = new Uint8Array(this.#nextChunkBytes(rest.length));
      const taken = rest.subarray(0, chunk.length);
      chunk.set(taken);
      this.#chunks.push(chunk);
      this.#length += taken.length;
      this.#count(chunk.length);
      rest = rest.subarray(taken.length);
    }
    return true;
  }

  /** Whether so many bytes more could be added; makes room for them where that is possible. */
  takes(bytes: number): boolean {
    if (!this.#open) return false;
    const { bodyBytesMax, bytesMax, fillingBytesMax, makeRoom, room } = this.#parts;
    if (this.#length + bytes > bodyBytesMax) return false;
    const more = Math.max(0, bytes - (this.#bytes - this.#length));
    // A chunk may be begun with more room than is needed at once.
    const grown = more === 0 ? 0 : Math.max(more, this.#nextChunkBytes(more));
    if (room.filling + grown > fillingBytesMax) return false;
    room.used += grown;
    makeRoom();
    room.used -= grown;
    // What slow viewers still read cannot be dropped; then there is no room for more.
    return room.used + grown <= bytesMax;
  }

  ready(): undefined {
    return undefined;
  }

  finish(object: ObjectHead): StoredObject | undefined {
    if (!this.#open) return undefined;
    const body = new MemoryBody(this.surrender(), this.#length, this.#parts.room);
    if (this.#parts.isVoid()) return undefined;
    const whole = { ...object, body };
    this.#parts.put(whole);
    return whole;
  }

  abandon(): void {
    if (this.#open) this.surrender();
  }

  /** Abandons it, but for the bytes. */
  surrender(): readonly Uint8Array[] {
    if (!this.#open) return [];
    this.#open = false;
    this.#trim();
    this.#count(-this.#bytes);
    const chunks = this.#chunks;
    this.#chunks = [];
    return chunks;
  }

  /** How many bytes of the piece had room in the chunk that was begun last. */
  #copyToLast(piece: Uint8Array): number {
    const last = this.#chunks.at(-1);
    const free = this.#bytes - this.#length;
    if (last === undefined || free === 0) return 0;
    const taken = piece.subarray(0, free);
    last.set(taken, last.length - free);
    this.#length += taken.length;
    return taken.length;
  }

  /** What was declared, else as much again as there is: few chunks, and never more than twice. */
  #nextChunkBytes(needed: number): number {
    const declared = (this.#parts.length ?? 0) - this.#bytes;
    const wanted = declared > 0 ? declared : Math.max(needed, this.#length);
    return Math.min(wanted, chunkBytesMax);
  }

  #trim(): void {
    const last = this.#chunks.pop();
    if (last === undefined) return;
    const filled = last.length - (this.#bytes - this.#length);
    const isTight = last.length - filled <= this.#length * wasteShareMax;
    this.#chunks.push(isTight ? last.subarray(0, filled) : last.slice(0, filled));
    if (!isTight) this.#count(filled - last.length);
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    this.#parts.room.filling += bytes;
    this.#parts.room.used += bytes;
  }
}

/** Of what keeps them in memory, which may be a little more than they are long. */
function bytesOf(pieces: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const piece of pieces) bytes += piece.buffer.byteLength;
  return bytes;
}
