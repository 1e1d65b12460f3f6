/**
 * An object: a stored response under its cache key, and what a store of objects promises. Objects
 * never change; a revalidated one is replaced by another that shares its body.
 */
import type { Revision } from '../base/log-record.ts';
import type { HeaderList } from '../http/header-list.ts';
import type { Aging, Ttl } from './freshness.ts';

export type StoredObject = {
  readonly key: string;
  readonly status: number;
  /** As every viewer gets them: without `Age`, and without what the edge adds of its own. */
  readonly headers: HeaderList;
  /** Undefined: the answer to a HEAD, which serves only HEAD. */
  readonly body: StoredBody | undefined;
  readonly aging: Aging;
  /** The lifetimes it was stored under. */
  readonly ttl: Ttl;
  /** The position of the log that was served when its fetch began. */
  readonly fetchedAt: Revision;
};

/** A whole body. Bytes are shared: nobody writes to them. */
export interface StoredBody {
  readonly length: number;
  /** All of it, where that lies in memory in one piece. */
  readonly bytes?: Uint8Array | undefined;
  /** The bytes from `start` to `end`, exclusive, in pieces; throws ObjectLost where they are gone. */
  read(start: number, end: number): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  /** Keeps the bytes accounted for while a viewer reads them, though the object may be gone. */
  hold(): () => void;
}

/** The bytes of an object are not to be had after all; its store has dropped it. */
export class ObjectLost extends Error {
  override readonly name = 'ObjectLost';
}

/** What a fetch under way fills; nothing is stored before `finish`. */
export interface Filling {
  /** Takes a copy; false once the body is too large to be stored, and from then on. */
  add(piece: Uint8Array): boolean;
  /** To be waited for before more is added, where the store is slower than what fills it. */
  room(): Promise<void> | undefined;
  /**
   * Some of what was added, from `at` on, for whoever reads along more slowly; throws ObjectLost
   * once nothing is kept any more.
   */
  readSoFar(at: number): Uint8Array | Promise<Uint8Array>;
  /** Makes the object of all that was added; undefined when it is not to be stored after all. */
  finish(object: Omit<StoredObject, 'body'>): StoredObject | undefined;
  abandon(): void;
}

export interface ObjectStore {
  find(key: string): StoredObject | undefined | Promise<StoredObject | undefined>;
  /** The same without waiting: what lies in memory. Nothing is begun to be read. */
  findAtHand(key: string): StoredObject | undefined;
  /** `length` is what the origin declared; undefined when it did not, or gives no body to keep. */
  fill(key: string, length: number | undefined): Filling | undefined;
  /** In the place of what is held under its key, unless that was fetched at a later position. */
  put(object: StoredObject): void;
  drop(key: string): void;
  /** Drops everything, what is being filled included. */
  clear(): void;
  /** Nothing is asked of it any more. */
  close(): Promise<void>;
}
