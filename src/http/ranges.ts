/**
 * Byte ranges (RFC 9110 §14; edge contract 6.1). Several are served where they stand in order and
 * none overlaps another; whatever breaks that is answered with the whole.
 */

/** `end` is exclusive. */
export type Part = { readonly start: number; readonly end: number };

export type RangesOutcome =
  /** No range is asked for in a form that is served: the whole is the answer. */
  | { readonly kind: 'whole' }
  /** At least one; members that lie beyond the end are left out. */
  | { readonly kind: 'parts'; readonly parts: readonly Part[] }
  | { readonly kind: 'unsatisfiable' };

export type RangeOutcome =
  | { readonly kind: 'whole' }
  | ({ readonly kind: 'part' } & Part)
  | { readonly kind: 'unsatisfiable' };

export const rangesMax = 50;

const whole = { kind: 'whole' } as const;
const unsatisfiable = { kind: 'unsatisfiable' } as const;
const rangesForm = /^bytes[\t ]*=(.*)$/i;
const memberForm = /^(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))$/;
const charactersMax = 4_096;

/** `length` is that of the complete representation, in bytes. */
export function resolveRanges(range: string | undefined, length: number): RangesOutcome {
  const list = rangesForm.exec(range ?? '')?.[1];
  if (list === undefined || list.length > charactersMax) return whole;
  const members = list.split(',');
  if (members.length > rangesMax) return whole;
  const parts: Part[] = [];
  /** Where the one before ends, whether it can be satisfied or not; the next may begin there. */
  let from = 0;
  for (const member of members) {
    const match = memberForm.exec(member.trim());
    if (match === null) return whole;
    const part = readMember(match, length);
    if (part === undefined || (members.length > 1 && part.start < from)) return whole;
    from = part.end;
    if (part.start < length && part.start < part.end) {
      parts.push({ start: part.start, end: Math.min(part.end, length) });
    }
  }
  return parts.length === 0 ? unsatisfiable : { kind: 'parts', parts };
}

/** Undefined for what ends before it begins. */
function readMember([, first, last, suffix]: RegExpExecArray, length: number): Part | undefined {
  if (suffix !== undefined) return { start: Math.max(0, length - Number(suffix)), end: length };
  const start = Number(first);
  if (last === undefined || last === '') return { start, end: Math.max(start + 1, length) };
  return Number(last) < start ? undefined : { start, end: Number(last) + 1 };
}

/** For who serves one range and no more: several are answered with the whole. */
export function resolveRange(range: string | undefined, length: number): RangeOutcome {
  if (range?.includes(',') === true) return whole;
  const outcome = resolveRanges(range, length);
  if (outcome.kind !== 'parts') return outcome;
  const [part] = outcome.parts;
  return part === undefined ? unsatisfiable : { kind: 'part', ...part };
}

const contentRangeForm = /^bytes[\t ]+(\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i;

/** What a 206 says that it holds; `total` is undefined where the sender does not know it. */
export function parseContentRange(
  text: string,
): (Part & { readonly total: number | undefined }) | undefined {
  const match = contentRangeForm.exec(text);
  if (match === null) return undefined;
  const start = Number(match[1]);
  const end = Number(match[2]) + 1;
  const total = match[3] === '*' ? undefined : Number(match[3]);
  if (end <= start || (total !== undefined && end > total)) return undefined;
  return { start, end, total };
}

export function contentRange(start: number, end: number, length: number): string {
  return `bytes ${start}-${end - 1}/${length}`;
}

export function unsatisfiedContentRange(length: number): string {
  return `bytes */${length}`;
}
