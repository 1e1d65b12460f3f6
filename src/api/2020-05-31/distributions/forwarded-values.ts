/**
 * ForwardedValues and the lifetimes beside them, for behaviors without a cache policy (edge contract
 * 4.4): what is forwarded is keyed, but that a list of query keys keys less than it forwards, and that
 * all headers are forwarded and none is keyed, since nothing is cached then.
 */
import type { CookieSelection } from '../../../model/behavior-rules.ts';
import type { Behavior } from '../../../model/distribution.ts';
import { plainBehavior } from '../../../model/plain-config.ts';
import { Refusal } from '../../../model/refusal.ts';
import { counted, itemsOf } from '../../../wire/counted.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';

type Forwarding = Pick<
  Behavior,
  'keyedQuery' | 'forwardedQuery' | 'keyedHeaders' | 'forwardedHeaders' | 'keyedCookies'
>;

export function readForwardedValues(given: Wire.ForwardedValues): Forwarding {
  return {
    ...readQuery(given),
    ...readHeaders(itemsOf(given.Headers)),
    keyedCookies: readCookies(given.Cookies),
  };
}

function readQuery(given: Wire.ForwardedValues): Pick<Behavior, 'keyedQuery' | 'forwardedQuery'> {
  const keys = itemsOf(given.QueryStringCacheKeys);
  if (!given.QueryString) {
    if (keys.length === 0)
      return { keyedQuery: { kind: 'none' }, forwardedQuery: { kind: 'none' } };
    const why = 'it cannot be false if query strings are set in QueryStringCacheKeys.';
    throw new Refusal('InvalidArgument', { member: 'The parameter QueryString', why });
  }
  if (keys.length === 0) return { keyedQuery: { kind: 'all' }, forwardedQuery: { kind: 'none' } };
  return { keyedQuery: { kind: 'only', names: keys }, forwardedQuery: { kind: 'all' } };
}

function readHeaders(
  names: readonly string[],
): Pick<Behavior, 'keyedHeaders' | 'forwardedHeaders'> {
  if (!names.includes('*')) return { keyedHeaders: names, forwardedHeaders: { kind: 'none' } };
  if (names.length === 1) return { keyedHeaders: [], forwardedHeaders: { kind: 'all' } };
  const why = '* stands for all headers, so it stands alone.';
  throw new Refusal('InvalidArgument', { member: 'Headers', why });
}

function readCookies({ Forward, WhitelistedNames }: Wire.CookiePreference): CookieSelection {
  const names = itemsOf(WhitelistedNames);
  if (Forward === 'whitelist') {
    if (names.length > 0) return { kind: 'matching', patterns: names };
    throw new Refusal('InvalidForwardCookies', { why: 'a whitelist names at least one cookie.' });
  }
  if (names.length === 0) return { kind: Forward };
  const why = `WhitelistedNames is for Forward of whitelist, and it is ${Forward}.`;
  throw new Refusal('InvalidForwardCookies', { why });
}

type Lifetimes = Pick<Behavior, 'minTtlS' | 'defaultTtlS' | 'maxTtlS'>;

/** What is not said gives way to what is. */
export function readLifetimes(
  given: Pick<Wire.DefaultCacheBehavior, 'MinTTL' | 'DefaultTTL' | 'MaxTTL'>,
): Lifetimes {
  const minTtlS = given.MinTTL ?? plainBehavior.minTtlS;
  const defaultTtlS = given.DefaultTTL ?? Math.max(plainBehavior.defaultTtlS, minTtlS);
  return {
    minTtlS,
    defaultTtlS,
    maxTtlS: given.MaxTTL ?? Math.max(plainBehavior.maxTtlS, defaultTtlS),
  };
}

/** Rules that ForwardedValues cannot say are those of tests; they are shown as the next wider ones. */
export function writeForwardedValues(behavior: Forwarding): Wire.ForwardedValues {
  const { forwardedHeaders, forwardedQuery, keyedHeaders, keyedQuery } = behavior;
  const headers = forwardedHeaders.kind === 'none' ? keyedHeaders : ['*'];
  return {
    QueryString: keyedQuery.kind !== 'none' || forwardedQuery.kind !== 'none',
    Cookies: writeCookies(behavior.keyedCookies),
    Headers: counted(headers),
    QueryStringCacheKeys: counted(keyedQuery.kind === 'only' ? keyedQuery.names : []),
  };
}

function writeCookies(cookies: CookieSelection): Wire.CookiePreference {
  switch (cookies.kind) {
    case 'none':
    case 'all':
      return { Forward: cookies.kind };
    case 'matching':
      return { Forward: 'whitelist', WhitelistedNames: counted(cookies.patterns) };
    case 'only':
      return { Forward: 'whitelist', WhitelistedNames: counted(cookies.names) };
    default:
      return { Forward: 'all' };
  }
}
