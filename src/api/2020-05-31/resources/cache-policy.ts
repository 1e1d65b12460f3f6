/** Cache policies (API 2020-05-31, section 4.6). */
import type { NameSelection } from '../../../model/behavior-rules.ts';
import type { CachePolicyConfig } from '../../../model/resources/cache-policy.ts';
import { isManaged } from '../../../model/resources/managed-policies.ts';
import type { Resource } from '../../../model/resources/resource.ts';
import { counted, itemsOf } from '../../../wire/counted.ts';
import type { Handlers } from '../handler.ts';
import { listOf, pageOf } from '../paging.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';
import { locationOf, ownership } from './resource-answers.ts';
import { readSelection, writeSelection } from './selections.ts';

const kind = 'cache-policy';
const dayS = 86_400;
const yearS = 31_536_000;

export const cachePolicyHandlers = {
  async CreateCachePolicy(input, { account, control, publicEndpoint }) {
    const made = await control.createResource(account, kind, read(input.CachePolicyConfig));
    return {
      CachePolicy: write(made),
      ETag: made.etag,
      Location: locationOf(publicEndpoint, made),
    };
  },
  async GetCachePolicy({ Id }, { account, control }) {
    const found = await control.findResource(account, kind, Id);
    return { CachePolicy: write(found), ETag: found.etag };
  },
  async GetCachePolicyConfig({ Id }, { account, control }) {
    const found = await control.findResource(account, kind, Id);
    return { CachePolicyConfig: writeConfig(found.config), ETag: found.etag };
  },
  async UpdateCachePolicy({ CachePolicyConfig: config, Id, IfMatch }, { account, control }) {
    const target = { account, kind, id: Id, ifMatch: IfMatch } as const;
    const replaced = await control.replaceResource(target, read(config));
    return { CachePolicy: write(replaced), ETag: replaced.etag };
  },
  async DeleteCachePolicy({ Id, IfMatch }, { account, control }) {
    await control.deleteResource({ account, kind, id: Id, ifMatch: IfMatch });
    return {};
  },
  async ListCachePolicies(input, { account, control, limits }) {
    const request = pageOf(input, limits);
    const page = await control.listResources(account, kind, ownership(input.Type), request);
    return {
      CachePolicyList: listOf(page, request, (policy) => ({
        Type: isManaged(kind, policy.id) ? ('managed' as const) : ('custom' as const),
        CachePolicy: write(policy),
      })),
    };
  },
} satisfies Handlers;

function write({ config, id, modifiedAt }: Resource<typeof kind>): Wire.CachePolicy {
  return { Id: id, LastModifiedTime: modifiedAt, CachePolicyConfig: writeConfig(config) };
}

/** Lifetimes that are not given are a day and a year, or the next shorter one where that is more. */
function read(config: Wire.CachePolicyConfig): CachePolicyConfig {
  const { MinTTL: minTtlS, ParametersInCacheKeyAndForwardedToOrigin: key } = config;
  const defaultTtlS = config.DefaultTTL ?? Math.max(dayS, minTtlS);
  return {
    name: config.Name,
    comment: config.Comment ?? '',
    minTtlS,
    defaultTtlS,
    maxTtlS: config.MaxTTL ?? Math.max(yearS, defaultTtlS),
    ...readKey(key),
  };
}

type KeyRules = Pick<CachePolicyConfig, 'query' | 'headers' | 'cookies' | 'gzip' | 'brotli'>;
const none: NameSelection = { kind: 'none' };

function readKey(key: Wire.ParametersInCacheKeyAndForwardedToOrigin | undefined): KeyRules {
  if (key === undefined) {
    return { query: none, headers: [], cookies: none, gzip: false, brotli: false };
  }
  const { CookiesConfig: cookies, HeadersConfig: headers, QueryStringsConfig: query } = key;
  const listed = readSelection('Headers', headers.HeaderBehavior, headers.Headers);
  return {
    query: readSelection('QueryStrings', query.QueryStringBehavior, query.QueryStrings),
    headers: listed.kind === 'only' ? itemsOf(headers.Headers) : [],
    cookies: readSelection('Cookies', cookies.CookieBehavior, cookies.Cookies),
    gzip: key.EnableAcceptEncodingGzip,
    brotli: key.EnableAcceptEncodingBrotli ?? false,
  };
}

function writeConfig(config: CachePolicyConfig): Wire.CachePolicyConfig {
  const { brotli, comment, gzip, headers, name } = config;
  const query = writeSelection(config.query);
  const cookies = writeSelection(config.cookies);
  return {
    Comment: comment,
    Name: name,
    DefaultTTL: config.defaultTtlS,
    MaxTTL: config.maxTtlS,
    MinTTL: config.minTtlS,
    ParametersInCacheKeyAndForwardedToOrigin: {
      EnableAcceptEncodingGzip: gzip,
      EnableAcceptEncodingBrotli: brotli,
      HeadersConfig:
        headers.length === 0
          ? { HeaderBehavior: 'none' }
          : { HeaderBehavior: 'whitelist', Headers: counted(headers) },
      CookiesConfig: { CookieBehavior: cookies.behavior, Cookies: cookies.names },
      QueryStringsConfig: { QueryStringBehavior: query.behavior, QueryStrings: query.names },
    },
  };
}
