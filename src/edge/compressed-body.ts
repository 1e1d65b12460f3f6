/**
 * The body of an origin, compressed while it passes: no more of it is read than whoever reads here
 * takes. Compressing is done in the platform's threads, beside the one that answers viewers.
 *
 * How many are under way at one time is bounded, since each holds some megabytes of memory; an answer
 * beyond them goes uncompressed (edge contract 6.4, rule 28).
 */
import { pipeline } from 'node:stream';
import { constants, createBrotliCompress, createGzip } from 'node:zlib';
import type { ContentCoding } from '../http/accept-encoding.ts';
import type { OriginBody } from '../origin/origin-answer.ts';
import { OriginFailure } from '../origin/origin-failure.ts';

const gzipLevel = 6;
const brotliQuality = 5;
/** The logarithm of how many bytes brotli looks back; half a megabyte is enough at this quality. */
const brotliWindowBits = 19;

export class Compressions {
  readonly #max: number;
  #underWay = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get underWay(): number {
    return this.#underWay;
  }

  /** Undefined: too many are under way. `length` is what the origin declared. */
  begin(source: OriginBody, coding: ContentCoding, length: number): OriginBody | undefined {
    if (this.#underWay >= this.#max) return undefined;
    this.#underWay += 1;
    return new CompressedBody(source, coding, length, () => {
      this.#underWay -= 1;
    });
  }
}

type Transform = ReturnType<typeof createGzip> | ReturnType<typeof createBrotliCompress>;

class CompressedBody implements OriginBody {
  readonly #source: OriginBody;
  readonly #coding: ContentCoding;
  readonly #length: number;
  readonly #over: () => void;
  #transform: Transform | undefined;
  #discarded = false;

  constructor(source: OriginBody, coding: ContentCoding, length: number, over: () => void) {
    this.#source = source;
    this.#coding = coding;
    this.#length = length;
    this.#over = over;
  }

  discard(): void {
    if (this.#discarded) return;
    this.#discarded = true;
    if (this.#transform === undefined) this.#over();
    else this.#transform.destroy(tooShort());
    this.#source.discard();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    if (this.#discarded) return refusing();
    this.#transform ??= this.#begin();
    return this.#transform[Symbol.asyncIterator]();
  }

  #begin(): Transform {
    const transform =
      this.#coding === 'gzip'
        ? createGzip({ level: gzipLevel })
        : createBrotliCompress({
            params: {
              [constants.BROTLI_PARAM_QUALITY]: brotliQuality,
              [constants.BROTLI_PARAM_LGWIN]: brotliWindowBits,
              [constants.BROTLI_PARAM_SIZE_HINT]: this.#length,
            },
          });
    transform.once('close', this.#over);
    // What goes wrong is told to whoever reads from the transform.
    pipeline(whole(this.#source, this.#length), transform, () => undefined);
    return transform;
  }
}

/** Compressed, nobody could tell any more that some of it is missing. */
async function* whole(source: OriginBody, length: number): AsyncGenerator<Uint8Array> {
  let passed = 0;
  for await (const piece of source) {
    const left = Math.max(0, length - passed);
    passed += piece.length;
    // What is beyond the declared length is dropped (5.10, rule 50).
    if (left > 0) yield piece.length > left ? piece.subarray(0, left) : piece;
  }
  if (passed < length) throw tooShort();
}

function refusing(): AsyncIterator<Uint8Array> {
  return { next: () => Promise.reject(tooShort()) };
}

function tooShort(): OriginFailure {
  return new OriginFailure('body', 'closed', { retryable: false });
}
