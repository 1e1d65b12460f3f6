/**
 * A body between the one who delivers pieces and the one who reads them. A few pieces wait at most:
 * the deliverer is paused as soon as they come to `waitingBytesMax`, and goes on when they are read.
 */
import type { OriginBody } from './origin-answer.ts';
import { OriginFailure } from './origin-failure.ts';

export type Deliverer = {
  pause(): void;
  resume(): void;
  abort(reason: Error): void;
};

const waitingBytesMax = 65_536;

type Reading = {
  readonly resolve: (result: IteratorResult<Uint8Array>) => void;
  readonly reject: (failure: Error) => void;
};

const ended: IteratorResult<Uint8Array> = { done: true, value: undefined };

export class StreamedBody implements OriginBody {
  readonly #deliverer: Deliverer;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #paused = false;
  #state: 'arriving' | 'complete' | Error = 'arriving';
  #reading: Reading | undefined;

  constructor(deliverer: Deliverer) {
    this.#deliverer = deliverer;
  }

  push(piece: Uint8Array): void {
    if (this.#state !== 'arriving') return;
    if (this.#reading !== undefined) {
      this.#take().resolve({ done: false, value: piece });
      return;
    }
    this.#waiting.push(piece);
    this.#waitingBytes += piece.length;
    if (this.#waitingBytes < waitingBytesMax || this.#paused) return;
    this.#paused = true;
    this.#deliverer.pause();
  }

  end(): void {
    if (this.#state !== 'arriving') return;
    this.#state = 'complete';
    if (this.#reading !== undefined) this.#take().resolve(ended);
  }

  fail(failure: Error): void {
    if (this.#state !== 'arriving') return;
    this.#state = failure;
    if (this.#reading !== undefined) this.#take().reject(failure);
  }

  discard(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (this.#state !== 'arriving') return;
    const reason = new OriginFailure('body', 'closed', { retryable: false });
    this.fail(reason);
    this.#deliverer.abort(reason);
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

  #next(): Promise<IteratorResult<Uint8Array>> {
    const piece = this.#waiting.shift();
    if (piece !== undefined) {
      this.#waitingBytes -= piece.length;
      this.#goOn();
      return Promise.resolve({ done: false, value: piece });
    }
    if (this.#state === 'complete') return Promise.resolve(ended);
    if (this.#state !== 'arriving') return Promise.reject(this.#state);
    return new Promise((resolve, reject) => {
      this.#reading = { resolve, reject };
      this.#goOn();
    });
  }

  #goOn(): void {
    if (!this.#paused || this.#waitingBytes >= waitingBytesMax) return;
    this.#paused = false;
    this.#deliverer.resume();
  }

  #take(): Reading {
    const reading = this.#reading;
    if (reading === undefined) throw new Error('nobody reads');
    this.#reading = undefined;
    return reading;
  }
}
