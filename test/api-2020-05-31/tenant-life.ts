/** What tests of distribution tenants begin with. */
import { idOf, objectAt, type SdkWorld } from './calling.ts';
import { type Form, multiTenantForm } from './distribution-forms.ts';
import type { Called } from './sdk.ts';

type Started = Pick<SdkWorld, 'client'>;

/** The id of a distribution with a `site` and a `folder`. */
export async function multiTenant({ client }: Started, reference: string): Promise<string> {
  const given = { DistributionConfig: multiTenantForm(reference) };
  return idOf(await client.call('CreateDistribution', given), 'Distribution');
}

/** Of a site that is named like it. */
export function tenantForm(DistributionId: string, name: string, changed: Form = {}): Form {
  return {
    DistributionId,
    Name: name,
    Domains: [{ Domain: `${name}.example.com` }],
    Parameters: [{ Name: 'site', Value: name }],
    ...changed,
  };
}

export type MadeTenant = { readonly id: string; readonly etag: string; readonly tenant: Called };

export async function createTenant({ client }: Started, form: Form): Promise<MadeTenant> {
  const made = await client.call('CreateDistributionTenant', form);
  const tenant = objectAt(made, 'DistributionTenant');
  return { id: String(tenant['Id']), etag: String(made['ETag']), tenant };
}
