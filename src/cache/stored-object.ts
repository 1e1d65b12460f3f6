/**
 * An object: a stored response under its cache key, and what a store of objects promises. Objects
 * never change; a revalidated one is replaced by another that shares its body.
 *
 * Keys are texts without a meaning here: who wants several things kept for one request, such as an
 * error beside a stale object (edge contract 5.8, rule 40) or the parts of a large one (6.1), gives
 * each a key of its own. The suite in test/contract/store.ts is run on every store.
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

/** An object but for its body: what a head on disk is made of, and what a filling is finished with. */
export type ObjectHead = Omit<StoredObject, 'body'>;

/** A whole body. Bytes are shared: nobody writes to them. */
export interface StoredBody {
  readonly length: number;
  /**
   * The bytes from `start` to `end`, exclusive, in pieces of 256 KiB at most from a disk. What was
   * kept elsewhere than in memory may turn out to be lost: then the pieces end with a `BodyLost`,
   * before any byte that is not right.
   */
  read(start: number, end: number): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  /** Keeps the bytes there and accounted for while a viewer reads, though the object may be gone. */
  hold(): () => void;
}

/** The rest of a body cannot be had any more. Its object is gone from the store by now. */
export class BodyLost extends Error {
  override readonly name = 'BodyLost';
}

/** What a fetch under way fills; nothing is stored before `finish`. */
export interface Filling {
  /** Takes a copy; false once the body is not to be stored after all, and from then on. */
  add(piece: Uint8Array): boolean;
  /**
   * Undefined where more may be added at once; else what to wait for. It never rejects and never takes
   * long: a filling that a slow disk keeps waiting gives up. Who does not wait may lose the filling.
   */
  ready(): Promise<void> | undefined;
  /** Makes the object of all that was added; undefined when it is not to be stored after all. */
  finish(object: ObjectHead): StoredObject | undefined;
  abandon(): void;
}

export interface ObjectStore {
  /** Never rejects: what cannot be read is not there. */
  find(key: string): StoredObject | undefined | Promise<StoredObject | undefined>;
  /** `length` is what the origin declared; undefined when it did not, or gives no body to keep. */
  fill(key: string, length: number | undefined): Filling | undefined;
  /**
   * In the place of what is held under its key, unless that was fetched at a later position. The
   * body is one that this store gave out, or undefined. What cannot be kept takes what was there
   * with it all the same.
   */
  put(object: StoredObject): void;
  drop(key: string): void;
  /** Drops everything, what is being filled included. */
  clear(): void;
}
