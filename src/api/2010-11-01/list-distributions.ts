/** ListDistributions (API 2010-11-01, section 2.2.7): the account's own, oldest first. */
import { operation } from '../operation.ts';
import { writeSummary } from './distribution-shape.ts';
import { readPageAsked, writeList } from './list-shape.ts';
import { xmlBody } from './wire-form.ts';

export const listDistributions = operation({
  name: 'ListDistributions',
  method: 'GET',
  path: '/2010-11-01/distribution',
  async answer({ account, query }, { control, limits }) {
    const asked = readPageAsked(query, limits['list-page']);
    const { items, truncated } = await control.list(account, 'download', asked);
    const page = {
      summaries: items.map((item) => writeSummary('DistributionSummary', item)),
      nextMarker: truncated ? items.at(-1)?.distribution.id : undefined,
    };
    return { status: 200, body: xmlBody(writeList('DistributionList', asked, page)) };
  },
});
