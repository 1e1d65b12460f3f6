/**
 * Keeps the bounds of an HTTP/2 connection that its engine has no words for: how often a viewer may
 * reset, ping, set, prioritise and send nothing, how large a block of header fields may be on the
 * wire, and since when one is unfinished (edge contract 1.6, rule 24). It sees every byte of both
 * directions before the engine, or the viewer, does.
 *
 * What we reset counts as if the viewer had, where its own fault is the cause: else it could have
 * work begun and given up without end by sending faults instead of RST_STREAM.
 */
import { constants } from 'node:http2';
import type { EdgeBounds } from './bounds.ts';
import { type FrameHead, FrameScanner, frameFlags, frameTypes } from './h2-frame-scanner.ts';

export type FrameFault = {
  /** Of RFC 9113 §7, for GOAWAY. */
  readonly code: number;
  /** For the record; never shown to a viewer. */
  readonly why: string;
};

export type FrameBounds = Pick<
  EdgeBounds,
  | 'headBytesMax'
  | 'h2FloodMs'
  | 'h2ResetsMax'
  | 'h2ControlFramesMax'
  | 'h2WindowUpdatesMax'
  | 'h2EmptyFramesMax'
>;

const prefaceBytes = 24;
/** So small a frame, sent as part of a body, earns no WINDOW_UPDATE: only a tiny window asks for it. */
const tinyBytes = 256;
const updatesEarned = 4;

/** Resets that are no fault of the viewer's. */
const ownCodes = new Set<number>([
  constants.NGHTTP2_NO_ERROR,
  constants.NGHTTP2_INTERNAL_ERROR,
  constants.NGHTTP2_CANCEL,
]);

export class FrameWatch {
  readonly #bounds: FrameBounds;
  readonly #arriving = new FrameScanner(prefaceBytes);
  readonly #leaving = new FrameScanner(0);
  readonly #resets: Bucket;
  readonly #controlFrames: Bucket;
  readonly #windowUpdates: Bucket;
  readonly #emptyFrames: Bucket;
  /** Bytes of the block of header fields that is arriving; undefined: none is. */
  #blockBytes: number | undefined;
  #unfinishedSinceMs: number | undefined;
  #fault: FrameFault | undefined;
  #hasLeft = false;

  constructor(bounds: FrameBounds) {
    this.#bounds = bounds;
    this.#resets = new Bucket(bounds.h2ResetsMax, bounds.h2FloodMs);
    this.#controlFrames = new Bucket(bounds.h2ControlFramesMax, bounds.h2FloodMs);
    this.#windowUpdates = new Bucket(bounds.h2WindowUpdatesMax, bounds.h2FloodMs);
    this.#emptyFrames = new Bucket(bounds.h2EmptyFramesMax, bounds.h2FloodMs);
  }

  /** Whether the frames that have left are whole, the first of which is SETTINGS. */
  get isBetweenLeaving(): boolean {
    return this.#hasLeft && this.#leaving.unfinished === undefined;
  }

  /** Since when a block of fields, or a frame other than DATA, waits for its rest. */
  get unfinishedSinceMs(): number | undefined {
    return this.#unfinishedSinceMs;
  }

  /** Bytes came from the viewer. A fault stays one. */
  take(bytes: Uint8Array, nowMs: number): FrameFault | undefined {
    this.#arriving.scan(bytes, (head) => {
      this.#fault ??= this.#judge(head, nowMs);
    });
    const { unfinished } = this.#arriving;
    const waits =
      this.#blockBytes !== undefined ||
      (unfinished !== undefined && unfinished !== frameTypes.data);
    if (!waits) this.#unfinishedSinceMs = undefined;
    else this.#unfinishedSinceMs ??= nowMs;
    return this.#fault;
  }

  /** Bytes go to the viewer. */
  send(bytes: Uint8Array, nowMs: number): FrameFault | undefined {
    this.#leaving.scan(bytes, ({ errorCode, flags, length, type }) => {
      this.#hasLeft = true;
      if (type === frameTypes.data) {
        const earns = length >= tinyBytes || (flags & frameFlags.endStream) !== 0;
        if (earns) this.#windowUpdates.earn(updatesEarned);
      } else if (errorCode === constants.NGHTTP2_ENHANCE_YOUR_CALM) {
        // The engine resets a stream for this reason only where its fields pass their bound.
        this.#fault ??= calm('the fields are too large');
      } else if (errorCode !== undefined && !ownCodes.has(errorCode)) {
        if (this.#resets.add(nowMs)) this.#fault ??= calm('too many faults');
      }
    });
    return this.#fault;
  }

  #judge({ flags, length, type }: FrameHead, nowMs: number): FrameFault | undefined {
    switch (type) {
      case frameTypes.data: {
        if ((flags & frameFlags.endStream) !== 0) return undefined;
        const isPadding = (flags & frameFlags.padded) !== 0 && length <= 256;
        return length === 0 || isPadding ? this.#empty(nowMs) : undefined;
      }
      case frameTypes.headers:
        this.#controlFrames.earn(1);
        this.#blockBytes = length;
        return this.#block(flags);
      case frameTypes.continuation:
        this.#blockBytes = (this.#blockBytes ?? 0) + length;
        return (
          this.#block(flags) ??
          (length === 0 && this.#blockBytes !== undefined ? this.#empty(nowMs) : undefined)
        );
      case frameTypes.rstStream:
        return this.#resets.add(nowMs) ? calm('too many streams were reset') : undefined;
      case frameTypes.windowUpdate:
        return this.#windowUpdates.add(nowMs) ? calm('too many WINDOW_UPDATE') : undefined;
      default:
        return this.#controlFrames.add(nowMs) ? calm('too many control frames') : undefined;
    }
  }

  #block(flags: number): FrameFault | undefined {
    if ((this.#blockBytes ?? 0) > this.#bounds.headBytesMax) {
      return calm('a block of fields is too large');
    }
    if ((flags & frameFlags.endHeaders) !== 0) this.#blockBytes = undefined;
    return undefined;
  }

  #empty(nowMs: number): FrameFault | undefined {
    return this.#emptyFrames.add(nowMs) ? calm('too many empty frames') : undefined;
  }
}

function calm(why: string): FrameFault {
  return { code: constants.NGHTTP2_ENHANCE_YOUR_CALM, why };
}

/** Fills with what happens and empties evenly, so that `max` at once are let pass, and `max` each `ms`. */
class Bucket {
  readonly #max: number;
  readonly #ms: number;
  #level = 0;
  #atMs = 0;

  constructor(max: number, ms: number) {
    this.#max = max;
    this.#ms = ms;
  }

  /** True: it runs over. */
  add(nowMs: number): boolean {
    const emptied = ((nowMs - this.#atMs) * this.#max) / this.#ms;
    this.#level = Math.max(0, this.#level - emptied) + 1;
    this.#atMs = nowMs;
    return this.#level > this.#max;
  }

  earn(count: number): void {
    this.#level = Math.max(0, this.#level - count);
  }
}
