/** Health: may requests be sent here? For load balancers and scripts, so without credentials. */
import type { Health } from '../../control/control.ts';
import { openOperation } from '../operation.ts';
import { jsonBody } from './json-form.ts';

const nearlyFullShare = 0.8;

type Room = NonNullable<Health['room']>;

function stateOf({ isFull, quotaBytes, usedBytes }: Room): string {
  if (isFull) return 'full';
  return usedBytes > quotaBytes * nearlyFullShare ? 'nearly full' : 'ok';
}

function bytesOf({ quotaBytes, usedBytes }: Room) {
  return { usedBytes, quotaBytes };
}

export const health = openOperation({
  name: 'Health',
  method: 'GET',
  path: '/_warmfront/health',
  async answer(_, { control, isDraining }) {
    const { position, ready, room, startedAt } = control.health();
    const body = jsonBody({
      status: isDraining() ? 'draining' : ready ? 'ok' : 'unavailable',
      position,
      startedAt: new Date(startedAt).toISOString(),
      ...(room === undefined ? {} : { log: { state: stateOf(room), ...bytesOf(room) } }),
    });
    return { status: ready && !isDraining() ? 200 : 503, body };
  },
});
