/**
 * webSocket: asks the origin to speak WebSocket with the viewer, past the cache and past all other
 * exchanges (edge contract 1.8). Where it agrees, bytes pass both ways until both sides are closed,
 * and the exchange is as long as that; any other answer passes like one that is not stored.
 */
import { selectHeaders } from '../../http/header-list.ts';
import { takesUpHandshake, webSocketKey } from '../../http/web-socket.ts';
import type { OriginAnswer } from '../../origin/origin-answer.ts';
import { askOrigin } from '../ask-origin.ts';
import type { Exchange } from '../exchange.ts';
import { headersForOrigin } from '../origin-request.ts';
import { ownHeaders } from '../own-headers.ts';
import { arrive, headersForViewers } from '../passing.ts';
import { joinBothWays } from '../tunnel.ts';

export async function webSocket(x: Exchange): Promise<'deliver' | 'refuse' | 'done'> {
  const headers = headersForOrigin(x);
  const outcome = await askOrigin(x, headers, 'websocket');
  if (outcome.kind === 'gone') return x.go('done', 'the viewer has gone');
  if (outcome.kind === 'failed') return x.refuse(outcome.page, 'the origin failed', outcome.why);
  const { answer } = outcome;
  if (answer.tunnel !== undefined) return speak(x, answer, answer.tunnel);
  return arrive(x, headers, outcome) === 'refuse'
    ? 'refuse'
    : x.go('deliver', 'not stored', 'a handshake');
}

async function speak(
  x: Exchange,
  { headers }: OriginAnswer,
  origin: NonNullable<OriginAnswer['tunnel']>,
): Promise<'refuse' | 'done'> {
  if (!takesUpHandshake(headers, webSocketKey(x.request.headers))) {
    origin.destroy();
    return x.refuse({ name: 'originInvalidResponse' }, 'a 101 to another handshake');
  }
  const seen = headersForViewers(x, headers, x.clock.now());
  const viewer = x.answer.switchProtocol?.({
    status: 101,
    // It has no body, so none of a length (RFC 9110 §8.6).
    headers: selectHeaders(seen, (name) => name !== 'content-length'),
    ownHeaders: ownHeaders(x),
    close: false,
  });
  if (viewer === undefined || x.answer.gone.aborted) {
    origin.destroy();
    return x.go('done', 'the viewer has gone');
  }
  const { clock } = x.edge;
  const idleMsMax = x.edge.bounds.webSocketIdleMsMax;
  x.tunnelled = await joinBothWays({ viewer, origin, clock, idleMsMax });
  return x.go('done', 'the WebSocket is over', x.tunnelled.why);
}
