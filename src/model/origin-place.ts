/**
 * Where an origin is: the form of its domain name and of the path in front of those of requests (API
 * 2010-11-01, section 2.2.5; 2020-05-31, section 4.3). Nothing is looked up.
 */
import { charactersOf } from '../base/characters.ts';
import type { Origin } from './distribution.ts';
import { bucketOfHost, faultOfHostName } from './host-name.ts';
import type { Limits } from './limits.ts';

const pathCharactersMax = 255;

/** Undefined where nothing is wrong with it. */
export function faultOfOriginName(
  { domainName, kind }: Pick<Origin, 'domainName' | 'kind'>,
  limits: Limits,
): string | undefined {
  const max = limits['origin-name-length'];
  const given = charactersOf(domainName);
  if (given > max) {
    return `its DNSName has ${given} characters; at most ${max} are accepted.`;
  }
  if (kind === 's3') {
    if (bucketOfHost(domainName) !== undefined) return undefined;
    return `DNSName ${domainName} of an S3Origin is not of the form <bucket>.s3.amazonaws.com.`;
  }
  const fault = faultOfHostName(domainName);
  if (fault === undefined) return undefined;
  return `DNSName ${domainName} of a CustomOrigin is not a host name: ${fault}.`;
}

/** Likewise. */
export function faultOfOriginPath({ path }: Pick<Origin, 'path'>): string | undefined {
  const isPath = path === '' || (/^\/[!-~]*$/.test(path) && !path.endsWith('/'));
  if (isPath && path.length <= pathCharactersMax && !/[?#]/.test(path)) return undefined;
  return `it is empty, or begins with a slash and does not end with one; at most ${pathCharactersMax} characters.`;
}
