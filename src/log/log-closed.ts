/** Said to calls that reach a log after `close`, or that `close` finds waiting. */
export class LogClosed extends Error {
  override readonly name = 'LogClosed';

  constructor() {
    super('the log is closed');
  }
}

/** What was thrown or given as the reason of an abort, as an error. */
export function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
