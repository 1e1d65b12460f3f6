/**
 * Multi-tenant distributions (API 2020-05-31, section 4.17): their origins have parameters, `{{name}}`,
 * in domain name and path, and each tenant of theirs is what comes of it with its values put in.
 */
import { charactersOf } from '../base/characters.ts';
import type {
  DistributionConfig,
  GeoRestriction,
  Origin,
  ParameterDefinition,
} from './distribution.ts';
import type { Limits } from './limits.ts';
import { faultOfOriginName, faultOfOriginPath } from './origin-place.ts';
import { Refusal } from './refusal.ts';

/** Of one tenant. */
export type ParameterValue = { readonly name: string; readonly value: string };

const placeholder = /\{\{([A-Za-z0-9_-]+)\}\}/g;
const parameterName = /^[A-Za-z0-9_-]{1,128}$/;
const valueCharactersMax = 256;
const commentCharactersMax = 128;
/** Stands in a placeholder while its field is judged without a tenant. */
const sample = 'x';

/** What a distribution may say of tenants, and what not beside it. Throws a Refusal. */
export function checkTenancy(config: DistributionConfig, limits: Limits): void {
  const { connectionMode, origins, tenantParameters } = config;
  if (connectionMode === 'direct') {
    if (tenantParameters.length === 0) return;
    invalid('TenantConfig', 'it goes with ConnectionMode tenant-only alone.');
  }
  for (const [member, isSaid] of [
    ['Aliases', config.aliases.length > 0],
    ['ContinuousDeploymentPolicyId', config.continuousDeploymentPolicy !== ''],
    ['IsIPV6Enabled', config.ipv6],
    ['AnycastIpListId', config.anycastIpList !== ''],
    ['Staging', config.staging],
  ] as const) {
    if (isSaid) invalid(member, 'it cannot be given with ConnectionMode tenant-only.');
  }
  checkDefinitions(tenantParameters, limits);
  const defined = new Set(tenantParameters.map(({ name }) => name));
  for (const { domainName, path } of origins) {
    checkPlaceholders('DomainName', domainName, defined, limits);
    checkPlaceholders('OriginPath', path, defined, limits);
  }
}

function checkDefinitions(definitions: readonly ParameterDefinition[], limits: Limits): void {
  const member = 'ParameterDefinitions';
  const max = limits['parameters-of-distribution'];
  if (definitions.length > max) tooMany('parameters of a distribution', max);
  const seen = new Set<string>();
  for (const { comment, name, usualValue } of definitions) {
    if (!parameterName.test(name)) {
      invalid(member, `the name ${name} is not 1 to 128 letters, digits, _ and -.`);
    }
    if (seen.has(name)) invalid(member, `${name} stands there more than once.`);
    seen.add(name);
    if (charactersOf(usualValue) > valueCharactersMax) {
      invalid(
        member,
        `the default value of ${name} has more than ${valueCharactersMax} characters.`,
      );
    }
    if (charactersOf(comment) > commentCharactersMax) {
      invalid(member, `the comment of ${name} has more than ${commentCharactersMax} characters.`);
    }
  }
}

function checkPlaceholders(
  member: string,
  text: string,
  defined: ReadonlySet<string>,
  limits: Limits,
): void {
  const named = [...text.matchAll(placeholder)].map(([, name = '']) => name);
  const max = limits['parameters-of-field'];
  if (named.length > max) tooMany(`parameters in one ${member}`, max);
  const unknown = named.find((name) => !defined.has(name));
  if (unknown !== undefined) invalid(member, `the parameter ${unknown} is not defined.`);
}

/** Placeholders filled in, so that fields with them can be judged like any other. */
export function withSampleValues(config: DistributionConfig): DistributionConfig {
  if (config.connectionMode === 'direct') return config;
  return { ...config, origins: config.origins.map((origin) => filled(origin, () => sample)) };
}

/** The origins of a tenant with these values. */
export function originsWith(
  { origins, tenantParameters }: DistributionConfig,
  values: readonly ParameterValue[],
): readonly Origin[] {
  const all = new Map(tenantParameters.map(({ name, usualValue }) => [name, usualValue]));
  for (const { name, value } of values) all.set(name, value);
  return origins.map((origin) => filled(origin, (name) => all.get(name) ?? ''));
}

/** What a tenant has of its own, as far as the origins are concerned. */
export type TenantPlace = {
  readonly parameters: readonly ParameterValue[];
  readonly domains: readonly string[];
};

/** Why the distribution can be none with these values; undefined where it can. */
export function faultOfValues(
  config: DistributionConfig,
  { domains, parameters }: TenantPlace,
  limits: Limits,
): string | undefined {
  const defined = new Map(config.tenantParameters.map((one) => [one.name, one]));
  const unknown = parameters.find(({ name }) => !defined.has(name));
  if (unknown !== undefined) return `the distribution has no parameter ${unknown.name}.`;
  const given = new Set(parameters.map(({ name }) => name));
  for (const { name, required, usualValue } of config.tenantParameters) {
    if (!required || usualValue !== '' || given.has(name)) continue;
    return `the distribution asks for a value of ${name}.`;
  }
  for (const origin of originsWith(config, parameters)) {
    const fault = faultOfOriginName(origin, limits);
    if (fault !== undefined) return fault;
    const pathFault = faultOfOriginPath(origin);
    if (pathFault !== undefined)
      return `the path of an origin becomes ${origin.path}: ${pathFault}`;
    if (domains.includes(origin.domainName.toLowerCase())) {
      return `the origin becomes ${origin.domainName}, which is a domain of the tenant itself.`;
    }
  }
  return undefined;
}

/** What a tenant has in place of what its distribution says. */
export type TenantChanges = TenantPlace & {
  readonly enabled: boolean;
  readonly geoRestriction: GeoRestriction | undefined;
};

/** The distribution as viewers have it at the domains of the tenant. */
export function configOfTenant(
  config: DistributionConfig,
  { domains, enabled, geoRestriction, parameters }: TenantChanges,
): DistributionConfig {
  return {
    ...config,
    connectionMode: 'direct',
    tenantParameters: [],
    aliases: domains,
    enabled: config.enabled && enabled,
    geoRestriction: geoRestriction ?? config.geoRestriction,
    origins: originsWith(config, parameters),
  };
}

function filled<One extends Origin>(origin: One, valueOf: (name: string) => string): One {
  const fill = (text: string): string =>
    text.replace(placeholder, (_, name: string) => valueOf(name));
  return { ...origin, domainName: fill(origin.domainName), path: fill(origin.path) };
}

function tooMany(said: string, max: number): never {
  throw new Refusal('EntityLimitExceeded', { said, max });
}

function invalid(member: string, why: string): never {
  throw new Refusal('InvalidArgument', { member, why });
}
