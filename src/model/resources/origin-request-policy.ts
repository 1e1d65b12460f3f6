/**
 * An origin request policy: what of a request goes to the origin beyond what the cache key holds (edge
 * contract 4.3, rules 12 to 14).
 */
import type { ForwardedHeaders, NameSelection } from '../behavior-rules.ts';
import type { Limits } from '../limits.ts';
import { Refusal } from '../refusal.ts';
import { checkNames, checkPolicyName, checkSelection } from './policy-names.ts';

export type OriginRequestPolicyConfig = {
  readonly name: string;
  readonly comment: string;
  readonly headers: ForwardedHeaders;
  readonly cookies: NameSelection;
  readonly query: NameSelection;
};

/** They pass by being in the cache key, or with all of the viewer's. */
const onlyByCachePolicy = new Set(['authorization', 'accept-encoding']);

/** Throws a Refusal. */
export function checkOriginRequestPolicy(config: OriginRequestPolicyConfig, limits: Limits): void {
  const { cookies, headers, query } = config;
  const max = limits['policy-names'];
  checkPolicyName(config.name);
  checkSelection('Cookies', cookies, max, 'TooManyCookiesInOriginRequestPolicy');
  checkSelection('QueryStrings', query, max, 'TooManyQueryStringsInOriginRequestPolicy');
  if (headers.kind === 'none' || headers.kind === 'all') return;
  const { kind, names } = headers;
  if (names.length === 0) throw invalid('a list of names has at least one.');
  checkNames('Headers', names, max, 'TooManyHeadersInOriginRequestPolicy');
  for (const name of names) {
    const lower = name.toLowerCase();
    const isOurs = lower.startsWith('cloudfront-');
    if (kind === 'only' && onlyByCachePolicy.has(lower)) {
      throw invalid(`${name} goes to the origin by a cache policy, or with all of the viewer's.`);
    }
    if (kind === 'except' && isOurs) throw invalid(`${name} is no header of the viewer.`);
    if (kind === 'all-and' && !isOurs)
      throw invalid(`${name} is among those of the viewer already.`);
  }
}

function invalid(why: string): Refusal {
  return new Refusal('InvalidArgument', { member: 'Headers', why });
}
