/**
 * protocolPolicy: may this be answered over the scheme the viewer came by (edge contract 1.10)? Where
 * HTTPS is wanted, a viewer can be sent there, unless its version of HTTP has no word for coming
 * back with the same method.
 */
import type { Exchange } from '../exchange.ts';
import { behaviorOf } from '../routed.ts';

const readMethods = new Set(['GET', 'HEAD']);
const otherMethods = new Set(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']);

export function protocolPolicy(x: Exchange): 'method' | 'redirect' | 'refuse' {
  const { viewerProtocolPolicy } = behaviorOf(x);
  if (viewerProtocolPolicy === 'allow-all' || x.request.scheme === 'https') {
    return x.go('method', 'the protocol is allowed', viewerProtocolPolicy);
  }
  if (viewerProtocolPolicy === 'redirect-to-https' && mayComeBack(x)) {
    return x.go('redirect', 'HTTPS is required');
  }
  return x.refuse({ name: 'viewerProtocol' }, 'HTTPS is required');
}

function mayComeBack({ request: { httpVersion, method } }: Exchange): boolean {
  return readMethods.has(method) || (httpVersion !== '1.0' && otherMethods.has(method));
}
