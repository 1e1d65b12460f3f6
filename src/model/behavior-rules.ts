/**
 * What a behavior says beyond its origin and lifetimes: which methods it takes, what of a request is
 * part of the cache key, what goes on to the origin beyond that, how long errors are kept, and what is
 * compressed (edge contract 1.4, 4, 5.8 and 6.4). API 2010-11-01 has no words for any of it, so its
 * distributions have `rulesOf2010`.
 *
 * What is keyed is what a cache policy says, what is forwarded beyond it what an origin request policy
 * says. ForwardedValues are written in the same words (docs/decisions/0021).
 */
import { wildcardFits } from '../http/resource-pattern.ts';

/** Names are literal and blind to nothing. */
export type NameSelection =
  | { readonly kind: 'none' }
  | { readonly kind: 'all' }
  | { readonly kind: 'only'; readonly names: readonly string[] }
  | { readonly kind: 'except'; readonly names: readonly string[] };

/** In the names that ForwardedValues list, `*` stands for any characters and `?` for one. */
export type CookieSelection =
  | NameSelection
  | { readonly kind: 'matching'; readonly patterns: readonly string[] };

/**
 * Fields of the viewer. `all-and`: all of them, and facts of ours by name, such as
 * `CloudFront-Viewer-Country`.
 */
export type ForwardedHeaders =
  | { readonly kind: 'none' }
  | { readonly kind: 'all' }
  | { readonly kind: 'only'; readonly names: readonly string[] }
  | { readonly kind: 'except'; readonly names: readonly string[] }
  | { readonly kind: 'all-and'; readonly names: readonly string[] };

/** `read`: GET and HEAD; `read-and-options`: OPTIONS too; `all`: also PUT, POST, PATCH and DELETE. */
export type AllowedMethods = 'read' | 'read-and-options' | 'all';

/**
 * How requests are told apart by the content codings they accept (edge contract 4.3). `legacy`, which
 * behaviors without a cache policy have: gzip alone, and for buckets only where `compress` is set.
 * With it goes the rest of what sets such behaviors apart (`isLegacy`).
 */
export type EncodingRule =
  | { readonly kind: 'legacy' }
  | { readonly kind: 'policy'; readonly gzip: boolean; readonly brotli: boolean };

export type BehaviorRules = {
  readonly allowedMethods: AllowedMethods;
  /** Whether answers to OPTIONS are cached. */
  readonly cachesOptions: boolean;
  /** Part of the key, and sent to the origin. */
  readonly keyedQuery: NameSelection;
  /** Names of fields, in lower case; part of the key, and sent to the origin. */
  readonly keyedHeaders: readonly string[];
  readonly keyedCookies: CookieSelection;
  /** Sent to the origin, part of the key or not. */
  readonly forwardedQuery: NameSelection;
  /** Names in lower case. */
  readonly forwardedHeaders: ForwardedHeaders;
  readonly forwardedCookies: NameSelection;
  /** Status → the least seconds that an error of it is kept; 10 where it has none here. */
  readonly errorTtlS: Readonly<Record<string, number>>;
  /** Whether the edge compresses what the origin has not. */
  readonly compress: boolean;
  /** Without effect where `accept-encoding` is one of `keyedHeaders`: then it is like any other. */
  readonly encodings: EncodingRule;
};

export const defaultErrorTtlS = 10;

/** Edge contract, section 16. */
export const rulesOf2010: BehaviorRules = {
  allowedMethods: 'read',
  cachesOptions: false,
  keyedQuery: { kind: 'none' },
  keyedHeaders: [],
  keyedCookies: { kind: 'none' },
  forwardedQuery: { kind: 'none' },
  forwardedHeaders: { kind: 'none' },
  forwardedCookies: { kind: 'none' },
  errorTtlS: {},
  compress: false,
  encodings: { kind: 'legacy' },
};

const methods: Readonly<Record<AllowedMethods, readonly string[]>> = {
  read: ['GET', 'HEAD'],
  'read-and-options': ['GET', 'HEAD', 'OPTIONS'],
  all: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE'],
};

/** Names of methods are case-sensitive (RFC 9110 §9.1). */
export function isAllowedMethod({ allowedMethods }: BehaviorRules, method: string): boolean {
  return methods[allowedMethods].includes(method);
}

export function isCachedMethod({ cachesOptions }: BehaviorRules, method: string): boolean {
  return method === 'GET' || method === 'HEAD' || (cachesOptions && method === 'OPTIONS');
}

/**
 * Whether the behavior has no cache policy (edge contract 4.4): what no table names goes to the origin,
 * and where all fields of viewers do, nothing is cached.
 */
export function isLegacy({ encodings }: BehaviorRules): boolean {
  return encodings.kind === 'legacy';
}

export function selects(selection: CookieSelection, name: string): boolean {
  switch (selection.kind) {
    case 'none':
      return false;
    case 'all':
      return true;
    case 'only':
      return selection.names.includes(name);
    case 'except':
      return !selection.names.includes(name);
    default:
      return selection.patterns.some((pattern) => wildcardFits(pattern, name));
  }
}

/**
 * What the origin is sent of a query or of cookies: the table of edge contract 4.3, rule 12. Its one
 * cell that is no union is that of two lists of what to leave out: what either names is left out.
 */
export function isSent(keyed: CookieSelection, beyond: NameSelection, name: string): boolean {
  const isKeyed = selects(keyed, name);
  return keyed.kind === 'except' && beyond.kind === 'except'
    ? isKeyed && selects(beyond, name)
    : isKeyed || selects(beyond, name);
}

/** Whether a field of the viewer goes to the origin by its name; `name` is in lower case. */
export function namesHeader(
  { forwardedHeaders, keyedHeaders }: BehaviorRules,
  name: string,
): boolean {
  return keyedHeaders.includes(name) || forwards(forwardedHeaders, name);
}

function forwards(headers: ForwardedHeaders, name: string): boolean {
  switch (headers.kind) {
    case 'none':
      return false;
    case 'only':
      return headers.names.includes(name);
    case 'except':
      return !headers.names.includes(name);
    default:
      return true;
  }
}

/** Whether all fields of viewers go to the origin, but for some that are named. */
export function forwardsHeadersAtLarge({ forwardedHeaders: { kind } }: BehaviorRules): boolean {
  return kind === 'all' || kind === 'all-and' || kind === 'except';
}

export function forwardsCookies({ forwardedCookies, keyedCookies }: BehaviorRules): boolean {
  return keyedCookies.kind !== 'none' || forwardedCookies.kind !== 'none';
}
