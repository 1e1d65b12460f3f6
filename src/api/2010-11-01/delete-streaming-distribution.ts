/** DeleteStreamingDistribution (API 2010-11-01, section 2.3): once it is disabled on every edge. */
import { operation } from '../operation.ts';

export const deleteStreamingDistribution = operation({
  name: 'DeleteStreamingDistribution',
  method: 'DELETE',
  path: '/2010-11-01/streaming-distribution/{id}',
  async answer(asked, { control }) {
    await control.delete(asked.account, 'streaming', asked.param('id'), asked.ifMatch);
    return { status: 204 };
  },
});
