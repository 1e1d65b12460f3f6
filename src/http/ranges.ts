/**
 * Byte ranges (RFC 9110 §14; edge contract 6.1). One range is served as such; several, and whatever
 * is not in order, is answered with the whole.
 */

export type RangeOutcome =
  /** No range is asked for in a form that is served: the whole is the answer. */
  | { readonly kind: 'whole' }
  /** `end` is exclusive. */
  | { readonly kind: 'part'; readonly start: number; readonly end: number }
  | { readonly kind: 'unsatisfiable' };

const whole: RangeOutcome = { kind: 'whole' };
const unsatisfiable: RangeOutcome = { kind: 'unsatisfiable' };
const oneRangeForm = /^bytes[\t ]*=[\t ]*(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))[\t ]*$/i;

/** `length` is that of the complete representation, in bytes. */
export function resolveRange(range: string | undefined, length: number): RangeOutcome {
  if (range === undefined) return whole;
  const match = oneRangeForm.exec(range);
  if (match === null) return whole;
  const [, first, last, suffix] = match;
  if (suffix !== undefined) {
    const wanted = Number(suffix);
    if (wanted === 0 || length === 0) return unsatisfiable;
    return { kind: 'part', start: Math.max(0, length - wanted), end: length };
  }
  const start = Number(first);
  if (last !== undefined && last !== '' && Number(last) < start) return whole;
  if (start >= length) return unsatisfiable;
  const end = last === undefined || last === '' ? length : Math.min(Number(last) + 1, length);
  return { kind: 'part', start, end };
}

export function contentRange(start: number, end: number, length: number): string {
  return `bytes ${start}-${end - 1}/${length}`;
}

export function unsatisfiedContentRange(length: number): string {
  return `bytes */${length}`;
}
