/** Points of time as a command line gives them: seconds since 1970, or a date with its zone. */
import { UsageFault } from './failure.ts';

const date = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/** Whole seconds since 1970. A date alone is its beginning in UTC (ISO 8601, RFC 3339). */
export function readTime(option: string, text: string): number {
  if (/^\d{1,11}$/.test(text)) return Number(text);
  const ms = date.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(ms) && ms >= 0) return Math.floor(ms / 1_000);
  throw new UsageFault(
    `--${option}: ${JSON.stringify(text.slice(0, 200))} is no time; write it as 2027-01-31T12:00:00Z or in seconds since 1970.`,
  );
}
