/**
 * A connection group: an endpoint through which tenants are reached (API 2020-05-31, section 4.17).
 * Stored only: there are no tenants yet, so nothing answers at the endpoint.
 */
import { Refusal } from '../refusal.ts';
import { checkPlainName } from './invalid-argument.ts';

export type ConnectionGroupConfig = {
  readonly name: string;
  readonly enabled: boolean;
  readonly hasIpv6: boolean;
  /** Id. */
  readonly anycastIpList: string | undefined;
  /** A host name below the domain of the service; given once. */
  readonly endpoint: string;
};

/** `isList`: is this the id of a list of addresses of the account? Throws a Refusal. */
export function checkConnectionGroup(
  { anycastIpList, name }: ConnectionGroupConfig,
  isList: (id: string) => boolean,
): void {
  checkPlainName(name);
  if (anycastIpList === undefined || isList(anycastIpList)) return;
  throw new Refusal('EntityNotFound', { said: 'list of addresses', id: anycastIpList });
}
