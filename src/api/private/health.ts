/** Health: may requests be sent here? For load balancers and scripts, so without credentials. */
import { openOperation } from '../operation.ts';
import { jsonBody } from './json-form.ts';

export const health = openOperation({
  name: 'Health',
  method: 'GET',
  path: '/_warmfront/health',
  async answer(_, { control }) {
    const { position, ready, startedAt } = control.health();
    const body = jsonBody({
      status: ready ? 'ok' : 'unavailable',
      position,
      startedAt: new Date(startedAt).toISOString(),
    });
    return { status: ready ? 200 : 503, body };
  },
});
