/** Origin request policies (API 2020-05-31, section 4.6). */
import { isManaged } from '../../../model/resources/managed-policies.ts';
import type { ForwardedHeaders } from '../../../model/behavior-rules.ts';
import type { OriginRequestPolicyConfig } from '../../../model/resources/origin-request-policy.ts';
import { Refusal } from '../../../model/refusal.ts';
import type { Resource } from '../../../model/resources/resource.ts';
import { counted, itemsOf } from '../../../wire/counted.ts';
import type { Handlers } from '../handler.ts';
import { listOf, pageOf } from '../paging.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';
import { locationOf, ownership } from './resource-answers.ts';
import { readSelection, writeSelection } from './selections.ts';

const kind = 'origin-request-policy';

export const originRequestPolicyHandlers = {
  async CreateOriginRequestPolicy(input, { account, control, publicEndpoint }) {
    const made = await control.createResource(account, kind, read(input.OriginRequestPolicyConfig));
    const Location = locationOf(publicEndpoint, made);
    return { OriginRequestPolicy: write(made), ETag: made.etag, Location };
  },
  async GetOriginRequestPolicy({ Id }, { account, control }) {
    const found = await control.findResource(account, kind, Id);
    return { OriginRequestPolicy: write(found), ETag: found.etag };
  },
  async GetOriginRequestPolicyConfig({ Id }, { account, control }) {
    const found = await control.findResource(account, kind, Id);
    return { OriginRequestPolicyConfig: writeConfig(found.config), ETag: found.etag };
  },
  async UpdateOriginRequestPolicy(input, { account, control }) {
    const target = { account, kind, id: input.Id, ifMatch: input.IfMatch } as const;
    const replaced = await control.replaceResource(target, read(input.OriginRequestPolicyConfig));
    return { OriginRequestPolicy: write(replaced), ETag: replaced.etag };
  },
  async DeleteOriginRequestPolicy({ Id, IfMatch }, { account, control }) {
    await control.deleteResource({ account, kind, id: Id, ifMatch: IfMatch });
    return {};
  },
  async ListOriginRequestPolicies(input, { account, control, limits }) {
    const request = pageOf(input, limits);
    const page = await control.listResources(account, kind, ownership(input.Type), request);
    return {
      OriginRequestPolicyList: listOf(page, request, (policy) => ({
        Type: isManaged(kind, policy.id) ? ('managed' as const) : ('custom' as const),
        OriginRequestPolicy: write(policy),
      })),
    };
  },
} satisfies Handlers;

function write({ config, id, modifiedAt }: Resource<typeof kind>): Wire.OriginRequestPolicy {
  return { Id: id, LastModifiedTime: modifiedAt, OriginRequestPolicyConfig: writeConfig(config) };
}

function read(config: Wire.OriginRequestPolicyConfig): OriginRequestPolicyConfig {
  const { CookiesConfig: cookies, QueryStringsConfig: query } = config;
  return {
    name: config.Name,
    comment: config.Comment ?? '',
    headers: readHeaders(config.HeadersConfig),
    cookies: readSelection('Cookies', cookies.CookieBehavior, cookies.Cookies),
    query: readSelection('QueryStrings', query.QueryStringBehavior, query.QueryStrings),
  };
}

function readHeaders({
  HeaderBehavior: behavior,
  Headers: list,
}: Wire.OriginRequestPolicyHeadersConfig): ForwardedHeaders {
  const names = itemsOf(list);
  switch (behavior) {
    case 'none':
    case 'allViewer': {
      if (names.length === 0) return { kind: behavior === 'none' ? 'none' : 'all' };
      const why = `it must be empty where the behavior is ${behavior}.`;
      throw new Refusal('InvalidArgument', { member: 'Headers', why });
    }
    case 'whitelist':
      return { kind: 'only', names };
    case 'allExcept':
      return { kind: 'except', names };
    case 'allViewerAndWhitelistCloudFront':
      return { kind: 'all-and', names };
    default:
      return behavior satisfies never;
  }
}

function writeConfig(config: OriginRequestPolicyConfig): Wire.OriginRequestPolicyConfig {
  const cookies = writeSelection(config.cookies);
  const query = writeSelection(config.query);
  return {
    Comment: config.comment,
    Name: config.name,
    HeadersConfig: writeHeaders(config.headers),
    CookiesConfig: { CookieBehavior: cookies.behavior, Cookies: cookies.names },
    QueryStringsConfig: { QueryStringBehavior: query.behavior, QueryStrings: query.names },
  };
}

const behaviors = {
  only: 'whitelist',
  except: 'allExcept',
  'all-and': 'allViewerAndWhitelistCloudFront',
} as const;

function writeHeaders(headers: ForwardedHeaders): Wire.OriginRequestPolicyHeadersConfig {
  if (headers.kind === 'none') return { HeaderBehavior: 'none' };
  if (headers.kind === 'all') return { HeaderBehavior: 'allViewer' };
  return { HeaderBehavior: behaviors[headers.kind], Headers: counted(headers.names) };
}
