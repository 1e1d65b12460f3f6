/**
 * Time as a port: everything that waits or reads the time is given a clock, so that a test or a
 * simulation can move time by hand. Only this file touches the timers of the platform.
 */
import { branded } from './brand.ts';

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number & { readonly brand: 'Instant' };

export interface Clock {
  /** The time of day; may jump when the machine's clock is set. */
  now(): Instant;
  /** Milliseconds since some fixed moment; never goes back. Leases are counted on it. */
  monotonicMs(): number;
  /** Calls `act` once after `delayMs`; the answer cancels it. Never keeps the process alive. */
  after(delayMs: number, act: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => instant(Date.now()),
  monotonicMs: () => performance.now(),
  after(delayMs, act) {
    const timer = setTimeout(act, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

export function instant(msSinceEpoch: number): Instant {
  return branded<Instant>(msSinceEpoch);
}

/** Resolves after `delayMs`; rejects with the signal's reason when it is aborted first. */
export function pause(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
