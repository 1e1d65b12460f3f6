/**
 * A filling for what is too large for the store in one: it becomes parts, each stored as soon as it is
 * whole, and the store lets go of each by itself (edge contract 6.1). What was stored stays when the
 * transfer breaks off, since every part is whole and stands under the object's validator.
 */
import { partKey } from '../cache/cache-key.ts';
import {
  type Filling,
  ObjectLost,
  type ObjectStore,
  type StoredObject,
} from '../cache/stored-object.ts';
import type { CacheNotes } from './cache-notes.ts';
import { partsMax, type PartsOf } from './part-index.ts';

const pieceBytes = 1_048_576;

export type PiecesOf = {
  /** Of the whole object. */
  readonly key: string;
  readonly of: Pick<PartsOf, 'validator' | 'total'>;
  /** Where in the object the body begins. */
  readonly start: number;
};

export class PieceFilling implements Filling {
  readonly #store: ObjectStore;
  readonly #notes: CacheNotes;
  readonly #era: number;
  readonly #pieces: PiecesOf;
  readonly #object: Omit<StoredObject, 'body'>;
  readonly #bytesMax: number;
  #at: number;
  #start: number;
  #piece: Filling | undefined;
  #open = true;

  constructor(
    store: ObjectStore,
    notes: CacheNotes,
    object: Omit<StoredObject, 'body'>,
    pieces: PiecesOf,
  ) {
    this.#store = store;
    this.#notes = notes;
    this.#era = notes.era;
    this.#object = object;
    this.#pieces = pieces;
    this.#at = pieces.start;
    this.#start = pieces.start;
    this.#bytesMax = pieceBytes * Math.ceil(pieces.of.total / (pieceBytes * partsMax));
  }

  /** Goes on though a piece found no room: the next one may. */
  add(piece: Uint8Array): boolean {
    // What all objects were forgotten for holds for the rest of this one too.
    if (this.#era !== this.#notes.era) this.abandon();
    let rest = piece;
    while (this.#open && rest.length > 0) {
      const end = this.#pieceEnd();
      this.#piece ??= this.#begin();
      const part = rest.subarray(0, end - this.#at);
      this.#piece?.add(part);
      this.#at += part.length;
      rest = rest.subarray(part.length);
      if (this.#at === end) this.#put();
    }
    return this.#open;
  }

  room(): Promise<void> | undefined {
    return this.#piece?.room();
  }

  /** Whoever comes later looks for parts in the store, where any may be gone again. */
  readSoFar(): never {
    throw new ObjectLost('parts are objects of their own');
  }

  /** There is no object for the whole; the last piece is put. */
  finish(): undefined {
    if (this.#open && this.#at > this.#start) this.#put();
    this.#open = false;
  }

  abandon(): void {
    this.#open = false;
    this.#piece?.abandon();
    this.#piece = undefined;
  }

  #begin(): Filling | undefined {
    const { key } = this.#pieces;
    const length = this.#pieceEnd() - this.#start;
    return this.#store.fill(partKey(key, this.#start, this.#start + length), length);
  }

  /** On a grid of the object's, so that parts of several transfers meet. */
  #pieceEnd(): number {
    const next = (Math.floor(this.#start / this.#bytesMax) + 1) * this.#bytesMax;
    return Math.min(next, this.#pieces.of.total);
  }

  #put(): void {
    const { key, of } = this.#pieces;
    const part = { start: this.#start, end: this.#at };
    const object = { ...this.#object, key: partKey(key, part.start, part.end), status: 206 };
    if (this.#piece?.finish(object) !== undefined) this.#notes.parts.add(key, part, of);
    this.#piece = undefined;
    this.#start = this.#at;
  }
}
