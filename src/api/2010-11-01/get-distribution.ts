/** GetDistribution (API 2010-11-01, section 2.2.2): the distribution with its status. */
import { operation } from '../operation.ts';
import { writeDistribution } from './distribution-shape.ts';
import { xmlBody } from './wire-form.ts';

export const getDistribution = operation({
  name: 'GetDistribution',
  method: 'GET',
  path: '/2010-11-01/distribution/{id}',
  async answer(asked, { control }) {
    const view = await control.find(asked.account, 'download', asked.param('id'));
    const { etag } = view.distribution;
    return { status: 200, headers: { etag }, body: xmlBody(writeDistribution(view)) };
  },
});
