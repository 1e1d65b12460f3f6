/**
 * How fast one function is: called again and again in batches long enough for the clock, after a
 * time in which the compiler sees what it is about.
 */
const warmUpMs = 300;
const batchMs = 10;

/** Calls a second, of each of `batches` batches. `act` gets the number of the call. */
export function callsASecond(act: (call: number) => unknown, batches: number): number[] {
  let call = 0;
  let last: unknown;
  const run = (calls: number): number => {
    const begun = performance.now();
    for (let index = 0; index < calls; index += 1) last = act(call++);
    return performance.now() - begun;
  };
  let calls = 1;
  for (let spentMs = 0; spentMs < warmUpMs; ) {
    const ms = run(calls);
    spentMs += ms;
    if (ms < batchMs) calls = Math.ceil(calls * Math.min(10, batchMs / Math.max(ms, 0.01)));
  }
  const rates = Array.from({ length: batches }, () => (calls / run(calls)) * 1_000);
  // Used, so that nothing of the calls can be left out as useless.
  if (last === rates) throw new Error('a call cannot return this');
  return rates;
}
