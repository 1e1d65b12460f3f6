/** ListStreamingDistributions (API 2010-11-01, section 2.3): the account's own, oldest first. */
import { operation } from '../operation.ts';
import { writeSummary } from './distribution-shape.ts';
import { readPageAsked, writeList } from './list-shape.ts';
import { xmlBody } from './wire-form.ts';

export const listStreamingDistributions = operation({
  name: 'ListStreamingDistributions',
  method: 'GET',
  path: '/2010-11-01/streaming-distribution',
  async answer({ account, query }, { control, limits }) {
    const asked = readPageAsked(query, limits['list-page']);
    const { items, truncated } = await control.list(account, 'streaming', asked);
    const page = {
      summaries: items.map((item) => writeSummary('StreamingDistributionSummary', item)),
      nextMarker: truncated ? items.at(-1)?.distribution.id : undefined,
    };
    return { status: 200, body: xmlBody(writeList('StreamingDistributionList', asked, page)) };
  },
});
