/** Keeping the process alive while something is under way that only a clock will end. */

const longestTimerMs = 2_147_483_647;

/** Until what it returns is called. The timers of a clock alone never keep a process alive. */
export function keepAlive(): () => void {
  const timer = setInterval(() => undefined, longestTimerMs);
  return () => clearInterval(timer);
}
