/**
 * The body of a viewer's HTTP/2 request while it arrives. Nothing is read before somebody asks, so the
 * stream's window holds back what nobody takes. Trailers are dropped (edge contract 1.7, rule 26).
 */
import type { ServerHttp2Stream } from 'node:http2';
import type { Clock } from '../base/clock.ts';
import { Allowance } from './allowance.ts';
import type { EdgeBounds } from './bounds.ts';
import { type ViewerBody, ViewerGone } from './viewer.ts';

export type H2BodyParts = {
  readonly stream: ServerHttp2Stream;
  readonly length: number | undefined;
  /** The viewer waits to be told to go on. */
  readonly waits: boolean;
  readonly clock: Clock;
  readonly bounds: Pick<EdgeBounds, 'bodyMsMax' | 'bodyBytesPerS'>;
};

const ended: IteratorResult<Uint8Array> = { done: true, value: undefined };

export class H2Body implements ViewerBody {
  readonly length: number | undefined;
  readonly #parts: H2BodyParts;
  readonly #allowance: Allowance;
  #begun = false;
  #complete = false;
  #fault: Error | undefined;
  #received = 0;
  #wake: (() => void) | undefined;
  #deadlineMs: number | undefined;

  constructor(parts: H2BodyParts) {
    this.#parts = parts;
    this.length = parts.length;
    this.#allowance = new Allowance(parts.bounds.bodyMsMax, parts.bounds.bodyBytesPerS);
  }

  /** Every byte of it was read. */
  get isComplete(): boolean {
    return this.#complete;
  }

  get begun(): boolean {
    return this.#begun;
  }

  get fault(): Error | undefined {
    return this.#fault;
  }

  /** When whoever reads it has waited for too long. */
  get deadlineMs(): number | undefined {
    return this.#deadlineMs;
  }

  /** The stream is over. */
  leave(): void {
    if (this.#complete) return;
    this.#fault ??= new ViewerGone('the viewer has gone in the midst of its body');
    this.#wake?.();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return { next: () => this.#next(), return: () => Promise.resolve(ended) };
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    const { clock, stream, waits } = this.#parts;
    if (!this.#begun) {
      this.#begun = true;
      const wake = (): void => this.#wake?.();
      stream.on('readable', wake);
      stream.on('end', () => this.#end());
      if (waits && stream.readableLength === 0 && !stream.closed) {
        stream.additionalHeaders({ ':status': 100 });
      }
    }
    for (;;) {
      if (this.#complete) return ended;
      if (this.#fault !== undefined) throw this.#fault;
      const piece: unknown = stream.read();
      if (piece instanceof Uint8Array) {
        this.#received += piece.length;
        this.#allowance.earn(piece.length);
        return { done: false, value: piece };
      }
      this.#deadlineMs = clock.monotonicMs() + this.#allowance.begin(clock.monotonicMs());
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#deadlineMs = undefined;
      this.#allowance.end(clock.monotonicMs());
    }
  }

  /** A stream that is reset ends as well, so an end alone says nothing (RFC 9113 §8.1.1). */
  #end(): void {
    const isShort = this.length !== undefined && this.#received !== this.length;
    if (this.#parts.stream.aborted || isShort) this.leave();
    else {
      this.#complete = true;
      this.#wake?.();
    }
  }
}
