/**
 * method: is the method one of the behavior's, and without a body (edge contract 1.4)? Names are
 * case-sensitive, so `get` is another method than GET.
 */
import type { Exchange } from '../exchange.ts';

export function method(x: Exchange): 'signedAccess' | 'refuse' {
  const { hasBody, method } = x.request;
  if (method !== 'GET' && method !== 'HEAD') {
    // What the body of an unknown method would be is not for this edge to guess.
    return x.refuse({ name: hasBody ? 'invalidMethodWithBody' : 'invalidMethod' }, 'method');
  }
  if (hasBody) return x.refuse({ name: 'bodyNotAllowed' }, 'a body');
  return x.go('signedAccess', method);
}
