/**
 * The body of a request taken out of the bytes of its connection (RFC 9112 §6 and §7.1), as strictly
 * as heads are read (edge contract 1.6): by length, or in chunks whose extensions and trailers are
 * bounded and dropped. What follows the body is left where it is.
 */
import type { RequestBody } from './request-head.ts';

export type Taken = {
  /** Of the body; views of what was given. */
  readonly pieces: readonly Uint8Array[];
  /** How many of the bytes given were taken; the rest begins the next request once `done`. */
  readonly consumed: number;
  readonly done: boolean;
};

/** What came is no body in the form that its head announced. */
export class BodyFault extends Error {
  override readonly name = 'BodyFault';
}

export interface BodyFraming {
  /** Throws a `BodyFault`. Bytes that were not consumed are given again, with what came since. */
  take(bytes: Buffer): Taken;
}

export const extensionBytesMax = 256;
const sizeLineBytesMax = 16 + extensionBytesMax + 2;
export const trailerBytesMax = 32_768;
const sizeLineForm = /^([0-9A-Fa-f]{1,16})(?:[\t ]*;[\t\x20-\x7e\x80-\xff]*)?$/;
const lineEnd = Buffer.from('\r\n', 'latin1');

export function framingOf(body: Exclude<RequestBody, { kind: 'none' }>): BodyFraming {
  return body.kind === 'length' ? new LengthFraming(body.bytes) : new ChunkedFraming();
}

class LengthFraming implements BodyFraming {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  take(bytes: Buffer): Taken {
    const piece = bytes.subarray(0, Math.min(bytes.length, this.#left));
    this.#left -= piece.length;
    const pieces = piece.length === 0 ? [] : [piece];
    return { pieces, consumed: piece.length, done: this.#left === 0 };
  }
}

class ChunkedFraming implements BodyFraming {
  /** Of the chunk at hand, its line end not counted. */
  #left = 0;
  #state: 'size' | 'data' | 'data-end' | 'trailer' | 'done' = 'size';
  #trailerBytes = 0;

  take(bytes: Buffer): Taken {
    const pieces: Uint8Array[] = [];
    let at = 0;
    while (this.#state !== 'done') {
      if (this.#state === 'data') {
        const piece = bytes.subarray(at, at + this.#left);
        if (piece.length > 0) pieces.push(piece);
        at += piece.length;
        this.#left -= piece.length;
        if (this.#left > 0) break;
        this.#state = 'data-end';
        continue;
      }
      const line = this.#line(bytes, at);
      if (line === undefined) break;
      at += line.length + lineEnd.length;
      this.#read(line);
    }
    return { pieces, consumed: at, done: this.#state === 'done' };
  }

  /** Undefined while it is not whole. */
  #line(bytes: Buffer, from: number): string | undefined {
    const max =
      this.#state === 'data-end' ? 2 : this.#state === 'size' ? sizeLineBytesMax : trailerBytesMax;
    const end = bytes.indexOf(lineEnd, from);
    if (end < 0 ? bytes.length - from >= max : end - from + lineEnd.length > max) {
      throw new BodyFault(`a line of the chunked body is longer than ${max} bytes`);
    }
    return end < 0 ? undefined : bytes.toString('latin1', from, end);
  }

  #read(line: string): void {
    if (this.#state === 'data-end') {
      this.#state = 'size';
      return;
    }
    if (this.#state === 'trailer') {
      this.#trailerBytes += line.length + lineEnd.length;
      if (this.#trailerBytes > trailerBytesMax) throw new BodyFault('the trailers are too large');
      if (line === '') this.#state = 'done';
      return;
    }
    const size = Number.parseInt(sizeLineForm.exec(line)?.[1] ?? '', 16);
    if (!Number.isSafeInteger(size)) throw new BodyFault('a chunk has no size of the right form');
    this.#left = size;
    this.#state = size === 0 ? 'trailer' : 'data';
  }
}
