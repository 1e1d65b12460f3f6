/** ListOriginAccessIdentities (API 2010-11-01, section 2.4): the account's own, oldest first. */
import { operation } from '../operation.ts';
import { writeAccessIdentitySummary } from './access-identity-shape.ts';
import { readPageAsked, writeList } from './list-shape.ts';
import { xmlBody } from './wire-form.ts';

export const listOriginAccessIdentities = operation({
  name: 'ListOriginAccessIdentities',
  method: 'GET',
  path: '/2010-11-01/origin-access-identity/cloudfront',
  anyCase: true,
  async answer({ account, query }, { control, limits }) {
    const asked = readPageAsked(query, limits['list-page']);
    const { items, truncated } = await control.listIdentities(account, asked);
    const page = {
      summaries: items.map(writeAccessIdentitySummary),
      nextMarker: truncated ? items.at(-1)?.id : undefined,
    };
    const body = xmlBody(writeList('CloudFrontOriginAccessIdentityList', asked, page));
    return { status: 200, body };
  },
});
