/** Waiting for a condition, never for a time: tests end as soon as what they wait for is true. */

const betweenMs = 10;

/**
 * Resolves with the first value of `ask` that is not undefined. Rejects after `msMax`, saying
 * `what` was waited for and what was seen last, if `seen` can tell.
 */
export async function until<Value>(
  what: string,
  ask: () => Promise<Value | undefined> | Value | undefined,
  { msMax = 10_000, seen }: { readonly msMax?: number; readonly seen?: () => string } = {},
): Promise<Value> {
  const deadline = performance.now() + msMax;
  for (;;) {
    const value = await ask();
    if (value !== undefined) return value;
    if (performance.now() > deadline) {
      const last = seen === undefined ? '' : `; seen last: ${seen()}`;
      throw new Error(`after ${msMax} ms it is still not so that ${what}${last}`);
    }
    await pause(betweenMs);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
