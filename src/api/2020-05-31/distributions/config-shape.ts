/**
 * `DistributionConfig` (API 2020-05-31, section 4.2): read into the completed form of the model, and
 * written with every member there, so that what was read can be sent back.
 */
import type {
  DistributionConfig,
  ErrorResponse,
  GeoRestriction,
  Logging,
  ParameterDefinition,
  PriceClass,
} from '../../../model/distribution.ts';
import type { AccountId } from '../../../model/ids.ts';
import { plainConfig } from '../../../model/plain-config.ts';
import { defaultErrorTtlS } from '../../../model/behavior-rules.ts';
import { Refusal } from '../../../model/refusal.ts';
import { counted, itemsOf } from '../../../wire/counted.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';
import {
  readBehavior,
  readPathBehavior,
  writeBehavior,
  writePathBehavior,
} from './behavior-shape.ts';
import { readCertificate, writeCertificate } from './certificate-shape.ts';
import { readOrigin, readOriginGroup, writeOrigin, writeOriginGroup } from './origin-shape.ts';
import { unsupported } from './unsupported.ts';

/** Throws a Refusal for what the model has no room for; it judges no other values. */
export function readConfig(given: Wire.DistributionConfig, account: AccountId): DistributionConfig {
  refuseMutualTls(given);
  const connectionMode = given.ConnectionMode ?? plainConfig.connectionMode;
  return {
    kind: 'download',
    callerReference: given.CallerReference,
    aliases: readAliases(given.Aliases),
    comment: given.Comment,
    enabled: given.Enabled,
    defaultRootObject: given.DefaultRootObject ?? plainConfig.defaultRootObject,
    logging: readLogging(given.Logging),
    httpVersion: given.HttpVersion ?? 'http2',
    ipv6: given.IsIPV6Enabled ?? plainConfig.ipv6,
    priceClass: readPriceClass(given.PriceClass ?? usualPriceClass[connectionMode]),
    certificate: readCertificate(given.ViewerCertificate),
    geoRestriction: readGeoRestriction(given.Restrictions),
    webAcl: given.WebACLId ?? plainConfig.webAcl,
    origins: (given.Origins.Items ?? []).map(readOrigin),
    originGroups: itemsOf(given.OriginGroups).map(readOriginGroup),
    defaultBehavior: readBehavior(given.DefaultCacheBehavior, account),
    behaviors: itemsOf(given.CacheBehaviors).map((one) => readPathBehavior(one, account)),
    errorResponses: itemsOf(given.CustomErrorResponses).map(readErrorResponse),
    staging: given.Staging ?? plainConfig.staging,
    continuousDeploymentPolicy: given.ContinuousDeploymentPolicyId ?? '',
    anycastIpList: given.AnycastIpListId ?? '',
    connectionFunction: given.ConnectionFunctionAssociation?.Id ?? '',
    cacheTagHeader: given.CacheTagConfig?.HeaderName ?? '',
    connectionMode,
    tenantParameters: (given.TenantConfig?.ParameterDefinitions ?? []).map(readParameter),
  };
}

function readParameter({ Definition, Name }: Wire.ParameterDefinition): ParameterDefinition {
  const schema = Definition.StringSchema;
  if (schema === undefined) {
    const why = `the definition of ${Name} holds a StringSchema.`;
    throw new Refusal('InvalidArgument', { member: 'ParameterDefinitions', why });
  }
  const { Comment: comment = '', DefaultValue: usualValue = '', Required: required } = schema;
  return { name: Name, required, comment, usualValue };
}

function writeTenantConfig({ connectionMode, tenantParameters }: DistributionConfig) {
  if (connectionMode === 'direct') return undefined;
  return {
    ParameterDefinitions: tenantParameters.map(({ comment, name, required, usualValue }) => ({
      Name: name,
      Definition: {
        StringSchema: {
          Required: required,
          Comment: comment === '' ? undefined : comment,
          DefaultValue: usualValue === '' ? undefined : usualValue,
        },
      },
    })),
  };
}

/** Where nothing was said. Those who are reached through tenants have no say in it. */
const usualPriceClass = { direct: 'PriceClass_All', 'tenant-only': 'None' } as const;

function refuseMutualTls(given: Wire.DistributionConfig): void {
  if (given.ViewerMtlsConfig !== undefined) {
    throw unsupported('ViewerMtlsConfig', 'viewers are not asked for certificates');
  }
}

/** In lower case, each once, in the order they were sent. */
export function readAliases(given: Wire.Aliases | undefined): readonly string[] {
  return [...new Set(itemsOf(given).map((alias) => alias.toLowerCase()))];
}

function readLogging(given: Wire.LoggingConfig | undefined): Logging | undefined {
  if (given?.Enabled !== true) return undefined;
  return {
    bucket: given.Bucket ?? '',
    prefix: given.Prefix ?? '',
    withCookies: given.IncludeCookies ?? false,
  };
}

const priceClasses: { readonly [Class in PriceClass]: Wire.PriceClass } = {
  all: 'PriceClass_All',
  '200': 'PriceClass_200',
  '100': 'PriceClass_100',
  none: 'None',
};

export function readPriceClass(given: Wire.PriceClass | undefined): PriceClass {
  switch (given) {
    case 'PriceClass_100':
      return '100';
    case 'PriceClass_200':
      return '200';
    case 'None':
      return 'none';
    default:
      return plainConfig.priceClass;
  }
}

export function writePriceClass(priceClass: PriceClass): Wire.PriceClass {
  return priceClasses[priceClass];
}

function readGeoRestriction(given: Wire.Restrictions | undefined): GeoRestriction {
  if (given === undefined) return plainConfig.geoRestriction;
  const { RestrictionType: type } = given.GeoRestriction;
  const countries = itemsOf(given.GeoRestriction).map((code) => code.toUpperCase());
  if ((type === 'none') !== (countries.length === 0)) {
    const why =
      type === 'none'
        ? 'a restriction of none names no country.'
        : 'it names at least one country.';
    throw new Refusal('InvalidGeoRestrictionParameter', { why });
  }
  return type === 'none'
    ? { kind: 'none' }
    : { kind: type === 'whitelist' ? 'only' : 'except', countries };
}

function writeGeoRestriction(restriction: GeoRestriction): Wire.GeoRestriction {
  if (restriction.kind === 'none') return { RestrictionType: 'none', Quantity: 0 };
  const { countries, kind } = restriction;
  return { RestrictionType: kind === 'only' ? 'whitelist' : 'blacklist', ...counted(countries) };
}

function readErrorResponse(given: Wire.CustomErrorResponse): ErrorResponse {
  const { ResponseCode: code = '', ResponsePagePath: pagePath = '' } = given;
  if ((code === '') !== (pagePath === '')) {
    const why = 'both are given or none of them.';
    throw new Refusal('InvalidArgument', { member: 'ResponsePagePath, ResponseCode', why });
  }
  return {
    status: given.ErrorCode,
    pagePath,
    pageStatus: readStatus(code),
    minTtlS: given.ErrorCachingMinTTL ?? defaultErrorTtlS,
  };
}

function readStatus(code: string): number {
  if (code === '') return 0;
  if (/^\d{3}$/.test(code)) return Number(code);
  throw new Refusal('InvalidResponseCode', { why: `${code} is no status.` });
}

function writeErrorResponse(response: ErrorResponse): Wire.CustomErrorResponse {
  const { minTtlS, pagePath, pageStatus, status } = response;
  return {
    ErrorCode: status,
    ResponsePagePath: pagePath,
    ResponseCode: pageStatus === 0 ? '' : String(pageStatus),
    ErrorCachingMinTTL: minTtlS,
  };
}

export function writeConfig(
  config: DistributionConfig,
  account: AccountId,
): Wire.DistributionConfig {
  const { cacheTagHeader, connectionFunction, logging } = config;
  return {
    CallerReference: config.callerReference,
    ...writeShared(config, account),
    DefaultRootObject: config.defaultRootObject,
    Logging: {
      Enabled: logging !== undefined,
      IncludeCookies: logging?.withCookies ?? false,
      Bucket: logging?.bucket ?? '',
      Prefix: logging?.prefix ?? '',
    },
    ContinuousDeploymentPolicyId: config.continuousDeploymentPolicy,
    CacheTagConfig: cacheTagHeader === '' ? undefined : { HeaderName: cacheTagHeader },
    TenantConfig: writeTenantConfig(config),
    ConnectionFunctionAssociation:
      connectionFunction === '' ? undefined : { Id: connectionFunction },
  };
}

/** What a configuration and its summary in a list both have. */
export function writeShared(config: DistributionConfig, account: AccountId) {
  const { anycastIpList, errorResponses, origins } = config;
  return {
    Aliases: counted(config.aliases),
    Origins: { Quantity: origins.length, Items: origins.map(writeOrigin) },
    OriginGroups: counted(config.originGroups.map(writeOriginGroup)),
    DefaultCacheBehavior: writeBehavior(config.defaultBehavior, account),
    CacheBehaviors: counted(config.behaviors.map((one) => writePathBehavior(one, account))),
    CustomErrorResponses: counted(errorResponses.map(writeErrorResponse)),
    Comment: config.comment,
    PriceClass: writePriceClass(config.priceClass),
    Enabled: config.enabled,
    ViewerCertificate: writeCertificate(config.certificate),
    Restrictions: { GeoRestriction: writeGeoRestriction(config.geoRestriction) },
    WebACLId: config.webAcl,
    HttpVersion: config.httpVersion,
    IsIPV6Enabled: config.ipv6,
    Staging: config.staging,
    AnycastIpListId: anycastIpList === '' ? undefined : anycastIpList,
    ConnectionMode: config.connectionMode,
  };
}
