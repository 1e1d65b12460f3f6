/**
 * Cache-Control of a response (RFC 9111 §5.2.2; edge contract 5.2, rules 9 and 10). Names are blind
 * to case, values may be quoted, what is unknown is passed over, several lines count as one.
 */
import { type HeaderList, joinedValue } from './header-list.ts';

export type CacheControl = {
  /** Seconds; 0 for a value that is no number, or where two values differ. */
  readonly maxAge: number | undefined;
  readonly sMaxage: number | undefined;
  readonly staleWhileRevalidate: number | undefined;
  readonly staleIfError: number | undefined;
  readonly noStore: boolean;
  /** Only in the form that names no fields. */
  readonly noCache: boolean;
  readonly private: boolean;
  /** Fields, in lower case, that `no-cache="…"` or `private="…"` keep from being replayed. */
  readonly withheldFields: readonly string[];
  readonly mustRevalidate: boolean;
  readonly noTransform: boolean;
  readonly public: boolean;
  readonly mustUnderstand: boolean;
};

/** A hundred years, which no lifetime exceeds (edge contract 0.3). */
export const lifetimeSMax = 3_155_760_000;

const nothingSaid: CacheControl = {
  maxAge: undefined,
  sMaxage: undefined,
  staleWhileRevalidate: undefined,
  staleIfError: undefined,
  noStore: false,
  noCache: false,
  private: false,
  withheldFields: [],
  mustRevalidate: false,
  noTransform: false,
  public: false,
  mustUnderstand: false,
};

/** A name, a value that is a token or a quoted string, and what else comes before the next comma. */
const directiveForm = /([^\s,=";]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?([^,]*)/y;
/** Apart from the rest, since each comma of a long row would be tried as its beginning. */
const separators = /[\s,]*/y;

export function parseCacheControl(headers: HeaderList): CacheControl {
  const value = joinedValue(headers, 'cache-control');
  if (value === undefined) return nothingSaid;
  const said = new Set<string>();
  const numbers = new Map<string, number>();
  const withheldFields: string[] = [];

  for (let at = 0; ; ) {
    separators.lastIndex = at;
    separators.exec(value);
    at = separators.lastIndex;
    directiveForm.lastIndex = at;
    const match = directiveForm.exec(value);
    if (match === null) {
      // What is no directive is passed over up to the next comma.
      const comma = value.indexOf(',', at);
      if (comma < 0) break;
      at = comma + 1;
      continue;
    }
    at = directiveForm.lastIndex;
    const directive = (match[1] ?? '').toLowerCase();
    const argument = match[2]?.replace(/\\(.)/g, '$1') ?? match[3];
    if (isNumeric(directive)) {
      const seconds = match[4]?.trim() === '' ? parseSeconds(argument) : 0;
      const earlier = numbers.get(directive);
      numbers.set(directive, earlier === undefined || earlier === seconds ? seconds : 0);
      continue;
    }
    const fields = directive === 'no-cache' || directive === 'private' ? fieldNames(argument) : [];
    if (fields.length > 0) withheldFields.push(...fields);
    else said.add(directive);
  }
  return {
    maxAge: numbers.get('max-age'),
    sMaxage: numbers.get('s-maxage'),
    staleWhileRevalidate: numbers.get('stale-while-revalidate'),
    staleIfError: numbers.get('stale-if-error'),
    noStore: said.has('no-store'),
    noCache: said.has('no-cache'),
    private: said.has('private'),
    withheldFields,
    mustRevalidate: said.has('must-revalidate') || said.has('proxy-revalidate'),
    noTransform: said.has('no-transform'),
    public: said.has('public'),
    mustUnderstand: said.has('must-understand'),
  };
}

function fieldNames(argument: string | undefined): readonly string[] {
  return (argument ?? '')
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((field) => field !== '');
}

function isNumeric(name: string): boolean {
  return (
    name === 'max-age' ||
    name === 's-maxage' ||
    name === 'stale-while-revalidate' ||
    name === 'stale-if-error'
  );
}

function parseSeconds(argument: string | undefined): number {
  if (argument === undefined || !/^\d+$/.test(argument)) return 0;
  return Math.min(Number(argument), lifetimeSMax);
}
