/** protocolPolicy: may this be answered over the scheme the viewer came by (edge contract 1.10)? */
import type { Exchange } from '../exchange.ts';
import { behaviorOf } from '../routed.ts';

export function protocolPolicy(x: Exchange): 'method' | 'refuse' {
  const { viewerProtocolPolicy } = behaviorOf(x);
  return viewerProtocolPolicy === 'https-only' && x.request.scheme === 'http'
    ? x.refuse({ name: 'viewerProtocol' }, 'HTTPS is required')
    : x.go('method', 'the protocol is allowed', viewerProtocolPolicy);
}
