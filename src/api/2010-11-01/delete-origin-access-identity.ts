/**
 * DeleteOriginAccessIdentity (API 2010-11-01, section 2.4): once no distribution names it and every
 * edge has heard so.
 */
import { operation } from '../operation.ts';

export const deleteOriginAccessIdentity = operation({
  name: 'DeleteOriginAccessIdentity',
  method: 'DELETE',
  path: '/2010-11-01/origin-access-identity/cloudfront/{id}',
  anyCase: true,
  async answer(asked, { control }) {
    const { account, ifMatch } = asked;
    await control.deleteIdentity({ account, id: asked.param('id'), ifMatch });
    return { status: 204 };
  },
});
