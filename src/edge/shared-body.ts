/**
 * The body of one fetch, read by all who wait for it (edge contract 5.9), and kept for the cache as
 * it passes. Each reader has a queue of bounded size. Where the body is kept, a slow reader holds up
 * nobody: what its queue does not take, and what came before it joined, it reads from what is kept so
 * far, until it has caught up. Where it is not, the slowest sets the pace, since the bytes would be
 * nowhere else.
 *
 * What the bodies of a worker hold in their queues and starts is counted together. Once it is as much
 * as there may be, none keeps its start any more and no queue takes a second piece, so all go on at
 * the pace of their readers.
 *
 * The fetch goes on as long as anybody reads; when the last one leaves before the end, it is aborted
 * and nothing is stored (rule 44).
 */
import { ObjectLost, type StoredBody, type StoredObject } from '../cache/stored-object.ts';
import type { Part } from '../http/ranges.ts';
import type { OriginBody } from '../origin/origin-answer.ts';
import { OriginFailure } from '../origin/origin-failure.ts';
import type { Keeping } from './passing.ts';
import { SlicedBody } from './sliced-body.ts';
import type { Tally } from './tally.ts';

/** Of the start of a body, so that who comes later can still join; and of each reader's queue. */
export const prefixBytesMax = 262_144;
const queueBytesMax = 262_144;
/** What lies further ahead of what has come is asked for sooner than waited for. */
const aheadBytesMax = 1_048_576;

/** Bytes that some queues and a start hold together; they are counted once, until nobody does. */
class HeldPiece {
  readonly bytes: Uint8Array;
  readonly #memory: Tally;
  #holders = 0;

  constructor(bytes: Uint8Array, memory: Tally) {
    this.bytes = bytes;
    this.#memory = memory;
  }

  hold(): void {
    if (this.#holders === 0) this.#memory.take(this.bytes.length);
    this.#holders += 1;
  }

  letGo(): void {
    this.#holders -= 1;
    if (this.#holders === 0) this.#memory.giveBack(this.bytes.length);
  }
}

type Result = IteratorResult<Uint8Array>;
const ended: Result = { done: true, value: undefined };

export class SharedBody {
  readonly #source: OriginBody;
  readonly #keeping: Keeping | undefined;
  readonly #declared: number | undefined;
  readonly #memory: Tally;
  readonly #readers = new Set<SharedReader>();
  /** All bytes so far; undefined once they are too many. */
  #prefix: HeldPiece[] | undefined = [];
  #passed = 0;
  #kept: boolean;
  #stored: StoredObject | undefined;
  /** It is not removed while somebody may still read it back. */
  #letGo: (() => void) | undefined;
  #state: 'arriving' | 'complete' | Error = 'arriving';
  #pumping = false;
  #over: () => void = () => undefined;
  /** Resolves when no more bytes come, for whichever reason. */
  readonly over: Promise<void>;

  /** `declared`: the length that the origin said; `memory`: what all bodies hold together. */
  constructor(
    source: OriginBody,
    {
      declared,
      keeping,
      memory,
    }: {
      readonly declared: number | undefined;
      readonly keeping: Keeping | undefined;
      readonly memory: Tally;
    },
  ) {
    this.#source = source;
    this.#keeping = keeping;
    this.#declared = declared;
    this.#memory = memory;
    this.#kept = keeping !== undefined;
    this.over = new Promise((resolve) => {
      this.#over = resolve;
    });
  }

  /** Whether what has come, or much of it, is found in the store by now. */
  get isFound(): boolean {
    return this.#stored !== undefined || (this.#kept && this.#keeping?.inPieces === true);
  }

  /** Undefined: what has passed is not at hand any more. */
  join(): OriginBody | undefined {
    return this.#joinAt(0);
  }

  /** For the bytes from `start` to `end`. Undefined also where they lie too far ahead. */
  joinFor({ end, start }: Part): OriginBody | undefined {
    if (start > this.#passed + aheadBytesMax) return undefined;
    const from = this.#maySpill ? Math.min(start, this.#passed) : 0;
    const reader = this.#joinAt(from);
    return reader === undefined ? undefined : new SlicedBody(reader, start - from, end - start);
  }

  #joinAt(from: number): OriginBody | undefined {
    if (this.#state instanceof Error) return undefined;
    if (this.#prefix === undefined && !this.#maySpill) return undefined;
    const reader = new SharedReader(from === 0 ? this.#prefix : undefined, from, {
      pull: () => void this.#pump(),
      leave: (one) => this.#leave(one),
      end: () => this.#endOf(),
      passed: () => this.#passed,
      readBack: (at) => this.#readBack(at),
      stored: () => this.#stored?.body,
    });
    this.#readers.add(reader);
    return reader;
  }

  /** What a reader finds after its queue: undefined where more may come. */
  #endOf(): 'complete' | Error | undefined {
    return this.#state === 'arriving' ? undefined : this.#state;
  }

  #leave(reader: SharedReader): void {
    if (!this.#readers.delete(reader)) return;
    if (this.#state !== 'arriving') return this.#letGoIfUnread();
    if (this.#readers.size > 0) {
      void this.#pump();
      return;
    }
    this.#finish(new OriginFailure('body', 'closed', { retryable: false }));
    this.#source.discard();
  }

  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    const iterator = this.#iterator();
    try {
      while (this.#state === 'arriving' && this.#isWanted()) {
        const { done, value } = await iterator.next();
        if (this.#state !== 'arriving') break;
        if (done === true) this.#finish('complete');
        else this.#take(value);
        const room = this.#kept ? this.#keeping?.filling.room() : undefined;
        if (room !== undefined) await room;
      }
    } catch (error) {
      this.#finish(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.#pumping = false;
    }
  }

  #iterating: AsyncIterator<Uint8Array> | undefined;

  #iterator(): AsyncIterator<Uint8Array> {
    this.#iterating ??= this.#source[Symbol.asyncIterator]();
    return this.#iterating;
  }

  #isWanted(): boolean {
    let anyWants = false;
    for (const reader of this.#readers) {
      if (reader.wants) anyWants = true;
      else if (!this.#maySpill && reader.queuedBytes >= this.#queueBytesMax) return false;
    }
    return anyWants;
  }

  get #queueBytesMax(): number {
    return this.#memory.isFull ? 1 : queueBytesMax;
  }

  /** Whether all that has passed can be read again. */
  get #maySpill(): boolean {
    return this.#kept && this.#declared !== undefined && this.#keeping?.inPieces === false;
  }

  #readBack(at: number): Uint8Array | Promise<Uint8Array> {
    if (!this.#kept || this.#keeping === undefined) throw new ObjectLost('it is not kept any more');
    return this.#keeping.filling.readSoFar(at);
  }

  #take(piece: Uint8Array): void {
    if (this.#kept && this.#keeping?.filling.add(piece) === false) this.#kept = false;
    this.#passed += piece.length;
    const held = new HeldPiece(piece, this.#memory);
    if (this.#passed > prefixBytesMax || this.#memory.isFull) this.#dropPrefix();
    if (this.#prefix !== undefined) {
      this.#prefix.push(held);
      held.hold();
    }
    // With these bytes viewers have all that was declared, and know it before the origin's end is
    // heard here; the next request has to find what they were just given.
    if (this.#passed === this.#declared) this.#store();
    const queueBytes = this.#maySpill ? this.#queueBytesMax : undefined;
    for (const reader of this.#readers) reader.push(held, queueBytes);
  }

  #dropPrefix(): void {
    for (const piece of this.#prefix ?? []) piece.letGo();
    this.#prefix = undefined;
  }

  #store(): void {
    if (!this.#kept || this.#keeping === undefined) return;
    this.#stored ??= this.#keeping.filling.finish(this.#keeping.object);
    this.#kept = this.#stored !== undefined;
    this.#letGo ??= this.#stored?.body?.hold();
  }

  #finish(how: 'complete' | Error): void {
    if (this.#state !== 'arriving') return;
    if (how === 'complete') this.#store();
    else if (this.#stored === undefined) this.#keeping?.filling.abandon();
    this.#state = how;
    // Who joins just now still has it, but it is held no longer.
    for (const piece of this.#prefix ?? []) piece.letGo();
    this.#over();
    for (const reader of this.#readers) reader.wake();
    this.#letGoIfUnread();
  }

  #letGoIfUnread(): void {
    if (this.#readers.size > 0) return;
    this.#letGo?.();
    this.#letGo = undefined;
  }
}

type ReaderParts = {
  readonly pull: () => void;
  readonly leave: (reader: SharedReader) => void;
  readonly end: () => 'complete' | Error | undefined;
  /** So many bytes have come. */
  readonly passed: () => number;
  readonly readBack: (at: number) => Uint8Array | Promise<Uint8Array>;
  readonly stored: () => StoredBody | undefined;
};

class SharedReader implements OriginBody {
  readonly #parts: ReaderParts;
  readonly #queue: HeldPiece[];
  queuedBytes = 0;
  /** Where it goes on after its queue, while it is behind what has come. */
  #behindAt: number | undefined;
  #received = 0;
  #rest: AsyncIterator<Uint8Array> | Iterator<Uint8Array> | undefined;
  #letGo: (() => void) | undefined;
  #waiting: { resolve: (result: Result) => void; reject: (why: Error) => void } | undefined;

  /** `prefix`: all that has come; undefined where it has to be read back, `from` there on. */
  constructor(prefix: readonly HeldPiece[] | undefined, from: number, parts: ReaderParts) {
    this.#queue = [...(prefix ?? [])];
    this.#parts = parts;
    if (prefix === undefined) this.#behindAt = from;
    for (const piece of this.#queue) this.#hold(piece);
  }

  get wants(): boolean {
    return this.#waiting !== undefined;
  }

  /** `queueBytes`: what does not fit is read back later; undefined: all of it is taken. */
  push(piece: HeldPiece, queueBytes: number | undefined): void {
    if (this.#behindAt !== undefined) return;
    const hasRoom = queueBytes === undefined || this.queuedBytes < queueBytes;
    if (this.#waiting === undefined && !hasRoom) {
      this.#behindAt = this.#received;
      return;
    }
    this.#queue.push(piece);
    this.#hold(piece);
    this.wake();
  }

  #hold(piece: HeldPiece): void {
    piece.hold();
    this.queuedBytes += piece.bytes.length;
    this.#received += piece.bytes.length;
  }

  /** Looks again at what there is. */
  wake(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    this.#next().then(waiting.resolve, waiting.reject);
  }

  discard(): void {
    for (const piece of this.#queue) piece.letGo();
    this.#queue.length = 0;
    this.queuedBytes = 0;
    this.#waiting?.resolve(ended);
    this.#waiting = undefined;
    this.#letGo?.();
    this.#letGo = undefined;
    const rest = this.#rest;
    this.#rest = undefined;
    // A file may be open for it.
    void Promise.resolve(rest?.return?.()).catch(() => undefined);
    this.#parts.leave(this);
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: () => this.#next(),
      return: () => {
        this.discard();
        return Promise.resolve(ended);
      },
    };
  }

  #next(): Promise<Result> {
    const piece = this.#queue.shift();
    if (piece !== undefined) {
      this.queuedBytes -= piece.bytes.length;
      piece.letGo();
      return Promise.resolve({ done: false, value: piece.bytes });
    }
    if (this.#rest !== undefined) return this.#fromStore(this.#rest);
    if (this.#behindAt !== undefined) {
      const stored = this.#parts.stored();
      if (stored !== undefined) return this.#fromStore(this.#beginRest(stored, this.#behindAt));
      if (this.#behindAt < this.#parts.passed()) return this.#readBack(this.#behindAt);
      // It has all that has come, and takes part in what comes.
      this.#received = this.#behindAt;
      this.#behindAt = undefined;
    }
    const end = this.#parts.end();
    if (end === undefined) {
      return new Promise((resolve, reject) => {
        this.#waiting = { resolve, reject };
        this.#parts.pull();
      });
    }
    this.discard();
    return end === 'complete' ? Promise.resolve(ended) : Promise.reject(end);
  }

  #beginRest(stored: StoredBody, at: number): AsyncIterator<Uint8Array> | Iterator<Uint8Array> {
    this.#letGo = stored.hold();
    const pieces = stored.read(at, stored.length);
    this.#rest =
      Symbol.iterator in pieces ? pieces[Symbol.iterator]() : pieces[Symbol.asyncIterator]();
    return this.#rest;
  }

  async #readBack(at: number): Promise<Result> {
    try {
      const value = await this.#parts.readBack(at);
      if (this.#behindAt !== undefined) this.#behindAt += value.length;
      return { done: false, value };
    } catch (error) {
      // It may have been stored while it was read.
      const stored = this.#parts.stored();
      if (stored === undefined || !(error instanceof ObjectLost)) throw this.#lose(error);
      return this.#fromStore(this.#beginRest(stored, at));
    }
  }

  async #fromStore(rest: AsyncIterator<Uint8Array> | Iterator<Uint8Array>): Promise<Result> {
    try {
      const result = await rest.next();
      if (result.done === true) this.discard();
      return result.done === true ? ended : result;
    } catch (error) {
      throw this.#lose(error);
    }
  }

  #lose(cause: unknown): unknown {
    this.discard();
    return cause instanceof ObjectLost
      ? new OriginFailure('body', 'closed', { retryable: false, cause })
      : cause;
  }
}
