/** What answers about resources have in common. */
import type { Resource, ResourceKind } from '../../../model/resources/resource.ts';

/** Where the resource is read; clients do not ask there by themselves. */
export function locationOf(
  publicEndpoint: () => string,
  { id, kind }: Pick<Resource, 'kind' | 'id'>,
): string {
  return `${publicEndpoint()}/2020-05-31/${kind satisfies ResourceKind}/${id}`;
}

export function ownership(type: 'managed' | 'custom' | undefined): 'all' | 'managed' | 'own' {
  if (type === undefined) return 'all';
  return type === 'custom' ? 'own' : 'managed';
}
