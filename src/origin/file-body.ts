/**
 * A file, or a part of one, read in pieces of bounded size while somebody takes them. A file that
 * changes meanwhile would mix two contents into one answer, so its last piece is only given out
 * once the file is seen to be as it was when it was opened; else the body ends too early.
 */
import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { OriginBody } from './origin-answer.ts';
import { OriginFailure } from './origin-failure.ts';

const pieceBytesMax = 65_536;

export type FilePart = {
  /** Closed at the end of the reading, or by `discard`. */
  readonly file: FileHandle;
  /** As it was opened. */
  readonly stats: BigIntStats;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
};

export class FileBody implements OriginBody {
  readonly #part: FilePart;
  #begun = false;

  constructor(part: FilePart) {
    this.#part = part;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const { end, file, start } = this.#part;
    if (this.#begun) throw new Error('a body is read once');
    this.#begun = true;
    try {
      let at = start;
      while (at < end) {
        const piece = await this.#read(at);
        at += piece.length;
        if (at >= end && !(await this.#isUnchanged())) throw changed();
        yield piece;
      }
    } finally {
      await file.close();
    }
  }

  /** Also in the midst of the reading: whoever has begun it may never ask for more. */
  discard(): void {
    this.#begun = true;
    // Nothing depends on when it is closed; a failure to close a file that was read harms nobody.
    this.#part.file.close().catch(() => undefined);
  }

  async #read(at: number): Promise<Uint8Array> {
    const { end, file } = this.#part;
    const buffer = Buffer.allocUnsafeSlow(Math.min(pieceBytesMax, end - at));
    try {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) throw changed();
      return bytesRead === buffer.length ? buffer : buffer.subarray(0, bytesRead);
    } catch (cause) {
      if (cause instanceof OriginFailure) throw cause;
      throw new OriginFailure('body', 'closed', { retryable: false, cause });
    }
  }

  async #isUnchanged(): Promise<boolean> {
    const now = await this.#part.file.stat({ bigint: true });
    return now.size === this.#part.stats.size && now.mtimeNs === this.#part.stats.mtimeNs;
  }
}

function changed(): OriginFailure {
  return new OriginFailure('body', 'closed', { retryable: false });
}
