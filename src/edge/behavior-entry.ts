/**
 * A behavior as an edge obeys it: what its configuration says, with the policies it names put in
 * their places (edge contract 4.2 and 4.4). Made when the configuration or a policy changes, so that
 * no request looks anything up.
 */
import type { Ttl } from '../cache/freshness.ts';
import { type BehaviorRules, isLegacy } from '../model/behavior-rules.ts';
import {
  type Behavior,
  type DistributionConfig,
  isPrivate,
  type TrustedSigners,
  type ViewerProtocolPolicy,
} from '../model/distribution.ts';
import { plainCustomOrigin } from '../model/plain-config.ts';
import type { CachePolicyConfig } from '../model/resources/cache-policy.ts';
import type { OriginRequestPolicyConfig } from '../model/resources/origin-request-policy.ts';
import type { ResourceConfigs, ResourceKind } from '../model/resources/resource.ts';
import type { ResponseHeadersPolicyConfig } from '../model/resources/response-headers-policy.ts';
import type { AskedOrigin } from '../origin/origin-specifics.ts';

export type Failover = { readonly origin: AskedOrigin; readonly statuses: ReadonlySet<number> };

export type BehaviorEntry = {
  readonly origin: AskedOrigin;
  /** The second of a group, asked where the first fails so. */
  readonly failover: Failover | undefined;
  readonly viewerProtocolPolicy: ViewerProtocolPolicy;
  /** Only signed requests are answered. */
  readonly isPrivate: boolean;
  readonly trustedSigners: TrustedSigners;
  /** Ids. */
  readonly keyGroups: readonly string[];
  readonly ttl: Ttl;
  readonly rules: BehaviorRules;
  /** What viewers are told beyond what the origin says. */
  readonly responseHeaders: ResponseHeadersPolicyConfig | undefined;
};

/** What a configuration names by id, of its own account or managed. */
export type FindResource = <Kind extends ResourceKind>(
  kind: Kind,
  id: string,
) => ResourceConfigs[Kind] | undefined;

export function behaviorEntry(
  config: DistributionConfig,
  behavior: Behavior,
  find: FindResource,
): BehaviorEntry {
  const rules = rulesOf(config, behavior, find);
  const { targetOriginId } = behavior;
  const group = config.originGroups.find(({ id }) => id === targetOriginId);
  const [first = targetOriginId, second] = group?.members ?? [];
  return {
    origin: askedOrigin(config, first, find),
    failover:
      group === undefined || second === undefined
        ? undefined
        : {
            origin: askedOrigin(config, second, find),
            statuses: new Set(group.failoverStatuses),
          },
    viewerProtocolPolicy: behavior.viewerProtocolPolicy,
    isPrivate: isPrivate(behavior),
    trustedSigners: behavior.trustedSigners,
    keyGroups: behavior.keyGroups,
    ttl: ttlOf(behavior, rules, find),
    rules,
    responseHeaders: find('response-headers-policy', behavior.responseHeadersPolicy),
  };
}

function askedOrigin({ origins }: DistributionConfig, id: string, find: FindResource): AskedOrigin {
  const origin = origins.find((one) => one.id === id);
  if (origin === undefined) throw new Error(`a behavior targets ${id}, which is no origin`);
  const signing = find('origin-access-control', origin.accessControl);
  if (origin.kind !== 'vpc') return { ...origin, signing };
  const { vpcOrigin, owner: _, ...reached } = origin;
  const custom = { ...plainCustomOrigin, ...reached, kind: 'custom' as const, signing };
  const place = find('vpc-origin', vpcOrigin);
  if (place === undefined) return custom;
  const { httpPort, httpsPort, protocolPolicy } = place;
  return { ...custom, httpPort, httpsPort, protocolPolicy };
}

/** A policy that is gone keeps nothing and tells nothing apart: the control plane lets none go in use. */
const nothingCached: Omit<CachePolicyConfig, 'name' | 'comment'> = {
  minTtlS: 0,
  defaultTtlS: 0,
  maxTtlS: 0,
  query: { kind: 'none' },
  headers: [],
  cookies: { kind: 'none' },
  gzip: false,
  brotli: false,
};

const nothingForwarded: Omit<OriginRequestPolicyConfig, 'name' | 'comment'> = {
  query: { kind: 'none' },
  headers: { kind: 'none' },
  cookies: { kind: 'none' },
};

function rulesOf(
  { errorResponses }: DistributionConfig,
  behavior: Behavior,
  find: FindResource,
): BehaviorRules {
  const { allowedMethods, cachePolicy, cachesOptions, compress, forwardedHeaders } = behavior;
  const errorTtlS = Object.fromEntries(
    errorResponses.map(({ minTtlS, status }) => [String(status), minTtlS]),
  );
  if (cachePolicy === '') {
    return {
      ...behavior,
      errorTtlS,
      keyedHeaders: lowerCase(behavior.keyedHeaders),
      forwardedHeaders:
        'names' in forwardedHeaders
          ? { ...forwardedHeaders, names: lowerCase(forwardedHeaders.names) }
          : forwardedHeaders,
    };
  }
  const keyed = find('cache-policy', cachePolicy) ?? nothingCached;
  const beyond = find('origin-request-policy', behavior.originRequestPolicy) ?? nothingForwarded;
  return {
    allowedMethods,
    cachesOptions,
    compress,
    errorTtlS,
    keyedQuery: keyed.query,
    keyedHeaders: lowerCase(keyed.headers),
    keyedCookies: keyed.cookies,
    forwardedQuery: beyond.query,
    forwardedHeaders:
      'names' in beyond.headers
        ? { ...beyond.headers, names: lowerCase(beyond.headers.names) }
        : beyond.headers,
    forwardedCookies: beyond.cookies,
    encodings: { kind: 'policy', gzip: keyed.gzip, brotli: keyed.brotli },
  };
}

/** Where the origin may answer by any field of the viewer, nothing is for others (4.4, rule 16). */
function ttlOf(behavior: Behavior, rules: BehaviorRules, find: FindResource): Ttl {
  if (isLegacy(rules) && rules.forwardedHeaders.kind === 'all') {
    return { minS: 0, defaultS: 0, maxS: 0 };
  }
  const { defaultTtlS, maxTtlS, minTtlS } =
    behavior.cachePolicy === ''
      ? behavior
      : (find('cache-policy', behavior.cachePolicy) ?? nothingCached);
  return { minS: minTtlS, defaultS: defaultTtlS, maxS: maxTtlS };
}

function lowerCase(names: readonly string[]): readonly string[] {
  return names.map((name) => name.toLowerCase());
}
