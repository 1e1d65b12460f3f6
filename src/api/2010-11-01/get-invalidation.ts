/** GetInvalidation (API 2010-11-01, section 2.5): the batch with its status. */
import { ofDistribution } from '../../model/invalidation.ts';
import { operation } from '../operation.ts';
import { writeInvalidation } from './invalidation-shape.ts';
import { xmlBody } from './wire-form.ts';

export const getInvalidation = operation({
  name: 'GetInvalidation',
  method: 'GET',
  path: '/2010-11-01/distribution/{id}/invalidation/{invalidationId}',
  async answer(asked, { control }) {
    const owner = ofDistribution(asked.param('id'));
    const id = asked.param('invalidationId');
    const view = await control.findInvalidation(asked.account, owner, id);
    return { status: 200, body: xmlBody(writeInvalidation(view)) };
  },
});
