/**
 * Via, CDN-Loop and the request id: what an exchange is traced by on its way (edge contract 4.5 and
 * 8.1).
 */
import { createHash } from 'node:crypto';
import type { Randomness } from '../base/randomness.ts';
import { type HeaderList, headerValues, listMembers } from './header-list.ts';

export const requestIdBytes = 40;

/** 40 random bytes in Base64 with `-` and `_`, padding kept: 56 characters. */
export function mintRequestId(randomness: Randomness): string {
  return `${Buffer.from(randomness.bytes(requestIdBytes)).toString('base64url')}==`;
}

/** The pseudonym of an edge in Via: 32 hexadecimal digits that stay the same for its name. */
export function viaName(edgeName: string, domain: string): string {
  const digits = createHash('sha256').update(edgeName, 'utf8').digest('hex').slice(0, 32);
  return `${digits}.${domain}`;
}

/** `viewerVersion` is the HTTP version the viewer spoke, such as `1.1`. */
export function viaValue(viewerVersion: string, name: string): string {
  return `${viewerVersion} ${name} (CloudFront)`;
}

/** How often a token stands in CDN-Loop (RFC 8586): one for each distribution passed. */
export function loopCount(headers: HeaderList, token: string): number {
  let count = 0;
  for (const value of headerValues(headers, 'cdn-loop')) {
    for (const member of listMembers(value)) {
      if (member.split(';', 1)[0]?.trim().toLowerCase() === token.toLowerCase()) count += 1;
    }
  }
  return count;
}
