/**
 * Gives back to the system what starting took. V8 lets the young generation of a thread grow while
 * modules load, and keeps it at that size for as long as the thread has nothing to do; a collection
 * of the last-resort kind shrinks it, and it grows again under load (nodejs.org/api/v8.html,
 * github.com/v8/v8 src/extensions/gc-extension.cc).
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Clock } from './clock.ts';

/** After the start, so that it holds up neither it nor the first requests. */
const delayMs = 2_000;
const triesMax = 20;

/** Once for the thread that calls it, which then stands still for some 40 ms. */
export function giveBackStartMemory(clock: Clock): void {
  clock.after(delayMs, () => {
    const collect = findCollection();
    if (typeof collect !== 'function') return;
    Reflect.apply(collect, undefined, [
      { type: 'major', execution: 'sync', flavor: 'last-resort' },
    ]);
  });
}

/**
 * Flags of V8 are those of the whole process, so another thread that does the same may take the flag
 * back before it is used here; then it is set once more. Without the collection, memory is all that
 * is lost.
 */
function findCollection(): unknown {
  for (let tries = 0; tries < triesMax; tries += 1) {
    setFlagsFromString('--expose-gc');
    const found: unknown = runInNewContext('typeof gc === "function" ? gc : undefined');
    setFlagsFromString('--no-expose-gc');
    if (found !== undefined) return found;
  }
  return undefined;
}
