/**
 * shield: answers another edge, of which this one is the origin shield (edge contract 10.6). What is
 * asked of viewers was asked there; the behavior and the cache are this edge's.
 */
import type { Exchange } from '../exchange.ts';
import { exchangeForEdge } from '../shield/exchange-for-edge.ts';
import { parseHost } from '../../http/host.ts';

/** `run` takes the exchange from its behavior to its end. */
export async function shield(
  x: Exchange,
  run: (inner: Exchange) => Promise<void>,
): Promise<'done' | 'refuse'> {
  const host = parseHost(x.request.hostText);
  const entry = host.kind === 'name' ? x.edge.routing.find(host.name) : undefined;
  // The edge that asks takes this for no answer, and asks the origin.
  if (x.shieldNote === undefined || entry?.state !== 'serving') {
    return x.refuse({ name: 'unknownHost' }, 'unknown host');
  }
  await run(exchangeForEdge(x, x.shieldNote, entry));
  return x.go('done', 'answered as the shield of another edge');
}
