/**
 * compress: is the origin's answer compressed on its way into the cache and to the viewer (edge
 * contract 6.4)? It is done once; whoever is served later, or reads along, gets the compressed bytes.
 */
import assert from 'node:assert/strict';
import { compressedHeaders, decideCompression } from '../../cache/compressible.ts';
import { headerValue } from '../../http/header-list.ts';
import type { Exchange } from '../exchange.ts';
import { behaviorOf } from '../routed.ts';

export function compress(x: Exchange): 'store' {
  const { encoding, passing } = x;
  assert(passing, 'fetch or revalidate comes before compress');
  const { headers, method } = x.request;
  const { rules, ttl } = behaviorOf(x);
  const decision = decideCompression({
    method,
    hasRange: headerValue(headers, 'range') !== undefined,
    hasBody: passing.body !== undefined,
    status: passing.status,
    headers: passing.originHeaders,
    ttl,
    compresses: rules.compress,
    accepted: encoding,
  });
  if (decision.kind === 'as-is') return x.go('store', 'not compressed', decision.why);
  assert(passing.body, 'what is compressed has a body');
  const { coding, length } = decision;
  const body = x.edge.compressions.begin(passing.body, coding, length);
  if (body === undefined) return x.go('store', 'not compressed', 'too many are under way');
  x.passing = {
    ...passing,
    headers: compressedHeaders(passing.headers, coding),
    body,
    isCompressed: true,
  };
  return x.go('store', 'compressed', coding);
}
