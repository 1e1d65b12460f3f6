/**
 * A response headers policy: what viewers are told beyond what the origin says (edge contract 8.3 and
 * 8.4).
 */
import type { Limits } from '../limits.ts';
import { Refusal } from '../refusal.ts';
import { checkPolicyName } from './policy-names.ts';

/** `override`: in the place of what the origin says; else only where it says nothing. */
export type Overriding<Value> = { readonly value: Value; readonly override: boolean };

export type CorsMethod = 'ALL' | 'DELETE' | 'GET' | 'HEAD' | 'OPTIONS' | 'PATCH' | 'POST' | 'PUT';

export type CorsRules = {
  readonly allowOrigins: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly allowMethods: readonly CorsMethod[];
  readonly allowCredentials: boolean;
  readonly exposeHeaders: readonly string[];
  readonly maxAgeS: number | undefined;
  /** In the place of all that the origin says of CORS; else only where it says nothing of it. */
  readonly override: boolean;
};

export type TransportSecurity = {
  readonly maxAgeS: number;
  readonly includeSubdomains: boolean;
  readonly preload: boolean;
};

export type XssProtection = {
  readonly protection: boolean;
  readonly modeBlock: boolean;
  readonly reportUri: string | undefined;
};

export type ReferrerPolicy =
  | 'no-referrer'
  | 'no-referrer-when-downgrade'
  | 'origin'
  | 'origin-when-cross-origin'
  | 'same-origin'
  | 'strict-origin'
  | 'strict-origin-when-cross-origin'
  | 'unsafe-url';

export type SecurityHeaders = {
  readonly contentSecurityPolicy: Overriding<string> | undefined;
  readonly contentTypeOptions: { readonly override: boolean } | undefined;
  readonly frameOptions: Overriding<'DENY' | 'SAMEORIGIN'> | undefined;
  readonly referrerPolicy: Overriding<ReferrerPolicy> | undefined;
  readonly transportSecurity: Overriding<TransportSecurity> | undefined;
  readonly xssProtection: Overriding<XssProtection> | undefined;
};

export type CustomHeader = Overriding<string> & { readonly name: string };

export type ResponseHeadersPolicyConfig = {
  readonly name: string;
  readonly comment: string;
  readonly cors: CorsRules | undefined;
  readonly security: SecurityHeaders | undefined;
  readonly custom: readonly CustomHeader[];
  readonly removed: readonly string[];
  /** The share of answers that carry `Server-Timing`, in percent; undefined: none does. */
  readonly serverTiming: { readonly enabled: boolean; readonly samplingRate: number } | undefined;
};

const cspCharactersMax = 1_783;

const unremovable =
  /^(?:connection|content-encoding|content-length|expect|host|keep-alive|proxy-authenticate|proxy-authorization|proxy-connection|trailer|transfer-encoding|upgrade|via|warning|x-accel-.*|x-amz-cf-.*|x-amzn-.*|x-edge-.*|x-forwarded-proto|x-real-ip)$/;

const byRules = new Set([
  'access-control-allow-credentials',
  'access-control-allow-headers',
  'access-control-allow-methods',
  'access-control-allow-origin',
  'access-control-expose-headers',
  'access-control-max-age',
  'content-security-policy',
  'referrer-policy',
  'strict-transport-security',
  'x-content-type-options',
  'x-frame-options',
  'x-xss-protection',
]);

/** Throws a Refusal. */
export function checkResponseHeadersPolicy(
  config: ResponseHeadersPolicyConfig,
  limits: Limits,
): void {
  const { cors, custom, removed, security, serverTiming } = config;
  checkPolicyName(config.name);
  const isEmpty = custom.length === 0 && removed.length === 0;
  if (isEmpty && cors === undefined && security === undefined && serverTiming === undefined) {
    throw invalid(
      'ResponseHeadersPolicyConfig',
      'it needs at least one of CorsConfig, SecurityHeadersConfig, CustomHeadersConfig, RemoveHeadersConfig and ServerTimingHeadersConfig.',
    );
  }
  if (cors !== undefined) checkCors(cors);
  if (security !== undefined) checkSecurity(security);
  checkCustom(custom, limits['policy-custom-headers']);
  checkRemoved(removed, custom, limits['policy-removed-headers']);
  const rate = serverTiming?.samplingRate ?? 0;
  if (rate < 0 || rate > 100 || !Number.isInteger(Math.round(rate * 1e10) / 1e6)) {
    throw invalid('SamplingRate', 'it is 0 to 100, with at most four decimals.');
  }
}

function checkCors({
  allowCredentials,
  allowHeaders,
  allowMethods,
  allowOrigins,
}: CorsRules): void {
  for (const [name, items] of Object.entries<readonly string[]>({
    AccessControlAllowOrigins: allowOrigins,
    AccessControlAllowHeaders: allowHeaders,
    AccessControlAllowMethods: allowMethods,
  })) {
    if (items.length === 0) throw invalid(name, 'it needs at least one item.');
    if (allowCredentials && (items.includes('*') || items.includes('ALL'))) {
      throw invalid(name, '* is not allowed where AccessControlAllowCredentials is true.');
    }
  }
  if (allowMethods.includes('ALL') && allowMethods.length > 1) {
    throw invalid('AccessControlAllowMethods', 'ALL stands alone.');
  }
  for (const origin of allowOrigins) {
    const form =
      /^(?:\*|(?:https?:\/\/)?(?:\*\.)?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::[0-9*]{1,5})?|(?:https?:\/\/)\*)$/;
    if (!form.test(origin)) {
      throw invalid(
        'AccessControlAllowOrigins',
        `${origin} is no origin; * may be its first label.`,
      );
    }
  }
}

function checkSecurity({
  contentSecurityPolicy,
  transportSecurity,
  xssProtection,
}: SecurityHeaders): void {
  const csp = contentSecurityPolicy?.value ?? '';
  if (csp.length > cspCharactersMax) {
    throw new Refusal('TooLongCSPInResponseHeadersPolicy', {
      given: csp.length,
      max: cspCharactersMax,
    });
  }
  if (/[^\t\x20-\x7e]/.test(csp)) {
    throw invalid('ContentSecurityPolicy', 'it takes visible characters of ASCII.');
  }
  if ((transportSecurity?.value.maxAgeS ?? 0) < 0) {
    throw invalid('AccessControlMaxAgeSec', 'it is not negative.');
  }
  const xss = xssProtection?.value;
  if (xss === undefined) return;
  if (xss.modeBlock && xss.reportUri !== undefined) {
    throw invalid('ReportUri', 'it cannot stand beside ModeBlock.');
  }
  if (/[^\x21-\x7e]/.test(xss.reportUri ?? '')) throw invalid('ReportUri', 'it is no URI.');
}

function checkCustom(custom: readonly CustomHeader[], max: number): void {
  if (custom.length > max) {
    throw new Refusal('TooManyCustomHeadersInResponseHeadersPolicy', { given: custom.length, max });
  }
  const seen = new Set<string>();
  for (const { name, value } of custom) {
    const lower = name.toLowerCase();
    if (!isFieldName(name)) throw invalid('CustomHeadersConfig', `${name} is no name of a header.`);
    if (byRules.has(lower) || unremovable.test(lower)) {
      throw invalid('CustomHeadersConfig', `${name} cannot be a custom header.`);
    }
    if (seen.has(lower)) throw invalid('CustomHeadersConfig', `${name} stands in it twice.`);
    if (/[^\t\x20-\x7e]/.test(value)) {
      throw invalid(
        'CustomHeadersConfig',
        `the value of ${name} takes visible characters of ASCII.`,
      );
    }
    seen.add(lower);
  }
}

function checkRemoved(
  removed: readonly string[],
  custom: readonly CustomHeader[],
  max: number,
): void {
  if (removed.length > max) {
    throw new Refusal('TooManyRemoveHeadersInResponseHeadersPolicy', {
      given: removed.length,
      max,
    });
  }
  const added = new Set(custom.map(({ name }) => name.toLowerCase()));
  for (const name of removed) {
    if (!isFieldName(name)) throw invalid('RemoveHeadersConfig', `${name} is no name of a header.`);
    if (unremovable.test(name.toLowerCase())) {
      throw invalid('RemoveHeadersConfig', `${name} cannot be removed.`);
    }
    if (added.has(name.toLowerCase())) {
      throw invalid('RemoveHeadersConfig', `${name} is set by the same policy.`);
    }
  }
}

function isFieldName(name: string): boolean {
  return /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/.test(name);
}

function invalid(member: string, why: string): Refusal {
  return new Refusal('InvalidArgument', { member, why });
}
