/**
 * What a request says to be let in: parameters of a signed URL, or signed cookies (edge contract 9.2
 * and 9.3). Nothing is believed here, only found and taken apart. Names are case-sensitive and never
 * decoded; a percent-encoding of a value is undone once, for clients that encode what needs none.
 */
import { type HeaderList, headerValues } from './header-list.ts';

/** As sent but for percent-encoding; undefined where it is not said. */
export type SigningParameters = {
  readonly expires: string | undefined;
  readonly policy: string | undefined;
  readonly signature: string | undefined;
  readonly keyPairId: string | undefined;
  readonly hashAlgorithm: string | undefined;
};

export type SignedQuery = {
  /** Undefined where the query has none of the four that make a URL a signed one. */
  readonly given: SigningParameters | undefined;
  /** The query without them, the rest in its order; undefined where nothing remains. */
  readonly rest: string | undefined;
};

/** `query`: without its `?`, as sent. */
export function readSignedQuery(query: string | undefined): SignedQuery {
  if (query === undefined) return { given: undefined, rest: undefined };
  const values = new Map<string, string>();
  const kept: string[] = [];
  for (const part of query.split('&')) {
    const equals = part.indexOf('=');
    const name = equals < 0 ? part : part.slice(0, equals);
    if (!parameterNames.has(name)) {
      kept.push(part);
      continue;
    }
    const value = decodeOnce(equals < 0 ? '' : part.slice(equals + 1));
    const earlier = values.get(name);
    // As with fields of HTTP. No value has a comma, so one that is said twice is never a good one.
    values.set(name, earlier === undefined ? value : `${earlier},${value}`);
  }
  const rest = kept.length === 0 ? undefined : kept.join('&');
  return { given: signingParameters((name) => values.get(name)), rest };
}

/** Of several cookies of one name the first counts; undefined where none of the four is there. */
export function readSignedCookies(headers: HeaderList): SigningParameters | undefined {
  const values = new Map<string, string>();
  for (const field of headerValues(headers, 'cookie')) {
    for (const pair of field.split(';')) {
      const equals = pair.indexOf('=');
      const name = pair.slice(0, Math.max(0, equals)).trim();
      if (!name.startsWith(cookiePrefix) || values.has(name)) continue;
      values.set(name, decodeOnce(pair.slice(equals + 1).trim()));
    }
  }
  return values.size === 0
    ? undefined
    : signingParameters((name) => values.get(`${cookiePrefix}${name}`));
}

/** One of the cookies that let a viewer in. */
export function isSigningCookie(name: string): boolean {
  return name.startsWith(cookiePrefix) && parameterNames.has(name.slice(cookiePrefix.length));
}

/** Both alphabets of Base64 are read; what comes out is spelt as signed parts are. */
export function asSignedPart(text: string): string {
  return text.replace(/[+=/]/g, (character) => spellings[character] ?? character);
}

const spellings: Readonly<Record<string, string>> = { '+': '-', '=': '_', '/': '~' };
const cookiePrefix = 'CloudFront-';
const parameterNames = new Set(['Expires', 'Policy', 'Signature', 'Key-Pair-Id', 'Hash-Algorithm']);

/** Which algorithm it is says nothing by itself, so that alone does not count. */
function signingParameters(
  find: (name: string) => string | undefined,
): SigningParameters | undefined {
  const expires = find('Expires');
  const policy = find('Policy');
  const signature = find('Signature');
  const keyPairId = find('Key-Pair-Id');
  const isNone =
    expires === undefined &&
    policy === undefined &&
    signature === undefined &&
    keyPairId === undefined;
  const hashAlgorithm = find('Hash-Algorithm');
  return isNone ? undefined : { expires, policy, signature, keyPairId, hashAlgorithm };
}

function decodeOnce(value: string): string {
  if (!value.includes('%')) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
