/**
 * signedAccess: a private behavior answers signed requests only (edge contract 9). Signatures are not
 * verified by this release, so no request counts as signed and every one is refused: what its owner
 * declared private is never given out.
 */
import type { Exchange } from '../exchange.ts';
import { routed } from '../routed.ts';

export function signedAccess(x: Exchange): 'deriveKey' | 'refuse' {
  return routed(x).behavior.isPrivate
    ? x.refuse({ name: 'MissingKey' }, 'private')
    : x.go('deriveKey', 'public');
}
