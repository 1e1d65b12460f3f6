/**
 * A cache policy: lifetimes, and which parts of a request tell objects apart (edge contract 4.2; API
 * 2020-05-31, section 4.6). All that is part of the key goes to the origin too.
 */
import type { NameSelection } from '../behavior-rules.ts';
import type { Limits } from '../limits.ts';
import { Refusal } from '../refusal.ts';
import { checkNames, checkPolicyName, checkSelection } from './policy-names.ts';

export type CachePolicyConfig = {
  readonly name: string;
  /** Empty when there is none. */
  readonly comment: string;
  readonly minTtlS: number;
  readonly defaultTtlS: number;
  readonly maxTtlS: number;
  readonly query: NameSelection;
  /** As written; compared without regard to case. */
  readonly headers: readonly string[];
  readonly cookies: NameSelection;
  readonly gzip: boolean;
  readonly brotli: boolean;
};

/** Headers that differ from viewer to viewer are for origin request policies alone. */
const refusedHeaders = new Set([
  'cloudfront-viewer-address',
  'cloudfront-viewer-asn',
  'cloudfront-viewer-tls',
  'cloudfront-viewer-ja3-fingerprint',
  'cloudfront-viewer-ja4-fingerprint',
  'cloudfront-viewer-header-order',
  'cloudfront-viewer-header-count',
  'cache-control',
  'connection',
  'content-length',
  'cookie',
  'max-forwards',
  'pragma',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'request-range',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-forwarded-proto',
  'x-real-ip',
]);

/** Throws a Refusal. */
export function checkCachePolicy(config: CachePolicyConfig, limits: Limits): void {
  const { brotli, cookies, defaultTtlS, gzip, headers, maxTtlS, minTtlS, query } = config;
  checkPolicyName(config.name);
  if (minTtlS < 0 || minTtlS > defaultTtlS || defaultTtlS > maxTtlS) {
    throw invalid(
      'MinTTL',
      `MinTTL ≤ DefaultTTL ≤ MaxTTL must hold, and it says ${minTtlS}, ${defaultTtlS}, ${maxTtlS}.`,
    );
  }
  checkNames('Headers', headers, limits['policy-names'], 'TooManyHeadersInCachePolicy');
  checkSelection('Cookies', cookies, limits['policy-names'], 'TooManyCookiesInCachePolicy');
  checkSelection('QueryStrings', query, limits['policy-names'], 'TooManyQueryStringsInCachePolicy');
  for (const header of headers) {
    const lower = header.toLowerCase();
    if (refusedHeaders.has(lower)) {
      throw invalid('Headers', `${header} cannot be part of a cache key.`);
    }
    if (lower === 'accept-encoding' && (gzip || brotli)) {
      throw invalid('Headers', 'Accept-Encoding cannot be listed while compression is enabled.');
    }
  }
  if (maxTtlS > 0) return;
  const caches: readonly (readonly [string, boolean])[] = [
    ['EnableAcceptEncodingGzip', gzip],
    ['EnableAcceptEncodingBrotli', brotli],
    ['HeaderBehavior', headers.length > 0],
    ['CookieBehavior', cookies.kind !== 'none'],
    ['QueryStringBehavior', query.kind !== 'none'],
  ];
  for (const [name, isSet] of caches) {
    if (isSet)
      throw invalid(`The parameter ${name}`, 'it is invalid for policy with caching disabled.');
  }
}

function invalid(member: string, why: string): Refusal {
  return new Refusal('InvalidArgument', { member, why });
}
