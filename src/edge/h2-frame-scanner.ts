/**
 * Where the frames of one direction of an HTTP/2 connection begin, and what their heads say (RFC 9113
 * §4.1). Payloads are passed over, but for the error code of RST_STREAM.
 *
 *   length (24 bits) | type (8) | flags (8) | reserved (1) stream (31) | payload, `length` bytes
 */

export const frameTypes = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const frameFlags = { endStream: 1, endHeaders: 4, padded: 8 } as const;

export type FrameHead = {
  readonly type: number;
  readonly flags: number;
  readonly length: number;
  /** Of a RST_STREAM of the right length. */
  readonly errorCode: number | undefined;
};

const headBytes = 9;
const codeBytes = 4;

export class FrameScanner {
  readonly #head = Buffer.alloc(headBytes + codeBytes);
  #headLength = 0;
  /** Bytes that are no head of a frame, before the next one. */
  #skip: number;
  #type: number | undefined;

  /** `prefaceBytes` come before the first frame. */
  constructor(prefaceBytes: number) {
    this.#skip = prefaceBytes;
  }

  /** The type of a frame that has begun and is not whole; -1 while even that is not known. */
  get unfinished(): number | undefined {
    if (this.#headLength > 0) return -1;
    return this.#skip > 0 ? this.#type : undefined;
  }

  /** Tells `visit` of each frame whose head is whole now. */
  scan(bytes: Uint8Array, visit: (head: FrameHead) => void): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, bytes.length - at);
        this.#skip -= skipped;
        at += skipped;
        continue;
      }
      this.#head[this.#headLength] = bytes[at] ?? 0;
      this.#headLength += 1;
      at += 1;
      if (this.#headLength < headBytes) continue;
      const length = this.#head.readUIntBE(0, 3);
      const type = this.#head.readUInt8(3);
      const hasCode = type === frameTypes.rstStream && length === codeBytes;
      if (hasCode && this.#headLength < headBytes + codeBytes) continue;
      this.#headLength = 0;
      this.#skip = hasCode ? 0 : length;
      this.#type = type;
      const errorCode = hasCode ? this.#head.readUInt32BE(headBytes) : undefined;
      visit({ type, flags: this.#head.readUInt8(4), length, errorCode });
    }
  }
}
