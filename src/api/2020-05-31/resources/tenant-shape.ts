/** Distribution tenants on the wire (API 2020-05-31, section 4.17). */
import type { TenantView } from '../../../control/control.ts';
import { arnOf } from '../../../model/arn.ts';
import type { GeoRestriction } from '../../../model/distribution.ts';
import type {
  DistributionTenantConfig,
  ManagedCertificate,
  TenantWebAcl,
} from '../../../model/resources/distribution-tenant.ts';
import { invalidArgument } from '../../../model/resources/invalid-argument.ts';
import type { AccountId } from '../../../model/ids.ts';
import type { Tag } from '../../../model/tags.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';
import { writeTags } from './tags.ts';

export const tenantKind = 'distribution-tenant';

type Given = Omit<Wire.UpdateDistributionTenantRequest, 'Id' | 'IfMatch'>;

/** `was`: what stands, which stays where nothing is said. */
export function readTenant(given: Given, was: DistributionTenantConfig): DistributionTenantConfig {
  const { Customizations: custom, ManagedCertificateRequest: requested } = given;
  return {
    name: was.name,
    distribution: given.DistributionId ?? was.distribution,
    domains: given.Domains === undefined ? was.domains : readDomains(given.Domains),
    parameters:
      given.Parameters?.map(({ Name, Value }) => ({ name: Name, value: Value })) ?? was.parameters,
    connectionGroup: (given.ConnectionGroupId ?? '') || was.connectionGroup,
    ...(custom === undefined ? customizationsOf(was) : readCustomizations(custom)),
    managedCertificate: requested === undefined ? was.managedCertificate : readRequested(requested),
    enabled: given.Enabled ?? was.enabled,
  };
}

/** What a tenant is made from: enabled, with nothing of its own. */
export function newTenant(name: string): DistributionTenantConfig {
  return {
    name,
    distribution: '',
    domains: [],
    parameters: [],
    connectionGroup: '',
    webAcl: { kind: 'inherited' },
    certificate: '',
    geoRestriction: undefined,
    managedCertificate: undefined,
    enabled: true,
  };
}

function readDomains(domains: readonly Wire.DomainItem[]): readonly string[] {
  return [...new Set(domains.map(({ Domain }) => Domain.toLowerCase()))];
}

type Customized = Pick<DistributionTenantConfig, 'webAcl' | 'certificate' | 'geoRestriction'>;

function customizationsOf({ certificate, geoRestriction, webAcl }: Customized): Customized {
  return { webAcl, certificate, geoRestriction };
}

function readCustomizations(given: Wire.Customizations): Customized {
  const { Certificate, GeoRestrictions, WebAcl } = given;
  return {
    webAcl: WebAcl === undefined ? { kind: 'inherited' } : readWebAcl(WebAcl),
    certificate: Certificate?.Arn ?? '',
    geoRestriction: GeoRestrictions && readGeoRestriction(GeoRestrictions),
  };
}

function readWebAcl({ Action, Arn = '' }: Wire.WebAclCustomization): TenantWebAcl {
  if (Action === 'override') return { kind: 'own', arn: Arn };
  if (Arn !== '') invalidArgument('The web ACL', 'one that is disabled has no Arn.');
  return { kind: 'disabled' };
}

function readGeoRestriction(given: Wire.GeoRestrictionCustomization): GeoRestriction {
  const { Locations = [], RestrictionType: type } = given;
  const countries = Locations.map((code) => code.toUpperCase());
  if ((type === 'none') !== (countries.length === 0)) {
    const why = 'a restriction of none names no location, and every other one at least one.';
    invalidArgument('The parameter GeoRestrictions', why);
  }
  if (type === 'none') return { kind: 'none' };
  return { kind: type === 'whitelist' ? 'only' : 'except', countries };
}

function readRequested(given: Wire.ManagedCertificateRequest): ManagedCertificate {
  return {
    // Given to it as it is recorded.
    id: '',
    tokenHost: given.ValidationTokenHost,
    primaryDomain: given.PrimaryDomainName?.toLowerCase() ?? '',
    transparencyLogging: given.CertificateTransparencyLoggingPreference ?? '',
  };
}

export function writeTenant(view: TenantView, tags: readonly Tag[]): Wire.DistributionTenant {
  const { ETag: _, ...told } = writeTenantSummary(view);
  const { parameters } = view.tenant.config;
  return {
    ...told,
    Tags: writeTags(tags),
    Parameters: parameters.map(({ name, value }) => ({ Name: name, Value: value })),
  };
}

export function writeTenantSummary(view: TenantView): Wire.DistributionTenantSummary {
  const { isActive, status, tenant } = view;
  const { account, config, createdAt, etag, id, modifiedAt } = tenant;
  return {
    Id: id,
    DistributionId: config.distribution,
    Name: config.name,
    Arn: arnOf(account, { kind: tenantKind, id }),
    Domains: config.domains.map((domain) => ({
      Domain: domain,
      Status: isActive ? 'active' : 'inactive',
    })),
    ConnectionGroupId: config.connectionGroup,
    Customizations: writeCustomizations(config),
    CreatedTime: createdAt,
    LastModifiedTime: modifiedAt,
    ETag: etag,
    Enabled: config.enabled,
    Status: status,
  };
}

function writeCustomizations(config: Customized): Wire.Customizations | undefined {
  const { certificate, geoRestriction, webAcl } = config;
  if (certificate === '' && geoRestriction === undefined && webAcl.kind === 'inherited') {
    return undefined;
  }
  return {
    WebAcl: writeWebAcl(webAcl),
    Certificate: certificate === '' ? undefined : { Arn: certificate },
    GeoRestrictions: geoRestriction && writeGeoRestriction(geoRestriction),
  };
}

function writeWebAcl(webAcl: TenantWebAcl): Wire.WebAclCustomization | undefined {
  switch (webAcl.kind) {
    case 'inherited':
      return undefined;
    case 'disabled':
      return { Action: 'disable' };
    case 'own':
      return { Action: 'override', Arn: webAcl.arn };
    default:
      return webAcl satisfies never;
  }
}

function writeGeoRestriction(restriction: GeoRestriction): Wire.GeoRestrictionCustomization {
  if (restriction.kind === 'none') return { RestrictionType: 'none' };
  const { countries, kind } = restriction;
  return { RestrictionType: kind === 'only' ? 'whitelist' : 'blacklist', Locations: countries };
}

/**
 * The local authority issues a certificate for each domain at its first handshake, and asks nobody for
 * proof: so it is issued at once, and validation tokens lead nowhere else.
 */
export function writeManagedCertificate(
  account: AccountId,
  domains: readonly string[],
  { id, tokenHost }: ManagedCertificate,
): Wire.ManagedCertificateDetails {
  return {
    CertificateArn: `arn:aws:acm:us-east-1:${account}:certificate/${id}`,
    CertificateStatus: 'issued',
    ValidationTokenHost: tokenHost,
    ValidationTokenDetails: domains.map((domain) => ({ Domain: domain })),
  };
}
