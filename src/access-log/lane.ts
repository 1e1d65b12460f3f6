/**
 * What waits for one bucket. A bucket that takes nothing holds up no other; it is tried again for
 * ever, ever less often. A file that failed goes behind the others, as it may be the file.
 */
import type { Clock } from '../base/clock.ts';
import type { Randomness } from '../base/randomness.ts';
import type { Recorder } from '../base/recorder.ts';
import type { Destination } from './destination.ts';
import { contentOf, type ReadyFile } from './ready-file.ts';
import type { Slots } from './slots.ts';

export type LaneBounds = {
  /** Before the first try after a failure; doubled with each further one, halved or not by chance. */
  readonly retryMsMin: number;
  readonly retryMsMax: number;
};

export type LaneParts = {
  readonly bucket: string;
  /** Undefined: no setting says where this bucket is. */
  readonly destination: Destination | undefined;
  readonly bounds: LaneBounds;
  readonly slots: Slots;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly recorder: Recorder;
  /** Ends the try that is under way. */
  readonly signal: AbortSignal;
  readonly onDelivered: (file: ReadyFile) => Promise<void>;
};

export class Lane {
  readonly #parts: LaneParts;
  #waiting: ReadyFile[] = [];
  #trying: ReadyFile | undefined;
  #running: Promise<void> | undefined;
  #failures = 0;
  #isLastTry = false;
  #endWait: () => void = () => undefined;

  constructor(parts: LaneParts) {
    this.#parts = parts;
    const { bucket, destination, recorder } = parts;
    if (destination === undefined) {
      recorder.error(
        { bucket },
        'access logs go to a bucket that is neither a --bucket nor in a --log-store; they wait',
      );
    }
  }

  add(file: ReadyFile): void {
    this.#waiting.push(file);
    if (this.#parts.destination === undefined) return;
    this.#running ??= this.#run(this.#parts.destination);
  }

  /** Not when it is being given to the bucket at this moment. */
  remove(file: ReadyFile): boolean {
    const at = this.#waiting.indexOf(file);
    if (at < 0 || this.#trying === file) return false;
    this.#waiting.splice(at, 1);
    return true;
  }

  /** One more try at once, and none after a failure; resolves when nothing is under way. */
  async finish(): Promise<void> {
    this.#isLastTry = true;
    this.#endWait();
    await this.#running;
  }

  async #run(destination: Destination): Promise<void> {
    for (let file = this.#waiting[0]; file !== undefined; file = this.#waiting[0]) {
      const isDone = await this.#attempt(destination, file);
      this.#waiting.shift();
      if (isDone) continue;
      this.#waiting.push(file);
      if (this.#isLastTry) break;
      await this.#wait();
    }
    // At once with the loop's end, or a file that comes in between would wait for the next one.
    this.#running = undefined;
  }

  async #attempt(destination: Destination, file: ReadyFile): Promise<boolean> {
    const { bucket, onDelivered, recorder, signal, slots } = this.#parts;
    this.#trying = file;
    const giveBack = await slots.take();
    try {
      signal.throwIfAborted();
      await destination.put(contentOf(file), signal);
      if (this.#failures > 0) recorder.info({ bucket }, 'a bucket takes access logs again');
      this.#failures = 0;
      await onDelivered(file);
      return true;
    } catch (error) {
      if (this.#failures === 0 && !signal.aborted) {
        const { key } = file;
        recorder.warn({ bucket, key, error }, 'a bucket does not take access logs; they wait');
      }
      this.#failures += 1;
      return false;
    } finally {
      this.#trying = undefined;
      giveBack();
    }
  }

  #wait(): Promise<void> {
    const { bounds, clock, randomness } = this.#parts;
    const longest = Math.min(bounds.retryMsMin * 2 ** (this.#failures - 1), bounds.retryMsMax);
    return new Promise((resolve) => {
      const cancel = clock.after(longest * (0.5 + randomness.fraction() / 2), resolve);
      this.#endWait = () => {
        cancel();
        resolve();
      };
    });
  }
}
