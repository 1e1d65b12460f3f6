/** GetOriginAccessIdentity (API 2010-11-01, section 2.4): with its canonical user id. */
import { operation } from '../operation.ts';
import { writeAccessIdentity } from './access-identity-shape.ts';
import { xmlBody } from './wire-form.ts';

export const getOriginAccessIdentity = operation({
  name: 'GetOriginAccessIdentity',
  method: 'GET',
  path: '/2010-11-01/origin-access-identity/cloudfront/{id}',
  anyCase: true,
  async answer(asked, { control }) {
    const identity = await control.findIdentity(asked.account, asked.param('id'));
    const { etag } = identity;
    return { status: 200, headers: { etag }, body: xmlBody(writeAccessIdentity(identity)) };
  },
});
