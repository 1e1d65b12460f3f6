/** ListInvalidations (API 2010-11-01, section 2.5): those of one distribution, newest first. */
import { ofDistribution } from '../../model/invalidation.ts';
import { operation } from '../operation.ts';
import { writeInvalidationSummary } from './invalidation-shape.ts';
import { readPageAsked, writeList } from './list-shape.ts';
import { xmlBody } from './wire-form.ts';

export const listInvalidations = operation({
  name: 'ListInvalidations',
  method: 'GET',
  path: '/2010-11-01/distribution/{id}/invalidation',
  async answer(asked, { control, limits }) {
    const page = readPageAsked(asked.query, limits['list-page']);
    const owner = ofDistribution(asked.param('id'));
    const { items, truncated } = await control.listInvalidations(asked.account, owner, page);
    const list = {
      summaries: items.map(writeInvalidationSummary),
      nextMarker: truncated ? items.at(-1)?.invalidation.id : undefined,
    };
    return { status: 200, body: xmlBody(writeList('InvalidationList', page, list)) };
  },
});
