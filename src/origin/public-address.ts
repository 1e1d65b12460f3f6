/**
 * Which addresses an origin name may lead to unless the operator allows all (edge contract 10.2,
 * rule 5): none that means this machine, a private or link-local network, a cloud's metadata
 * service, or nothing that routes. Whoever configures a distribution is not the operator, and must
 * not reach through the edge what only the edge's machine can reach.
 */
import { BlockList, isIP } from 'node:net';

/** IANA special-purpose registries (RFC 6890 and its updates); metadata services are link-local. */
const withheld4: readonly (readonly [network: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

const list4 = new BlockList();
for (const [network, prefix] of withheld4) list4.addSubnet(network, prefix, 'ipv4');

/** Global unicast without what is set aside in it; everything outside 2000::/3 is withheld. */
const list6 = new BlockList();
list6.addSubnet('2001::', 23, 'ipv6');
list6.addSubnet('2001:db8::', 32, 'ipv6');
list6.addSubnet('2002::', 16, 'ipv6');
list6.addSubnet('3fff::', 20, 'ipv6');

const globalUnicast = new BlockList();
globalUnicast.addSubnet('2000::', 3, 'ipv6');

/** An address of version 4 in the clothes of version 6 is judged by what it is. */
const mappedForm = /^::(?:ffff:(?:0:)?)?(\d{1,3}(?:\.\d{1,3}){3})$/i;
const mappedHexForm = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i;

export function isPublicAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 4) return !list4.check(address, 'ipv4');
  if (version !== 6 || address.includes('%')) return false;
  const mapped = mappedForm.exec(address)?.[1] ?? fromHex(mappedHexForm.exec(address));
  if (mapped !== undefined) return isPublicAddress(mapped);
  return globalUnicast.check(address, 'ipv6') && !list6.check(address, 'ipv6');
}

function fromHex(match: RegExpExecArray | null): string | undefined {
  if (match === null) return undefined;
  const high = Number.parseInt(match[1] ?? '', 16);
  const low = Number.parseInt(match[2] ?? '', 16);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
