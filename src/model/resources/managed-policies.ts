/**
 * The policies that every account has without making them (API 2020-05-31, section 5). Their ids are
 * part of the contract; nobody can change or delete them.
 */
import { instant } from '../../base/clock.ts';
import type { NameSelection } from '../behavior-rules.ts';
import { accountId, configEtag } from '../ids.ts';
import type { CachePolicyConfig } from './cache-policy.ts';
import type { OriginRequestPolicyConfig } from './origin-request-policy.ts';
import { isOfKind, type Resource, type ResourceConfigs, type ResourceKind } from './resource.ts';
import type {
  CorsRules,
  ResponseHeadersPolicyConfig,
  SecurityHeaders,
} from './response-headers-policy.ts';

const none: NameSelection = { kind: 'none' };
const all: NameSelection = { kind: 'all' };
const yearS = 31_536_000;

type Keyed = Partial<Omit<CachePolicyConfig, 'name'>>;

function cachePolicy(
  name: string,
  ttl: readonly [number, number, number],
  keyed: Keyed,
): CachePolicyConfig {
  const [minTtlS, defaultTtlS, maxTtlS] = ttl;
  const nothing = {
    comment: '',
    query: none,
    headers: [],
    cookies: none,
    gzip: false,
    brotli: false,
  };
  return { name, minTtlS, defaultTtlS, maxTtlS, ...nothing, ...keyed };
}

const methodHeaders = [
  'host',
  'origin',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
];
const both = { gzip: true, brotli: true };
const amplify = { ...both, query: all, comment: 'Policy for Amplify hosting' };

const cachePolicies: Readonly<Record<string, CachePolicyConfig>> = {
  '658327ea-f89d-4fab-a63d-7e88639e58f6': cachePolicy(
    'Managed-CachingOptimized',
    [1, 86_400, yearS],
    { ...both, comment: 'Policy with caching enabled. Supports Gzip and Brotli compression.' },
  ),
  'b2884449-e4de-46a7-ac36-70bc7f1ddd6d': cachePolicy(
    'Managed-CachingOptimizedForUncompressedObjects',
    [1, 86_400, yearS],
    { comment: 'Default policy when compression is disabled' },
  ),
  '4135ea2d-6df8-44a3-9df3-4b5a84be39ad': cachePolicy('Managed-CachingDisabled', [0, 0, 0], {
    comment: 'Policy with caching disabled',
  }),
  '08627262-05a9-4f76-9ded-b50ca2e3a84f': cachePolicy(
    'Managed-Elemental-MediaPackage',
    [0, 86_400, yearS],
    {
      gzip: true,
      headers: ['origin'],
      query: { kind: 'only', names: ['aws.manifestfilter', 'start', 'end', 'm'] },
      comment: 'Policy for Elemental MediaPackage Origin',
    },
  ),
  '2e54312d-136d-493c-8eb9-b001f22f67d2': cachePolicy('Managed-Amplify', [2, 2, 600], {
    ...both,
    headers: ['Authorization', 'CloudFront-Viewer-Country', 'Host'],
    query: all,
    cookies: all,
    comment: 'Policy for Amplify Origin',
  }),
  '83da9c7e-98b4-4e11-a168-04f0df8e2c65': cachePolicy(
    'UseOriginCacheControlHeaders',
    [0, 0, yearS],
    {
      ...both,
      headers: methodHeaders,
      cookies: all,
      comment:
        'Policy for origins that return Cache-Control headers. Query strings are not included in the cache key.',
    },
  ),
  '4cc15a8a-d715-48a4-82b8-cc0b614638fe': cachePolicy(
    'UseOriginCacheControlHeaders-QueryStrings',
    [0, 0, yearS],
    {
      ...both,
      headers: methodHeaders,
      cookies: all,
      query: all,
      comment:
        'Policy for origins that return Cache-Control headers and serve different content based on values present in the query string.',
    },
  ),
  '4d1d2f1d-3a71-49ad-9e08-7ea5d843a556': cachePolicy('Managed-Amplify-Default', [0, 0, yearS], {
    ...amplify,
    headers: ['Accept', 'Authorization', 'CloudFront-Viewer-Country', 'Host'],
    cookies: all,
  }),
  'a6bad946-36c3-4c33-aa98-362c74a7fb13': cachePolicy(
    'Managed-Amplify-DefaultNoCookies',
    [0, 0, yearS],
    { ...amplify, headers: ['Accept', 'Authorization', 'CloudFront-Viewer-Country', 'Host'] },
  ),
  '1c6db51a-a33f-469a-8245-dae26771f530': cachePolicy(
    'Managed-Amplify-ImageOptimization',
    [0, 0, yearS],
    { ...amplify, headers: ['Accept', 'Authorization', 'Host'] },
  ),
  '7e5fad67-ee98-4ad0-b05a-394999eefc1a': cachePolicy(
    'Managed-Amplify-StaticContent',
    [0, 0, yearS],
    { ...amplify, query: none, headers: ['Authorization', 'Host'] },
  ),
};

const corsRequestHeaders = [
  'origin',
  'access-control-request-headers',
  'access-control-request-method',
];

/** What could be told of a viewer in June 2022. */
const viewerFacts = [
  'CloudFront-Forwarded-Proto',
  'CloudFront-Is-Android-Viewer',
  'CloudFront-Is-Desktop-Viewer',
  'CloudFront-Is-IOS-Viewer',
  'CloudFront-Is-Mobile-Viewer',
  'CloudFront-Is-SmartTV-Viewer',
  'CloudFront-Is-Tablet-Viewer',
  'CloudFront-Viewer-Address',
  'CloudFront-Viewer-ASN',
  'CloudFront-Viewer-City',
  'CloudFront-Viewer-Country',
  'CloudFront-Viewer-Country-Name',
  'CloudFront-Viewer-Country-Region',
  'CloudFront-Viewer-Country-Region-Name',
  'CloudFront-Viewer-Http-Version',
  'CloudFront-Viewer-Latitude',
  'CloudFront-Viewer-Longitude',
  'CloudFront-Viewer-Metro-Code',
  'CloudFront-Viewer-Postal-Code',
  'CloudFront-Viewer-Time-Zone',
  'CloudFront-Viewer-TLS',
];

function originRequestPolicy(
  name: string,
  comment: string,
  headers: OriginRequestPolicyConfig['headers'],
  cookies: NameSelection,
  query: NameSelection,
): OriginRequestPolicyConfig {
  return { name, comment, headers, cookies, query };
}

const originRequestPolicies: Readonly<Record<string, OriginRequestPolicyConfig>> = {
  '216adef6-5c7f-47e4-b989-5492eafa07d3': originRequestPolicy(
    'Managed-AllViewer',
    'Policy to forward all parameters in viewer requests',
    { kind: 'all' },
    all,
    all,
  ),
  '33f36d7e-f396-46d9-90e0-52428a34d9dc': originRequestPolicy(
    'Managed-AllViewerAndCloudFrontHeaders-2022-06',
    'Policy to forward all parameters in viewer requests and all CloudFront headers of June 2022',
    { kind: 'all-and', names: viewerFacts },
    all,
    all,
  ),
  'b689b0a8-53d0-40ab-baf2-68738e2966ac': originRequestPolicy(
    'Managed-AllViewerExceptHostHeader',
    'Policy to forward all parameters in viewer requests except for the Host header',
    { kind: 'except', names: ['host'] },
    all,
    all,
  ),
  '59781a5b-3903-41f3-afcb-af62929ccde1': originRequestPolicy(
    'Managed-CORS-CustomOrigin',
    'Policy for CORS with a custom origin',
    { kind: 'only', names: ['origin'] },
    none,
    none,
  ),
  '88a5eaf4-2fd4-4709-b370-b4c650ea3fcf': originRequestPolicy(
    'Managed-CORS-S3Origin',
    'Policy for S3 origin with CORS',
    { kind: 'only', names: corsRequestHeaders },
    none,
    none,
  ),
  '775133bc-15f2-49f9-abea-afb2e0bf67d2': originRequestPolicy(
    'Managed-Elemental-MediaTailor-PersonalizedManifests',
    'Policy for Elemental MediaTailor Origin',
    { kind: 'only', names: [...corsRequestHeaders, 'user-agent', 'x-forwarded-for'] },
    none,
    all,
  ),
  'bf0718e1-ba1e-49d1-88b1-f726733018ae': originRequestPolicy(
    'Managed-HostHeaderOnly',
    'Policy to forward Host header only',
    { kind: 'only', names: ['host'] },
    none,
    none,
  ),
  'acba4595-bd28-49b8-b9fe-13317c0390fa': originRequestPolicy(
    'Managed-UserAgentRefererHeaders',
    'Policy to forward the headers User-Agent and Referer',
    { kind: 'only', names: ['user-agent', 'referer'] },
    none,
    none,
  ),
};

const security: SecurityHeaders = {
  contentSecurityPolicy: undefined,
  contentTypeOptions: { override: true },
  frameOptions: { value: 'SAMEORIGIN', override: false },
  referrerPolicy: { value: 'strict-origin-when-cross-origin', override: false },
  transportSecurity: {
    value: { maxAgeS: yearS, includeSubdomains: false, preload: false },
    override: false,
  },
  xssProtection: {
    value: { protection: true, modeBlock: true, reportUri: undefined },
    override: false,
  },
};

const simpleCors: CorsRules = {
  allowOrigins: ['*'],
  allowHeaders: ['*'],
  allowMethods: ['GET', 'HEAD'],
  allowCredentials: false,
  exposeHeaders: [],
  maxAgeS: undefined,
  override: false,
};

const preflightCors: CorsRules = {
  ...simpleCors,
  allowMethods: ['GET', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'],
  exposeHeaders: ['*'],
};

function responseHeadersPolicy(
  name: string,
  comment: string,
  rules: Partial<Pick<ResponseHeadersPolicyConfig, 'cors' | 'security'>>,
): ResponseHeadersPolicyConfig {
  const nothing = { cors: undefined, security: undefined, custom: [], removed: [] };
  return { name, comment, ...nothing, serverTiming: undefined, ...rules };
}

const responseHeadersPolicies: Readonly<Record<string, ResponseHeadersPolicyConfig>> = {
  '60669652-455b-4ae9-85a4-c4c02393f86c': responseHeadersPolicy(
    'Managed-SimpleCORS',
    'Allows all origins for simple CORS requests',
    { cors: simpleCors },
  ),
  '5cc3b908-e619-4b99-88e5-2cf7f45965bd': responseHeadersPolicy(
    'Managed-CORS-With-Preflight',
    'Allows all origins for CORS requests, including preflight requests',
    { cors: preflightCors },
  ),
  '67f7725c-6f97-4210-82d7-5512b31e9d03': responseHeadersPolicy(
    'Managed-SecurityHeadersPolicy',
    'Adds a set of security headers to every response',
    { security },
  ),
  'e61eb60c-9c35-4d20-a928-2b84e02af89c': responseHeadersPolicy(
    'Managed-CORS-and-SecurityHeadersPolicy',
    'Allows all origins for simple CORS requests and adds security headers',
    { cors: simpleCors, security },
  ),
  'eaab4381-ed33-4a86-88ca-d9558dc6cd63': responseHeadersPolicy(
    'Managed-CORS-with-preflight-and-SecurityHeadersPolicy',
    'Allows all origins for CORS requests, including preflight requests, and adds security headers',
    { cors: preflightCors, security },
  ),
};

/** No account has this number; nothing managed belongs to one. */
const nobody = accountId('000000000000');
const managedEtag = configEtag('E23ZP02F085DFQ');

function made<Kind extends ResourceKind>(
  kind: Kind,
  configs: Readonly<Record<string, ResourceConfigs[Kind]>>,
): readonly Written<Kind>[] {
  return Object.entries(configs).map(([id, config]) => ({
    format: 1,
    account: nobody,
    kind,
    id,
    etag: managedEtag,
    createdAt: instant(0),
    modifiedAt: instant(0),
    config,
  }));
}

type Written<Kind extends ResourceKind> = Omit<Resource<'cache-policy'>, 'kind' | 'config'> & {
  readonly kind: Kind;
  readonly config: ResourceConfigs[Kind];
};

const everyOne: readonly Resource[] = [
  ...made('cache-policy', cachePolicies),
  ...made('origin-request-policy', originRequestPolicies),
  ...made('response-headers-policy', responseHeadersPolicies),
];

const byId = new Map(everyOne.map((resource) => [`${resource.kind}/${resource.id}`, resource]));

export function managedPolicy<Kind extends ResourceKind>(
  kind: Kind,
  id: string,
): Resource<Kind> | undefined {
  const resource = byId.get(`${kind}/${id}`);
  return resource !== undefined && isOfKind(resource, kind) ? resource : undefined;
}

export function isManaged(kind: ResourceKind, id: string): boolean {
  return byId.has(`${kind}/${id}`);
}

/** In the order of this file. */
export function managedPolicies<Kind extends ResourceKind>(kind: Kind): readonly Resource<Kind>[] {
  return everyOne.filter((resource) => isOfKind(resource, kind));
}
