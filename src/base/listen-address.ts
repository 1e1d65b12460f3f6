/** Where something listens: `127.0.0.1:4400`, `[::1]:4400`, `localhost:0`. */
import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** `host` is without brackets. Port 0 stands for any free one. */
export type ListenAddress = { readonly host: string; readonly port: number };

const portMax = 65_535;
const hostName = /^(?!-)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*$/;
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** The address, or what is wrong with the text. */
export function parseListenAddress(text: string): ListenAddress | string {
  const match = /^(?:\[(?<six>[^\]]*)\]|(?<host>[^:[\]]*)):(?<port>[^:]*)$/.exec(text);
  if (match === null) {
    if (isIPv6(text)) return `${text} has no port, and an IPv6 address stands in brackets`;
    if (!text.includes(':')) return `${text} has no port`;
    return `${text} is not HOST:PORT`;
  }
  const { host, port = '', six } = match.groups ?? {};
  if (six !== undefined && !isIPv6(six)) return `[${six}] is not an IPv6 address`;
  if (host === '') return `${text} has no host`;
  if (host !== undefined && !isIPv4(host) && !isHostName(host)) {
    return `${host} is neither a host name nor an address`;
  }
  if (!/^\d{1,5}$/.test(port) || Number(port) > portMax) {
    return `${port === '' ? 'an empty text' : port} is not a port from 0 to ${portMax}`;
  }
  return { host: six ?? host ?? '', port: Number(port) };
}

/** Addresses of IPv6 in brackets, so that it can stand in a URL. */
export function formatListenAddress({ host, port }: ListenAddress): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/** Is it reached from this machine alone? A name other than `localhost` may be anything. */
export function isLoopbackHost(host: string): boolean {
  if (isIPv4(host)) return loopback.check(host, 'ipv4');
  if (isIPv6(host)) return loopback.check(host, 'ipv6');
  return host.toLowerCase() === 'localhost';
}

/** A last label of digits alone would be read as an address (WHATWG URL, "ends in a number"). */
function isHostName(text: string): boolean {
  return hostName.test(text) && !/(?:^|\.)\d+$/.test(text);
}
