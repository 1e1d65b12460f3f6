/** Distribution tenants (API 2020-05-31, section 4.17). */
import { arnOf } from '../../../model/arn.ts';
import { Refusal } from '../../../model/refusal.ts';
import type {
  DistributionTenantConfig,
  TenantWebAcl,
} from '../../../model/resources/distribution-tenant.ts';
import { invalidArgument } from '../../../model/resources/invalid-argument.ts';
import type { Resource } from '../../../model/resources/resource.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';
import type { Context, Handlers } from '../handler.ts';
import { bareListOf, type ListAsked, pageOf } from '../paging.ts';
import { findIdentified } from './resource-answers.ts';
import { readTags } from './tags.ts';
import {
  newTenant,
  readTenant,
  tenantKind as kind,
  writeManagedCertificate,
  writeTenant,
  writeTenantSummary,
} from './tenant-shape.ts';

type Tenant = Resource<typeof kind>;

export const distributionTenantHandlers = {
  async CreateDistributionTenant(input, context) {
    const config = readTenant(input, newTenant(input.Name));
    const tags = readTags(input.Tags);
    return answerOf(await context.control.createTenant(context.account, config, tags), context);
  },
  async GetDistributionTenant({ Identifier }, context) {
    const { account, control } = context;
    return answerOf(await findIdentified(control, account, kind, Identifier), context);
  },
  async GetDistributionTenantByDomain({ Domain }, context) {
    return answerOf(await context.control.findTenantByDomain(context.account, Domain), context);
  },
  async UpdateDistributionTenant({ Id, IfMatch, ...given }, context) {
    const changed = await replaced(context, Id, IfMatch, (was) => readTenant(given, was));
    return answerOf(changed, context);
  },
  async DeleteDistributionTenant({ Id, IfMatch }, { account, control }) {
    await control.deleteResource({ account, kind, id: Id, ifMatch: IfMatch });
    return {};
  },
  async ListDistributionTenants(input, context) {
    const { account, control } = context;
    const { ConnectionGroupId: group, DistributionId: id } = input.AssociationFilter ?? {};
    if (group !== undefined) await control.findResource(account, 'connection-group', group);
    if (id !== undefined && !(await isDistribution(context, id))) {
      throw new Refusal('EntityNotFound', { said: 'distribution', id });
    }
    return listOfTenants(
      context,
      input,
      ({ connectionGroup, distribution }) =>
        (group ?? connectionGroup) === connectionGroup && (id ?? distribution) === distribution,
    );
  },
  async ListDistributionTenantsByCustomization(input, context) {
    const { CertificateArn: certificate = '', WebACLArn: webAcl = '' } = input;
    if (certificate === '' && webAcl === '') {
      const why = 'one of them is given.';
      invalidArgument('The parameters WebACLArn and CertificateArn', why);
    }
    return listOfTenants(
      context,
      input,
      (config) =>
        (certificate === '' || config.certificate === certificate) &&
        (webAcl === '' || (config.webAcl.kind === 'own' && config.webAcl.arn === webAcl)),
    );
  },
  async AssociateDistributionTenantWebACL({ Id, IfMatch, WebACLArn }, context) {
    const webAcl: TenantWebAcl = { kind: 'own', arn: WebACLArn };
    const { etag } = await replaced(context, Id, IfMatch, (was) => ({ ...was, webAcl }));
    return { Id, WebACLArn, ETag: etag };
  },
  /** It then has that of its distribution, like one that never had any. */
  async DisassociateDistributionTenantWebACL({ Id, IfMatch }, context) {
    const webAcl: TenantWebAcl = { kind: 'inherited' };
    const { etag } = await replaced(context, Id, IfMatch, (was) => ({ ...was, webAcl }));
    return { Id, ETag: etag };
  },
  async GetManagedCertificateDetails({ Identifier }, { account, control }) {
    const { config, id } = await findIdentified(control, account, kind, Identifier);
    const { domains, managedCertificate: managed } = config;
    if (managed === undefined) {
      throw new Refusal('EntityNotFound', { said: 'managed certificate of tenant', id });
    }
    return { ManagedCertificateDetails: writeManagedCertificate(account, domains, managed) };
  },
} satisfies Handlers;

async function answerOf(tenant: Tenant, { account, control }: Context) {
  const tags = await control.listTags(account, arnOf(account, { kind, id: tenant.id }));
  const DistributionTenant = writeTenant(await control.tenantView(tenant), tags);
  return { DistributionTenant, ETag: tenant.etag };
}

async function replaced(
  { account, control }: Context,
  id: string,
  ifMatch: string | undefined,
  change: (was: DistributionTenantConfig) => DistributionTenantConfig,
): Promise<Tenant> {
  const { config: was } = await control.findResource(account, kind, id);
  return control.replaceResource({ account, kind, id, ifMatch }, change(was));
}

async function isDistribution({ account, control }: Context, id: string): Promise<boolean> {
  try {
    await control.find(account, 'download', id);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

async function listOfTenants(
  { account, control, limits }: Context,
  asked: ListAsked,
  isMeant: (config: DistributionTenantConfig) => boolean,
): Promise<Wire.ListDistributionTenantsResult> {
  const request = pageOf(asked, limits);
  const page = await control.listResources(account, kind, 'own', request, ({ config }) =>
    isMeant(config),
  );
  const views = await Promise.all(page.items.map((tenant) => control.tenantView(tenant)));
  const named = views.map((view) => ({ id: view.tenant.id, view }));
  const { items, next } = bareListOf({ ...page, items: named }, ({ view }) =>
    writeTenantSummary(view),
  );
  return { DistributionTenantList: items, NextMarker: next };
}
