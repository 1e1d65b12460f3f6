/**
 * CreateInvalidation (API 2010-11-01, section 2.5). A caller reference sent again with the same paths
 * is answered as at first, with 201.
 */
import { ofDistribution } from '../../model/invalidation.ts';
import { operation } from '../operation.ts';
import { batchBytesMax, readInvalidationBatch, writeInvalidation } from './invalidation-shape.ts';
import { xmlBody } from './wire-form.ts';

export const createInvalidation = operation({
  name: 'CreateInvalidation',
  method: 'POST',
  path: '/2010-11-01/distribution/{id}/invalidation',
  bodyBytesMax: batchBytesMax,
  async answer(asked, { control, publicEndpoint }) {
    const distribution = asked.param('id');
    const view = await control.invalidate(asked.account, ofDistribution(distribution), () =>
      readInvalidationBatch(asked.body()),
    );
    const { id } = view.invalidation;
    const place = `${publicEndpoint()}/2010-11-01/distribution/${distribution}`;
    const headers = { location: `${place}/invalidation/${id}` };
    return { status: 201, headers, body: xmlBody(writeInvalidation(view)) };
  },
});
