/**
 * method: is the method one of the behavior's, and has a body only where one is meant (edge contract
 * 1.4)? Names are case-sensitive, so `get` is another method than GET.
 */
import { isAllowedMethod } from '../../model/behavior-rules.ts';
import type { Exchange } from '../exchange.ts';
import { behaviorOf } from '../routed.ts';

export function method(x: Exchange): 'country' | 'refuse' {
  const { body, hasBody, method } = x.request;
  const { rules } = behaviorOf(x);
  if (!isAllowedMethod(rules, method) && !passesByStandards(x)) {
    // What the body of an unknown method would be is not for this edge to guess, and behind CONNECT
    // may stand what was meant for the tunnel (RFC 9110 §9.3.6).
    const isFollowedByMore = hasBody || method === 'CONNECT';
    return x.refuse(
      { name: isFollowedByMore ? 'invalidMethodWithBody' : 'invalidMethod' },
      'the method is not allowed',
    );
  }
  if (hasBody && (method === 'GET' || method === 'HEAD')) {
    return x.refuse({ name: 'bodyNotAllowed' }, 'the method takes no body');
  }
  if ((body?.length ?? 0) > x.edge.bounds.requestBodyBytesMax) {
    return x.refuse({ name: 'bodyTooLarge' }, 'the body is too large');
  }
  return x.go('country', 'the method is allowed', method);
}

/** A behavior that takes all methods then takes those too that CloudFront has no words for. */
function passesByStandards({ behavior, edge, request: { method } }: Exchange): boolean {
  const isForHopsAlone = method === 'CONNECT' || method === 'TRACE' || method === 'PRI';
  return edge.standards && behavior?.rules.allowedMethods === 'all' && !isForHopsAlone;
}
