/** DeleteDistribution (API 2010-11-01, section 2.2.4): once it is disabled on every edge. */
import { operation } from '../operation.ts';

export const deleteDistribution = operation({
  name: 'DeleteDistribution',
  method: 'DELETE',
  path: '/2010-11-01/distribution/{id}',
  async answer(asked, { control }) {
    await control.delete(asked.account, 'download', asked.param('id'), asked.ifMatch);
    return { status: 204 };
  },
});
