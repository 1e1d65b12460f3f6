/**
 * Addresses of IPv4 and ranges of them, as policies name viewers: `192.0.2.5` or `192.0.2.0/24`
 * (RFC 4632 §3.1). A part with a leading zero is refused, since some read it as octal.
 */

export type Ipv4Range = {
  /** The first address, as a whole number of 32 bits. */
  readonly base: number;
  /** How many bits an address has in common with it. */
  readonly prefixBits: number;
};

const part = '(0|[1-9]\\d{0,2})';
const addressForm = new RegExp(`^${part}\\.${part}\\.${part}\\.${part}$`);
const prefixForm = /^(?:\d|[12]\d|3[0-2])$/;

/** A whole number of 32 bits; undefined for anything but four numbers with dots between. */
export function parseIpv4(text: string): number | undefined {
  const parts = addressForm.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((one) => one > 255)) return undefined;
  return parts.reduce((address, one) => address * 256 + one, 0);
}

/** Bits behind the prefix count for nothing, so `192.0.2.5/24` is all of `192.0.2.…`. */
export function parseIpv4Range(text: string): Ipv4Range | undefined {
  const slash = text.indexOf('/');
  const address = parseIpv4(slash < 0 ? text : text.slice(0, slash));
  const prefix = slash < 0 ? '32' : text.slice(slash + 1);
  if (address === undefined || !prefixForm.test(prefix)) return undefined;
  const prefixBits = Number(prefix);
  const size = 2 ** (32 - prefixBits);
  return { base: Math.floor(address / size) * size, prefixBits };
}

/**
 * `address`: as a connection tells it, of either version of IP. `0.0.0.0/0` holds every address, of
 * IPv6 too; no other range holds one of IPv6.
 */
export function isInRange(address: string, { base, prefixBits }: Ipv4Range): boolean {
  if (prefixBits === 0) return true;
  const number = parseIpv4(address);
  return number !== undefined && number >= base && number < base + 2 ** (32 - prefixBits);
}
