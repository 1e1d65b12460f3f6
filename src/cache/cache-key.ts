/**
 * The cache key (edge contract 4.1): what has to be equal for two requests to share an object. The
 * path is the bytes as sent (1.9, rule 35); scheme, host and origin are no part of it. GET and HEAD
 * share one key.
 */
import type { NormalisedEncoding } from '../http/accept-encoding.ts';
import { type HeaderList, joinedValue, listMembers } from '../http/header-list.ts';

export type KeyParts = {
  /** Whose the object is: of a distribution, or of one tenant of it. */
  readonly owner: string;
  /** The normalised Accept-Encoding (4.3). */
  readonly encoding: NormalisedEncoding;
  readonly path: string;
  /** What is selected of each; left out where nothing is. */
  readonly query?: string | undefined;
  readonly headers?: HeaderList;
  readonly cookies?: string | undefined;
  /** OPTIONS has objects of its own. */
  readonly method?: 'OPTIONS' | undefined;
};

/**
 * Of the first two parts none can hold a blank, of the path none a `?`, and of all that follows none
 * a line end, so no two keys are written alike.
 */
export function cacheKey(parts: KeyParts): string {
  const { cookies, encoding, headers = [], method, owner, path, query } = parts;
  let key = `${owner} ${encoding} ${path}`;
  if (query !== undefined) key += `?${query}`;
  for (let index = 0; index < headers.length; index += 2) {
    key += `\n${headers[index]}:${headers[index + 1]}`;
  }
  if (cookies !== undefined) key += `\n;${cookies}`;
  return method === undefined ? key : `${key}\n=${method}`;
}

/** Errors stand beside the object of their key (5.8, rule 40). */
export function errorKey(key: string): string {
  return `${key}\n!`;
}

export function partKey(key: string, start: number, end: number): string {
  return `${key}\n#${start}-${end}`;
}

const partEnding = /\n#(\d+)-(\d+)$/;

export function isPartKey(key: string): boolean {
  return partEnding.test(key);
}

/** Reads back what `partKey` made. */
export function splitPartKey(
  key: string,
): { readonly key: string; readonly start: number; readonly end: number } | undefined {
  const match = partEnding.exec(key);
  if (match === null) return undefined;
  return { key: key.slice(0, match.index), start: Number(match[1]), end: Number(match[2]) };
}

export function isErrorKey(key: string): boolean {
  return key.endsWith('\n!');
}

/** Under which others find a fetch of this range alone; nothing is stored under it. */
export function rangeKey(key: string, range: string): string {
  return `${key}\n#${range}`;
}

/** Of the variants of a key, the one that these request fields choose (RFC 9111 §4.1). */
export function variantKey(key: string, names: readonly string[], request: HeaderList): string {
  const chosen = names.map((name) => {
    const value = joinedValue(request, name);
    return value === undefined ? `\n~${name}` : `\n~${name}:${normalised(name, value)}`;
  });
  return key + chosen.join('');
}

/** Blanks around commas mean nothing; of languages neither do case and order (RFC 9110 §12.5.4). */
function normalised(name: string, value: string): string {
  const members = listMembers(value);
  const same = name === 'accept-language' ? members.map(lowerCase).toSorted() : members;
  return same.join(',');
}

function lowerCase(text: string): string {
  return text.toLowerCase();
}
