/**
 * A distribution tenant: a multi-tenant distribution as some domains have it, with values for its
 * parameters, and with settings of its own in place of a few (API 2020-05-31, section 4.17).
 */
import { checkAlias } from '../check-config.ts';
import { isCertificateArn, isWebAclArn, unknownCountryOf } from '../check-delivery.ts';
import type { DistributionConfig, GeoRestriction } from '../distribution.ts';
import type { Limits } from '../limits.ts';
import { Refusal } from '../refusal.ts';
import { type ParameterValue, faultOfValues } from '../tenancy.ts';
import { invalidArgument } from './invalid-argument.ts';

export type DistributionTenantConfig = {
  readonly name: string;
  /** The id of a multi-tenant distribution. */
  readonly distribution: string;
  /** In lower case; `*.` as with aliases. */
  readonly domains: readonly string[];
  readonly parameters: readonly ParameterValue[];
  /** Id. */
  readonly connectionGroup: string;
  readonly webAcl: TenantWebAcl;
  /** The ARN of one in place of that of the distribution; empty when there is none. */
  readonly certificate: string;
  /** In place of that of the distribution. */
  readonly geoRestriction: GeoRestriction | undefined;
  readonly managedCertificate: ManagedCertificate | undefined;
  readonly enabled: boolean;
};

export type TenantWebAcl =
  /** That of the distribution. */
  | { readonly kind: 'inherited' }
  | { readonly kind: 'disabled' }
  | { readonly kind: 'own'; readonly arn: string };

/** A certificate that the service was asked to get. */
export type ManagedCertificate = {
  /** Given to it once. */
  readonly id: string;
  readonly tokenHost: 'cloudfront' | 'self-hosted';
  /** Empty: the first of the domains. */
  readonly primaryDomain: string;
  /** Empty where nothing was said. */
  readonly transparencyLogging: '' | 'enabled' | 'disabled';
};

/** What a tenant is judged by beside its own words. */
export type TenantSurroundings = {
  /** Suffix of the names of distributions. */
  readonly domain: string;
  /** One of the account, by its id. */
  readonly distribution: (id: string) => DistributionConfig | undefined;
  readonly isGroup: (id: string) => boolean;
  /** Does something else have the domain? */
  readonly isTaken: (domain: string) => boolean;
};

/** Throws a Refusal. No connection group: one is given to it as it is made. */
export function checkDistributionTenant(
  config: DistributionTenantConfig,
  limits: Limits,
  around: TenantSurroundings,
): void {
  checkDomains(config, limits, around);
  checkCustomizations(config);
  checkParameters(config, limits);
  const { connectionGroup, distribution: id, domains, parameters } = config;
  const distribution = around.distribution(id);
  if (distribution === undefined) {
    throw new Refusal('EntityNotFound', { said: 'distribution', id });
  }
  if (distribution.connectionMode === 'direct') {
    throw new Refusal('InvalidAssociation', { id });
  }
  if (connectionGroup !== '' && !around.isGroup(connectionGroup)) {
    throw new Refusal('EntityNotFound', { said: 'connection group', id: connectionGroup });
  }
  const fault = faultOfValues(distribution, { parameters, domains }, limits);
  if (fault !== undefined) invalidArgument('The parameter Parameters', fault);
  const taken = domains.find((domain) => around.isTaken(domain));
  if (taken !== undefined) throw new Refusal('CNAMEAlreadyExists', { name: taken });
}

function checkDomains(
  { domains, managedCertificate }: DistributionTenantConfig,
  limits: Limits,
  environment: TenantSurroundings,
): void {
  const max = limits['domains-of-tenant'];
  if (domains.length === 0) invalidArgument('The parameter Domains', 'it names at least one.');
  if (domains.length > max) {
    throw new Refusal('EntityLimitExceeded', { said: 'domains of a distribution tenant', max });
  }
  for (const domain of domains) checkAlias(domain, environment, 'Domain');
  const primary = managedCertificate?.primaryDomain ?? '';
  if (primary !== '' && !domains.includes(primary)) {
    invalidArgument('The parameter PrimaryDomainName', `${primary} is none of the domains.`);
  }
}

function checkCustomizations(config: DistributionTenantConfig): void {
  const { certificate, geoRestriction, webAcl } = config;
  if (webAcl.kind === 'own' && !isWebAclArn(webAcl.arn)) {
    invalidArgument('The web ACL', `${webAcl.arn} is not the ARN of a global one of WAF v2.`);
  }
  if (certificate !== '' && !isCertificateArn(certificate)) {
    const why = `${certificate} is not the ARN of one in us-east-1.`;
    invalidArgument('The certificate', why);
  }
  const code = geoRestriction && unknownCountryOf(geoRestriction);
  if (code !== undefined) {
    invalidArgument('The parameter Location', `${code} is not two letters of ISO 3166-1.`);
  }
}

function checkParameters({ parameters }: DistributionTenantConfig, limits: Limits): void {
  const max = limits['parameters-of-tenant'];
  if (parameters.length > max) {
    throw new Refusal('EntityLimitExceeded', { said: 'parameters of a distribution tenant', max });
  }
  const names = parameters.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    invalidArgument('The parameter Parameters', `${twice} stands in it more than once.`);
  }
}
