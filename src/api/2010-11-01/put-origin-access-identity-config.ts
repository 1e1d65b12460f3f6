/** PutOriginAccessIdentityConfig (API 2010-11-01, section 2.4): only the comment can change. */
import { operation } from '../operation.ts';
import { readAccessIdentityConfig, writeAccessIdentity } from './access-identity-shape.ts';
import { configBytesMax, xmlBody } from './wire-form.ts';

export const putOriginAccessIdentityConfig = operation({
  name: 'PutOriginAccessIdentityConfig',
  method: 'PUT',
  path: '/2010-11-01/origin-access-identity/cloudfront/{id}/config',
  anyCase: true,
  bodyBytesMax: configBytesMax,
  async answer(asked, { control }) {
    const { account, ifMatch } = asked;
    const target = { account, id: asked.param('id'), ifMatch };
    const identity = await control.replaceIdentity(target, () =>
      readAccessIdentityConfig(asked.body()),
    );
    const { etag } = identity;
    return { status: 200, headers: { etag }, body: xmlBody(writeAccessIdentity(identity)) };
  },
});
