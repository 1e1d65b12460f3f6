/** Response headers policies (API 2020-05-31, section 4.6). */
import { isManaged } from '../../../model/resources/managed-policies.ts';
import type {
  CorsRules,
  ResponseHeadersPolicyConfig,
  SecurityHeaders,
} from '../../../model/resources/response-headers-policy.ts';
import type { Resource } from '../../../model/resources/resource.ts';
import { counted, itemsOf } from '../../../wire/counted.ts';
import type { Handlers } from '../handler.ts';
import { listOf, pageOf } from '../paging.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';
import { locationOf, ownership } from './resource-answers.ts';

const kind = 'response-headers-policy';

export const responseHeadersPolicyHandlers = {
  async CreateResponseHeadersPolicy(input, { account, control, publicEndpoint }) {
    const config = read(input.ResponseHeadersPolicyConfig);
    const made = await control.createResource(account, kind, config);
    const Location = locationOf(publicEndpoint, made);
    return { ResponseHeadersPolicy: write(made), ETag: made.etag, Location };
  },
  async GetResponseHeadersPolicy({ Id }, { account, control }) {
    const found = await control.findResource(account, kind, Id);
    return { ResponseHeadersPolicy: write(found), ETag: found.etag };
  },
  async GetResponseHeadersPolicyConfig({ Id }, { account, control }) {
    const found = await control.findResource(account, kind, Id);
    return { ResponseHeadersPolicyConfig: writeConfig(found.config), ETag: found.etag };
  },
  async UpdateResponseHeadersPolicy(input, { account, control }) {
    const target = { account, kind, id: input.Id, ifMatch: input.IfMatch } as const;
    const replaced = await control.replaceResource(target, read(input.ResponseHeadersPolicyConfig));
    return { ResponseHeadersPolicy: write(replaced), ETag: replaced.etag };
  },
  async DeleteResponseHeadersPolicy({ Id, IfMatch }, { account, control }) {
    await control.deleteResource({ account, kind, id: Id, ifMatch: IfMatch });
    return {};
  },
  async ListResponseHeadersPolicies(input, { account, control, limits }) {
    const request = pageOf(input, limits);
    const page = await control.listResources(account, kind, ownership(input.Type), request);
    return {
      ResponseHeadersPolicyList: listOf(page, request, (policy) => ({
        Type: isManaged(kind, policy.id) ? ('managed' as const) : ('custom' as const),
        ResponseHeadersPolicy: write(policy),
      })),
    };
  },
} satisfies Handlers;

function write({ config, id, modifiedAt }: Resource<typeof kind>): Wire.ResponseHeadersPolicy {
  return { Id: id, LastModifiedTime: modifiedAt, ResponseHeadersPolicyConfig: writeConfig(config) };
}

function read(config: Wire.ResponseHeadersPolicyConfig): ResponseHeadersPolicyConfig {
  const { CorsConfig: cors, SecurityHeadersConfig: security } = config;
  const timing = config.ServerTimingHeadersConfig;
  return {
    name: config.Name,
    comment: config.Comment ?? '',
    cors: cors === undefined ? undefined : readCors(cors),
    security: security === undefined ? undefined : readSecurity(security),
    custom: itemsOf(config.CustomHeadersConfig).map(({ Header, Override, Value }) => ({
      name: Header,
      value: Value,
      override: Override,
    })),
    removed: itemsOf(config.RemoveHeadersConfig).map(({ Header }) => Header),
    serverTiming:
      timing === undefined
        ? undefined
        : { enabled: timing.Enabled, samplingRate: timing.SamplingRate ?? 0 },
  };
}

function readCors(cors: Wire.ResponseHeadersPolicyCorsConfig): CorsRules {
  return {
    allowOrigins: itemsOf(cors.AccessControlAllowOrigins),
    allowHeaders: itemsOf(cors.AccessControlAllowHeaders),
    allowMethods: itemsOf(cors.AccessControlAllowMethods),
    allowCredentials: cors.AccessControlAllowCredentials,
    exposeHeaders: itemsOf(cors.AccessControlExposeHeaders),
    maxAgeS: cors.AccessControlMaxAgeSec,
    override: cors.OriginOverride,
  };
}

function readSecurity(given: Wire.ResponseHeadersPolicySecurityHeadersConfig): SecurityHeaders {
  const { ContentSecurityPolicy: csp, ContentTypeOptions: type, FrameOptions: frame } = given;
  const { ReferrerPolicy: referrer, StrictTransportSecurity: hsts, XSSProtection: xss } = given;
  return {
    contentSecurityPolicy: csp && { value: csp.ContentSecurityPolicy, override: csp.Override },
    contentTypeOptions: type && { override: type.Override },
    frameOptions: frame && { value: frame.FrameOption, override: frame.Override },
    referrerPolicy: referrer && { value: referrer.ReferrerPolicy, override: referrer.Override },
    transportSecurity: hsts && {
      value: {
        maxAgeS: hsts.AccessControlMaxAgeSec,
        includeSubdomains: hsts.IncludeSubdomains ?? false,
        preload: hsts.Preload ?? false,
      },
      override: hsts.Override,
    },
    xssProtection: xss && {
      value: {
        protection: xss.Protection,
        modeBlock: xss.ModeBlock ?? false,
        reportUri: xss.ReportUri === '' ? undefined : xss.ReportUri,
      },
      override: xss.Override,
    },
  };
}

function writeConfig(config: ResponseHeadersPolicyConfig): Wire.ResponseHeadersPolicyConfig {
  const { comment, cors, custom, name, removed, security, serverTiming } = config;
  return {
    Comment: comment,
    Name: name,
    CorsConfig: cors === undefined ? undefined : writeCors(cors),
    SecurityHeadersConfig: security === undefined ? undefined : writeSecurity(security),
    ServerTimingHeadersConfig:
      serverTiming === undefined
        ? undefined
        : { Enabled: serverTiming.enabled, SamplingRate: serverTiming.samplingRate },
    CustomHeadersConfig:
      custom.length === 0
        ? undefined
        : counted(
            custom.map((one) => ({ Header: one.name, Value: one.value, Override: one.override })),
          ),
    RemoveHeadersConfig:
      removed.length === 0 ? undefined : counted(removed.map((Header) => ({ Header }))),
  };
}

function writeCors(cors: CorsRules): Wire.ResponseHeadersPolicyCorsConfig {
  return {
    AccessControlAllowOrigins: listed(cors.allowOrigins),
    AccessControlAllowHeaders: listed(cors.allowHeaders),
    AccessControlAllowMethods: listed(cors.allowMethods),
    AccessControlAllowCredentials: cors.allowCredentials,
    AccessControlExposeHeaders:
      cors.exposeHeaders.length === 0 ? undefined : counted(cors.exposeHeaders),
    AccessControlMaxAgeSec: cors.maxAgeS,
    OriginOverride: cors.override,
  };
}

/** These lists have their items even where there is none. */
function listed<Item>(items: readonly Item[]): { Quantity: number; Items: readonly Item[] } {
  return { Quantity: items.length, Items: items };
}

function writeSecurity(security: SecurityHeaders): Wire.ResponseHeadersPolicySecurityHeadersConfig {
  const { contentSecurityPolicy: csp, contentTypeOptions: type, frameOptions: frame } = security;
  const { referrerPolicy: referrer, transportSecurity: hsts, xssProtection: xss } = security;
  return {
    XSSProtection: xss && {
      Override: xss.override,
      Protection: xss.value.protection,
      ModeBlock: xss.value.modeBlock,
      ReportUri: xss.value.reportUri,
    },
    FrameOptions: frame && { Override: frame.override, FrameOption: frame.value },
    ReferrerPolicy: referrer && { Override: referrer.override, ReferrerPolicy: referrer.value },
    ContentSecurityPolicy: csp && { Override: csp.override, ContentSecurityPolicy: csp.value },
    ContentTypeOptions: type && { Override: type.override },
    StrictTransportSecurity: hsts && {
      Override: hsts.override,
      IncludeSubdomains: hsts.value.includeSubdomains,
      Preload: hsts.value.preload,
      AccessControlMaxAgeSec: hsts.value.maxAgeS,
    },
  };
}
