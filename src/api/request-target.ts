/**
 * The target of a request: path and query. Old tools force two kindnesses (API 2010-11-01, section
 * 1.1): runs of slashes are one, and an absolute target, as a proxy is sent, is taken by its path.
 */
import { Refusal } from '../model/refusal.ts';

export type RequestTarget = {
  /** Each decoded once; none is empty. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
  /** As they came, for signatures; the base path is signed too. */
  readonly rawPath: string;
  readonly rawQuery: string;
};

const pathCharactersMax = 1_024;
const queryCharactersMax = 4_096;

/** `basePath`: what may stand before every path, as an endpoint has it. Throws `InvalidURI`. */
export function readRequestTarget(target: string, basePath = ''): RequestTarget {
  const relative = target.replace(/^https?:\/\/[^/?]*/i, '');
  const queryAt = relative.indexOf('?');
  const path = queryAt < 0 ? relative : relative.slice(0, queryAt);
  const query = queryAt < 0 ? '' : relative.slice(queryAt + 1);
  if (path.length > pathCharactersMax) refuse(`it has more than ${pathCharactersMax} characters.`);
  if (query.length > queryCharactersMax) {
    refuse(`its query has more than ${queryCharactersMax} characters.`);
  }
  if (!path.startsWith('/') && path !== '') refuse('it does not begin with a slash.');
  if (/[^\x21-\x7e]|#/.test(relative)) {
    refuse('it holds a character that has to be percent-encoded.');
  }
  if (/%(?![0-9A-Fa-f]{2})/.test(relative)) refuse('a % in it is not followed by two hex digits.');
  return {
    segments: segmentsOf(withoutBase(path, basePath)).map(decoded),
    query: new URLSearchParams(query),
    rawPath: path,
    rawQuery: query,
  };
}

/** The first segment as it was sent, for choosing the form of an answer before all else is known. */
export function firstSegment(target: string, basePath = ''): string | undefined {
  const path = target.replace(/^https?:\/\/[^/?]*/i, '').replace(/\?.*$/s, '');
  return segmentsOf(withoutBase(path, basePath))[0];
}

function withoutBase(path: string, basePath: string): string {
  return path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : path;
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return refuse('its percent-encoding does not give UTF-8.');
  }
}

function refuse(why: string): never {
  throw new Refusal('InvalidURI', { why });
}
