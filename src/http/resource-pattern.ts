/**
 * What a custom policy opens: a URL in which `*` stands for any run of characters and `?` for one
 * (edge contract 9.5). A pattern has sections, `[scheme]://[host]/[path]\?[query]`, and no wildcard
 * reaches beyond its own, but for a `*` that ends the host or the path: it takes all that follows.
 *
 * Two rules are stricter or wider than the contract's letter (docs/decisions/0014):
 * - A path that climbs (`/a/../b`) fits no wildcard: what it means is decided by the origin, and
 *   must not be something else than what was signed.
 * - Signers also put a URL with a query into a policy as it is, with a bare `?`. Path and query may
 *   therefore also be the same to the byte.
 */

/** One character a byte. */
export type RequestedUrl = {
  readonly scheme: string;
  /** In lower case. */
  readonly host: string;
  readonly path: string;
  /** Without its `?`; undefined where there is none. */
  readonly query: string | undefined;
};

type Sections = {
  readonly scheme: string;
  readonly host: string;
  /** Undefined where only a host is named. */
  readonly path: string | undefined;
  readonly query: string | undefined;
  /** Path and query as written. */
  readonly rest: string;
};

export function resourceFits(resource: string, url: RequestedUrl): boolean {
  if (resource === '*') return true;
  const sections = splitResource(resource);
  if (sections === undefined) return false;
  const { host, path, query, rest, scheme } = sections;
  if (!wildcardFits(scheme, url.scheme) || !wildcardFits(host, url.host)) return false;
  if (path === undefined && query === undefined && host.endsWith('*')) return true;
  if (rest === (url.query === undefined ? url.path : `${url.path}?${url.query}`)) return true;
  // A URL without a path is the one with the path `/` (RFC 3986 §6.2.3).
  return pathFits(path ?? '/', url.path) && queryFits(path ?? '/', query, url.query ?? '');
}

/** Undefined for what names no URL, such as a stream. */
function splitResource(resource: string): Sections | undefined {
  const schemed = /^([A-Za-z*?]+):\/\/(.*)$/s.exec(resource);
  if (schemed === null && !resource.startsWith('*')) return undefined;
  const [, scheme = '*', after = resource] = schemed ?? [];
  const mark = after.indexOf('\\?');
  const place = mark < 0 ? after : after.slice(0, mark);
  const slash = place.indexOf('/');
  const hostEnd = slash < 0 ? place.length : slash;
  return {
    scheme: scheme.toLowerCase(),
    host: place.slice(0, hostEnd).toLowerCase(),
    path: slash < 0 ? undefined : place.slice(slash),
    query: mark < 0 ? undefined : after.slice(mark + 2),
    rest: after.slice(hostEnd),
  };
}

/** With a slash or a backslash around the dots, or what some origins take for one. */
const climbing = /(?:^|[/\\]|%2f|%5c)(?:\.|%2e){1,2}(?:[/\\]|%2f|%5c|$)/i;

function pathFits(pattern: string, path: string): boolean {
  const mayClimb = pattern === '/*' || !/[*?]/.test(pattern);
  return wildcardFits(pattern, path) && (mayClimb || !climbing.test(path));
}

function queryFits(path: string, pattern: string | undefined, query: string): boolean {
  if (pattern === undefined) return query === '' || path.endsWith('*');
  return wildcardFits(pattern.replaceAll('\\?', literalQuestionMark), query);
}

/** Stands for a `?` that is no wildcard; no byte is this character. */
const literalQuestionMark = '\uffff';
const literalQuestionMarkCode = 0xffff;
const questionMark = 63;
const asterisk = 42;

/** A pattern that takes longer was made to take long, and fits nothing; some milliseconds. */
const stepsMax = 1_000_000;

/**
 * Does the whole text fit, where `*` is any run of characters and `?` exactly one? A `*` takes as
 * little as it can, and one more each time that what follows it does not fit; an earlier `*` never
 * has to be tried again. So the cost is at most the product of both lengths.
 */
export function wildcardFits(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  let steps = 0;
  for (let index = 0; index < text.length; ) {
    steps += 1;
    if (steps > stepsMax) return false;
    const wanted = at < pattern.length ? pattern.charCodeAt(at) : -1;
    if (wanted === asterisk) {
      star = at;
      resume = index;
      at += 1;
    } else if (isOne(wanted, text.charCodeAt(index))) {
      at += 1;
      index += 1;
    } else if (star < 0) {
      return false;
    } else {
      resume += 1;
      index = resume;
      at = star + 1;
    }
  }
  return /^\**$/.test(pattern.slice(at));
}

function isOne(wanted: number, character: number): boolean {
  if (wanted === literalQuestionMarkCode) return character === questionMark;
  return wanted === character || wanted === questionMark;
}
