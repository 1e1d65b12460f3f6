/**
 * A connection group: an endpoint through which tenants are reached (API 2020-05-31, section 4.17).
 * An account has one of its own for those that name none, made with the first of them.
 */
import type { Limits } from '../limits.ts';
import { Refusal } from '../refusal.ts';
import { checkPlainName } from './invalid-argument.ts';
import type { ResourceTarget } from './resource.ts';

export type ConnectionGroupConfig = {
  readonly name: string;
  readonly enabled: boolean;
  readonly hasIpv6: boolean;
  /** Id. */
  readonly anycastIpList: string | undefined;
  /** A host name below the domain of the service; given once. */
  readonly endpoint: string;
  readonly isDefault?: true;
};

/**
 * `isList`: is this the id of a list of addresses of the account? `groupsBeside`: how many other groups
 * name it. Throws a Refusal.
 */
export function checkConnectionGroup(
  { anycastIpList: id, name }: ConnectionGroupConfig,
  limits: Limits,
  isList: (id: string) => boolean,
  groupsBeside: (list: ResourceTarget) => number,
): void {
  checkPlainName(name);
  if (id === undefined) return;
  if (!isList(id)) throw new Refusal('EntityNotFound', { said: 'list of addresses', id });
  const max = limits['connection-groups-of-anycast-ip-list'];
  if (groupsBeside({ kind: 'anycast-ip-list', id }) < max) return;
  const said = `connection groups that name the list of addresses ${id}`;
  throw new Refusal('EntityLimitExceeded', { max, said });
}
