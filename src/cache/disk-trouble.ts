/**
 * A disk that fails or is nearly full: nothing is written to it for a while, and the record says so
 * once when it begins and once when it is over, however many objects are concerned.
 */
import type { Clock } from '../base/clock.ts';
import type { Recorder } from '../base/recorder.ts';
import { DiskBusy } from './disk-body.ts';
import { type DiskFiles, errorCode } from './disk-files.ts';
import { ObjectLost } from './stored-object.ts';

export type DiskTroubleParts = {
  readonly files: DiskFiles;
  readonly folder: string;
  readonly clock: Clock;
  readonly recorder: Recorder;
};

/** Nothing is written for so long after a failure. */
const pauseMs = 10_000;
const damageQuietMs = 10_000;
const lookMs = 1_000;
/** Left to others of the disk: the log and the access logs may stand on it too. */
const freeShareMin = 0.02;
const freeBytesMin = 268_435_456;

const advice: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free some of it, or give --cache-disk less',
  EDQUOT: 'the quota is used up: raise it, or give --cache-disk less',
  EROFS: 'the disk can only be read: mount it so that it can be written',
  EACCES: 'the folder is not for the user of this process: give it to that user',
  ENOENT: 'the folder is gone: it is made anew when the edge starts again',
  EIO: 'the disk has a fault',
};

export class DiskTrouble {
  readonly #parts: DiskTroubleParts;
  #isThere = false;
  #untilMs = 0;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #isTight = false;
  #damageSaidMs = Number.NEGATIVE_INFINITY;
  #damages = 0;

  constructor(parts: DiskTroubleParts) {
    this.#parts = parts;
  }

  /** Whether it is worth a try now. */
  mayWrite(): boolean {
    const nowMs = this.#parts.clock.monotonicMs();
    if (nowMs - this.#lookedMs >= lookMs) {
      this.#lookedMs = nowMs;
      void this.#look();
    }
    return !this.#isTight && nowMs >= this.#untilMs;
  }

  tell(error: unknown): void {
    if (error instanceof DiskBusy) return;
    if (error instanceof ObjectLost && error.cause === undefined) return this.#tellDamage(error);
    const { clock, folder, recorder } = this.#parts;
    this.#untilMs = clock.monotonicMs() + pauseMs;
    if (this.#isThere) return;
    this.#isThere = true;
    const hint = advice[errorCode(error) ?? ''];
    recorder.warn({ folder, hint, error }, 'the disk cache fails; objects are fetched instead');
  }

  /** Something was written. */
  isOver(): void {
    if (!this.#isThere || this.#isTight) return;
    if (this.#parts.clock.monotonicMs() < this.#untilMs) return;
    this.#isThere = false;
    this.#parts.recorder.info({ folder: this.#parts.folder }, 'the disk cache works again');
  }

  /** One object; the disk itself may be all right. */
  #tellDamage(error: ObjectLost): void {
    const { clock, folder, recorder } = this.#parts;
    this.#damages += 1;
    if (clock.monotonicMs() - this.#damageSaidMs < damageQuietMs) return;
    this.#damageSaidMs = clock.monotonicMs();
    const facts = { folder, objects: this.#damages, error };
    this.#damages = 0;
    recorder.warn(facts, 'objects of the disk cache are damaged or gone; they are fetched anew');
  }

  async #look(): Promise<void> {
    try {
      const { free, size } = await this.#parts.files.space(this.#parts.folder);
      this.#isTight = free < Math.min(freeBytesMin, size * freeShareMin);
      if (this.#isTight) {
        this.tell(Object.assign(new Error(`${free} bytes are free`), { code: 'ENOSPC' }));
      }
    } catch (error) {
      this.tell(error);
    }
  }
}
