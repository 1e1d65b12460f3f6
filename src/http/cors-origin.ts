/**
 * Does an origin of the Fetch standard fit one that a policy allows (edge contract 8.4, rule 5)? An
 * item without a scheme is of http and https, one without a port of origins without one. `*` stands
 * for the labels on the left, none among them, and for any run of digits of a port.
 */
import { wildcardFits } from './resource-pattern.ts';

const form = /^(?:(https?):\/\/)?([^:/]+)(?::([\d*]+))?$/i;

export function originFits(allowed: string, origin: string): boolean {
  if (allowed === '*') return true;
  const [isItem, scheme, host = '', port] = form.exec(allowed.toLowerCase()) ?? [];
  const [isOrigin, ownScheme, ownHost = '', ownPort] = form.exec(origin.toLowerCase()) ?? [];
  if (isItem === undefined || isOrigin === undefined || ownScheme === undefined) return false;
  if (scheme !== undefined && scheme !== ownScheme) return false;
  const fitsPort = port === undefined ? ownPort === undefined : wildcardFits(port, ownPort ?? '');
  if (!fitsPort) return false;
  if (!host.startsWith('*.')) return host === ownHost;
  return ownHost === host.slice(2) || ownHost.endsWith(host.slice(1));
}
