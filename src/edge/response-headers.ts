/**
 * What a response headers policy makes of the fields of an answer (edge contract 8.3 to 8.6): first
 * what it removes, then CORS, security, its own fields and Server-Timing. On every answer of the
 * behavior, out of the cache or not; what is stored is without it.
 */
import { originFits } from '../http/cors-origin.ts';
import { formatHttpDate } from '../http/dates.ts';
import { type HeaderList, headerValue, joinedValue, selectHeaders } from '../http/header-list.ts';
import { wildcardFits } from '../http/resource-pattern.ts';
import type {
  CorsMethod,
  CorsRules,
  ResponseHeadersPolicyConfig,
  SecurityHeaders,
} from '../model/resources/response-headers-policy.ts';
import type { Exchange } from './exchange.ts';

/** `headers` of the answer, but for those of the edge itself. */
export function answeredHeaders(x: Exchange, headers: HeaderList): HeaderList {
  const policy = x.behavior?.responseHeaders;
  // A shield gives an edge what that stores.
  if (policy === undefined || x.isForShield) return headers;
  const { cors, custom, security } = policy;
  let told = withoutRemoved(x, headers, policy.removed);
  if (cors !== undefined) told = withCors(x, told, cors);
  if (security !== undefined) {
    for (const [name, value, override] of securityFields(security)) {
      told = withField(told, name, value, override);
    }
  }
  for (const { name, override, value } of custom) told = withField(told, name, value, override);
  return withServerTiming(x, told, policy);
}

function withoutRemoved(x: Exchange, headers: HeaderList, removed: readonly string[]): HeaderList {
  if (removed.length === 0) return headers;
  const names = new Set(removed.map((name) => name.toLowerCase()));
  const kept = [...selectHeaders(headers, (name) => !names.has(name))];
  // An answer has these two always.
  if (names.has('date')) kept.push('Date', formatHttpDate(x.clock.now()));
  if (names.has('server')) kept.push('Server', 'CloudFront');
  return kept;
}

function withField(
  headers: HeaderList,
  name: string,
  value: string,
  override: boolean,
): HeaderList {
  const lower = name.toLowerCase();
  if (headerValue(headers, lower) === undefined) return [...headers, name, value];
  if (!override) return headers;
  return [...selectHeaders(headers, (one) => one !== lower), name, value];
}

const allMethods = 'GET, DELETE, HEAD, OPTIONS, PATCH, POST, PUT';
const corsPrefix = 'access-control-';

function withCors(x: Exchange, headers: HeaderList, cors: CorsRules): HeaderList {
  const { headers: asked, method } = x.request;
  const origin = headerValue(asked, 'origin');
  if (origin === undefined) return headers;
  const isSaid = headers.some(
    (text, index) => index % 2 === 0 && text.toLowerCase().startsWith(corsPrefix),
  );
  if (isSaid && !cors.override) return headers;
  const isOpen = cors.allowOrigins.includes('*');
  if (!isOpen && !cors.allowOrigins.some((one) => originFits(one, origin))) return headers;
  const requestedMethod = headerValue(asked, 'access-control-request-method');
  const isPreflight = method === 'OPTIONS' && requestedMethod !== undefined;
  const fields: (readonly [string, string])[] = [
    ['Access-Control-Allow-Origin', isOpen ? '*' : origin],
  ];
  if (cors.allowCredentials) fields.push(['Access-Control-Allow-Credentials', 'true']);
  if (isPreflight) {
    fields.push(['Access-Control-Allow-Methods', methodsOf(cors.allowMethods)]);
    const names = allowedNames(cors, joinedValue(asked, 'access-control-request-headers') ?? '');
    if (names !== '') fields.push(['Access-Control-Allow-Headers', names]);
    if (cors.maxAgeS !== undefined) fields.push(['Access-Control-Max-Age', String(cors.maxAgeS)]);
  } else if (cors.exposeHeaders.length > 0) {
    fields.push(['Access-Control-Expose-Headers', cors.exposeHeaders.join(', ')]);
  }
  let told = headers;
  for (const [name, value] of fields) told = withField(told, name, value, true);
  return isOpen ? told : varyingByOrigin(told);
}

function methodsOf(methods: readonly CorsMethod[]): string {
  return methods.includes('ALL') ? allMethods : methods.join(', ');
}

/** Of what is asked for what fits; `*` never stands for Authorization (rule 6). */
function allowedNames({ allowHeaders }: CorsRules, requested: string): string {
  if (!allowHeaders.some((name) => name.includes('*'))) return allowHeaders.join(', ');
  return requested
    .split(',')
    .map((name) => name.trim())
    .filter((name) => {
      const lower = name.toLowerCase();
      return allowHeaders.some((item) => {
        const allowed = item.toLowerCase();
        if (lower === 'authorization') return allowed === lower;
        return lower !== '' && wildcardFits(allowed, lower);
      });
    })
    .join(', ');
}

function varyingByOrigin(headers: HeaderList): HeaderList {
  const vary = joinedValue(headers, 'vary');
  const names = (vary ?? '').split(',').map((name) => name.trim().toLowerCase());
  if (names.includes('origin') || names.includes('*')) return headers;
  return withField(headers, 'Vary', vary === undefined ? 'Origin' : `${vary}, Origin`, true);
}

type SecurityField = readonly [name: string, value: string, override: boolean];

function securityFields(security: SecurityHeaders): readonly SecurityField[] {
  const fields: SecurityField[] = [];
  const { contentSecurityPolicy: csp, contentTypeOptions, frameOptions, referrerPolicy } = security;
  const { transportSecurity, xssProtection } = security;
  if (csp !== undefined) fields.push(['Content-Security-Policy', csp.value, csp.override]);
  if (referrerPolicy !== undefined) {
    fields.push(['Referrer-Policy', referrerPolicy.value, referrerPolicy.override]);
  }
  if (transportSecurity !== undefined) {
    const { includeSubdomains, maxAgeS, preload } = transportSecurity.value;
    const subdomains = includeSubdomains ? '; includeSubDomains' : '';
    const value = `max-age=${maxAgeS}${subdomains}${preload ? '; preload' : ''}`;
    fields.push(['Strict-Transport-Security', value, transportSecurity.override]);
  }
  if (contentTypeOptions !== undefined) {
    fields.push(['X-Content-Type-Options', 'nosniff', contentTypeOptions.override]);
  }
  if (frameOptions !== undefined) {
    fields.push(['X-Frame-Options', frameOptions.value, frameOptions.override]);
  }
  if (xssProtection !== undefined) {
    const { modeBlock, protection, reportUri } = xssProtection.value;
    const more = modeBlock
      ? '; mode=block'
      : reportUri === undefined
        ? ''
        : `; report=${reportUri}`;
    fields.push(['X-XSS-Protection', protection ? `1${more}` : '0', xssProtection.override]);
  }
  return fields;
}

const cacheWords = {
  Hit: 'cdn-cache-hit',
  RefreshHit: 'cdn-cache-refresh',
  Miss: 'cdn-cache-miss',
  Error: 'cdn-cache-miss',
  Redirect: 'cdn-cache-miss',
} as const;

/** The origin's metrics go along on a miss and are left out on a hit (rule 12). */
function withServerTiming(
  x: Exchange,
  headers: HeaderList,
  { serverTiming }: ResponseHeadersPolicyConfig,
): HeaderList {
  if (serverTiming?.enabled !== true || !isSampled(x, serverTiming.samplingRate)) return headers;
  const isHit = x.result === 'Hit' || x.result === 'RefreshHit';
  const layer = x.shieldResult === undefined ? 'EDGE' : 'Origin Shield';
  const upstreamMs = isHit ? undefined : x.upstreamMs;
  const own = [
    ...(isHit ? [] : [`cdn-upstream-layer;desc="${layer}"`]),
    ...(upstreamMs === undefined ? [] : [`cdn-upstream-fbl;dur=${upstreamMs}`]),
    cacheWords[x.result],
    `cdn-pop;desc="${x.edge.pop}"`,
    `cdn-rid;desc="${x.id}"`,
    ...(isHit ? [`cdn-hit-layer;desc="${layer}"`] : []),
    `cdn-downstream-fbl;dur=${Math.round(x.answer.account().takenMs)}`,
  ].join(',');
  const theirs = joinedValue(headers, 'server-timing');
  const value = isHit || theirs === undefined ? own : `${theirs},${own}`;
  return withField(headers, 'Server-Timing', value, true);
}

/** By percent, or where the viewer asks for it. */
function isSampled(x: Exchange, samplingRate: number): boolean {
  const pragma = joinedValue(x.request.headers, 'pragma') ?? '';
  if (pragma.toLowerCase().includes('server-timing')) return true;
  return samplingRate > 0 && x.edge.randomness.fraction() * 100 < samplingRate;
}
