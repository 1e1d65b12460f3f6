/**
 * A list of static addresses that distributions share (API 2020-05-31, section 4.18). Stored only: the
 * addresses of edges are those of their machines, so a list never holds any.
 */
import { checkPlainName, invalidArgument } from './invalid-argument.ts';

export type AnycastIpListConfig = {
  readonly name: string;
  readonly count: number;
  readonly addressType: 'ipv4' | 'ipv6' | 'dualstack';
  readonly ranges: readonly { readonly cidr: string; readonly poolArn: string }[];
};

const counts: readonly number[] = [3, 21];
const rangesMax = 21;

/** Throws `InvalidArgument`. */
export function checkAnycastIpList({ count, name, ranges }: AnycastIpListConfig): void {
  checkPlainName(name);
  if (!counts.includes(count)) invalidArgument('The parameter IpCount', 'it is 3 or 21.');
  if (ranges.length > rangesMax) {
    invalidArgument('The parameter IpamCidrConfigs', `it holds at most ${rangesMax}.`);
  }
  for (const { cidr, poolArn } of ranges) {
    if (!/^[0-9a-fA-F.:]{2,45}\/\d{1,3}$/.test(cidr)) {
      invalidArgument('The parameter Cidr', 'it is no range of addresses, such as 192.0.2.0/24.');
    }
    if (!/^arn:\S{1,500}$/.test(poolArn)) {
      invalidArgument('The parameter IpamPoolArn', 'it is no ARN.');
    }
  }
}
