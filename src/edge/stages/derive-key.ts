/**
 * deriveKey: what has to be equal for two requests to share an object (edge contract 4.1 and 4.4).
 * Custom origins negotiate gzip; what a bucket holds is what it is.
 */
import { cacheKey } from '../../cache/cache-key.ts';
import { acceptsGzip } from '../../http/accept-encoding.ts';
import type { Exchange } from '../exchange.ts';
import { routed } from '../routed.ts';

export function deriveKey(x: Exchange): 'lookUp' {
  const { behavior, distributionId } = routed(x);
  const { headers, httpVersion } = x.request;
  const negotiates = behavior.origin.kind === 'custom' && httpVersion !== '1.0';
  x.encoding = negotiates && acceptsGzip(headers) ? 'gzip' : 'identity';
  x.key = cacheKey({ distributionId, encoding: x.encoding, path: x.path });
  return x.go('lookUp', x.encoding);
}
