/**
 * What a behavior says beyond its origin and lifetimes: which methods it takes, what of a request is
 * part of the cache key and goes on to the origin, how long errors are kept, and what is compressed
 * (edge contract 1.4, 4, 5.8 and 6.4). API 2010-11-01 has no words for any of it, so its distributions have `rulesOf2010`.
 */

/** Names are literal and blind to nothing. */
export type NameSelection =
  | { readonly kind: 'none' }
  | { readonly kind: 'all' }
  | { readonly kind: 'only'; readonly names: readonly string[] }
  | { readonly kind: 'except'; readonly names: readonly string[] };

/** `read`: GET and HEAD; `read-and-options`: OPTIONS too; `all`: also PUT, POST, PATCH and DELETE. */
export type AllowedMethods = 'read' | 'read-and-options' | 'all';

/**
 * How requests are told apart by the content codings they accept (edge contract 4.3). `legacy`, which
 * behaviors without a cache policy have: gzip alone, and for buckets only where `compress` is set.
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
  readonly keyedCookies: NameSelection;
  /** `all`: every field of the viewer but `Host` goes to the origin, part of the key or not. */
  readonly forwardedHeaders: 'keyed' | 'all';
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
  forwardedHeaders: 'keyed',
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

export function selects(selection: NameSelection, name: string): boolean {
  if (selection.kind === 'none' || selection.kind === 'all') return selection.kind === 'all';
  return selection.names.includes(name) === (selection.kind === 'only');
}
