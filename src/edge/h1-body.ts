/**
 * The body of a viewer's request while it arrives: read once, by whoever passes it on, and no faster
 * than that one takes it. A viewer that waits to be told to go on is told so at the first reading,
 * which comes after every stage that may refuse (edge contract 1.7, rule 25).
 */
import { BodyFault, type BodyFraming } from '../http/body-framing.ts';
import { type ViewerBody, ViewerGone } from './viewer.ts';

/** The connection it comes over. */
export type BodySource = {
  /** Bytes that have come and are not taken yet. */
  readonly peek: () => Buffer;
  readonly consume: (count: number) => void;
  /** Somebody waits for more, for a bounded time. */
  readonly wait: () => void;
  readonly tellToGoOn: (() => void) | undefined;
};

type Reading = {
  readonly resolve: (result: IteratorResult<Uint8Array>) => void;
  readonly reject: (why: Error) => void;
};

const ended: IteratorResult<Uint8Array> = { done: true, value: undefined };

export class H1Body implements ViewerBody {
  readonly length: number | undefined;
  readonly #framing: BodyFraming;
  readonly #source: BodySource;
  #pieces: Uint8Array[] = [];
  #state: 'arriving' | 'complete' = 'arriving';
  #fault: Error | undefined;
  #begun = false;
  #reading: Reading | undefined;

  constructor(framing: BodyFraming, length: number | undefined, source: BodySource) {
    this.#framing = framing;
    this.length = length;
    this.#source = source;
  }

  /** Every byte of it was taken off the connection. */
  get isComplete(): boolean {
    return this.#state === 'complete';
  }

  get begun(): boolean {
    return this.#begun;
  }

  get fault(): Error | undefined {
    return this.#fault;
  }

  /** More has come over the connection; true where somebody waited for it. */
  arrive(): boolean {
    const reading = this.#reading;
    if (reading === undefined) return false;
    const next = this.#takeNext();
    if (next === undefined) return false;
    this.#reading = undefined;
    if (next instanceof Error) reading.reject(next);
    else reading.resolve(next);
    return true;
  }

  /** The connection is over. */
  leave(): void {
    if (this.#state === 'complete') return;
    this.#fault ??= new ViewerGone('the viewer has gone in the midst of its body');
    this.arrive();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return { next: () => this.#next(), return: () => Promise.resolve(ended) };
  }

  #next(): Promise<IteratorResult<Uint8Array>> {
    if (!this.#begun) {
      this.#begun = true;
      if (this.#source.peek().length === 0) this.#source.tellToGoOn?.();
    }
    const next = this.#takeNext();
    if (next instanceof Error) return Promise.reject(next);
    if (next !== undefined) return Promise.resolve(next);
    return new Promise((resolve, reject) => {
      this.#reading = { resolve, reject };
      this.#source.wait();
    });
  }

  #takeNext(): IteratorResult<Uint8Array> | Error | undefined {
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece !== undefined) return { done: false, value: piece };
      if (this.#state === 'complete') return ended;
      if (this.#fault !== undefined) return this.#fault;
      try {
        const taken = this.#framing.take(this.#source.peek());
        this.#source.consume(taken.consumed);
        this.#pieces = [...taken.pieces];
        if (taken.done) this.#state = 'complete';
        else if (taken.pieces.length === 0) return undefined;
      } catch (error) {
        if (!(error instanceof BodyFault)) throw error;
        this.#fault = error;
      }
    }
  }
}
