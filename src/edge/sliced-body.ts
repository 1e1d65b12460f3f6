/** A part of a body that arrives: what comes before it is passed over, and with its end it is left. */
import type { OriginBody } from '../origin/origin-answer.ts';

export class SlicedBody implements OriginBody {
  readonly #body: OriginBody;
  readonly #skip: number;
  readonly #length: number;

  constructor(body: OriginBody, skip: number, length: number) {
    this.#body = body;
    this.#skip = skip;
    this.#length = length;
  }

  discard(): void {
    this.#body.discard();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, undefined> {
    let toSkip = this.#skip;
    let left = this.#length;
    for await (const piece of this.#body) {
      const slice = piece.subarray(toSkip, toSkip + left);
      toSkip = Math.max(0, toSkip - piece.length);
      left -= slice.length;
      if (slice.length > 0) yield slice;
      if (left === 0) return;
    }
  }
}
