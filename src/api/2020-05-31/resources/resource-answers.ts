/** What answers about resources have in common. */
import type { Control, Page, Status } from '../../../control/control.ts';
import { parseArn } from '../../../model/arn.ts';
import type { AccountId } from '../../../model/ids.ts';
import type { Resource, ResourceKind } from '../../../model/resources/resource.ts';
import { nameOf, resourceRules } from '../../../model/resources/resource-rules.ts';

/** Where the resource is read; clients do not ask there by themselves. */
export function locationOf(
  publicEndpoint: () => string,
  { id, kind }: Pick<Resource, 'kind' | 'id'>,
): string {
  return `${publicEndpoint()}/2020-05-31/${segments[kind] ?? kind}/${id}`;
}

/** Where a kind is called otherwise on the wire. */
const segments: { readonly [Kind in ResourceKind]?: string } = {
  'field-encryption-profile': 'field-level-encryption-profile',
  'field-encryption-config': 'field-level-encryption',
};

export function ownership(type: 'managed' | 'custom' | undefined): 'all' | 'managed' | 'own' {
  if (type === undefined) return 'all';
  return type === 'custom' ? 'own' : 'managed';
}

/** What is deployed by itself says `Deploying` for what distributions call `InProgress`. */
export function deploymentOf(status: Status): 'Deployed' | 'Deploying' {
  return status === 'Deployed' ? 'Deployed' : 'Deploying';
}

export async function withStatuses<Kind extends ResourceKind>(
  { items, truncated }: Page<Resource<Kind>>,
  control: Pick<Control, 'resourceStatus'>,
) {
  const known = await Promise.all(
    items.map(async (resource) => ({
      id: resource.id,
      resource,
      status: await control.resourceStatus(resource),
    })),
  );
  return { items: known, truncated };
}

/** By its id, its ARN or its name. */
export async function findIdentified<Kind extends ResourceKind>(
  control: Pick<Control, 'allResources' | 'findResource'>,
  account: AccountId,
  kind: Kind,
  identifier: string,
): Promise<Resource<Kind>> {
  const target = parseArn(identifier);
  const isArn = target?.kind === resourceRules[kind].arnKind && target.account === account;
  const all = await control.allResources(account, kind);
  const named = all.find(({ config }) => nameOf(config) === identifier);
  return control.findResource(account, kind, isArn ? target.id : (named?.id ?? identifier));
}
