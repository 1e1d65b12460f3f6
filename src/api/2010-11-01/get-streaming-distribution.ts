/** GetStreamingDistribution (API 2010-11-01, section 2.3): the streaming distribution with its status. */
import { operation } from '../operation.ts';
import { writeStreamingDistribution } from './distribution-shape.ts';
import { xmlBody } from './wire-form.ts';

export const getStreamingDistribution = operation({
  name: 'GetStreamingDistribution',
  method: 'GET',
  path: '/2010-11-01/streaming-distribution/{id}',
  async answer(asked, { control }) {
    const view = await control.find(asked.account, 'streaming', asked.param('id'));
    const { etag } = view.distribution;
    return { status: 200, headers: { etag }, body: xmlBody(writeStreamingDistribution(view)) };
  },
});
