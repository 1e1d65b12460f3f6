/** The names that a certificate can be for, in one form each, so that equal wishes are seen to be equal. */
import { isIP, isIPv6 } from 'node:net';

const namesMax = 100;
const dnsName = /^(?=.{1,253}$)(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_-]{1,63})*$/;

/**
 * In lower case, in the shortest form, each once, sorted. Those that no certificate can hold, and
 * addresses that nobody asks for, are left out; throws a RangeError unless 1 to 100 remain.
 */
export function namesOf(names: readonly string[]): readonly string[] {
  const wanted = names
    .map((name) => name.toLowerCase())
    .map((name) => (isIPv6(name) ? shortAddress(name) : name))
    .filter((name) => isIP(name) !== 0 || dnsName.test(name))
    .filter((name) => name !== '0.0.0.0' && name !== '::');
  const distinct = [...new Set(wanted)].sort();
  if (distinct.length === 0 || distinct.length > namesMax) {
    throw new RangeError(`a certificate is for 1 to ${namesMax} names, not ${distinct.length}`);
  }
  return distinct;
}

/** Without a zone, which means something on one machine only. */
function shortAddress(address: string): string {
  const [plain = address] = address.split('%');
  return new URL(`http://[${plain}]`).hostname.slice(1, -1);
}
