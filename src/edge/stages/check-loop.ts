/**
 * checkLoop: two distributions may stand in a row, a third is refused (edge contract 10.6, rule 18).
 * Without it, a distribution whose origin is itself would ask itself without end.
 */
import { loopCount } from '../../http/via.ts';
import type { Exchange } from '../exchange.ts';

export const distributionsInARowMax = 2;

export function checkLoop(x: Exchange): 'rootObject' | 'refuse' {
  const passed = loopCount(x.request.headers, x.edge.routing.domain);
  return passed < distributionsInARowMax
    ? x.go('rootObject', 'no loop')
    : x.refuse({ name: 'loop' }, 'a loop of distributions');
}
