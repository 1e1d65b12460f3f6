/**
 * GetOriginAccessIdentityConfig (API 2010-11-01, section 2.4): the configuration alone, in the form
 * in which it may be sent back.
 */
import { operation } from '../operation.ts';
import { writeAccessIdentityConfig } from './access-identity-shape.ts';
import { xmlBody } from './wire-form.ts';

export const getOriginAccessIdentityConfig = operation({
  name: 'GetOriginAccessIdentityConfig',
  method: 'GET',
  path: '/2010-11-01/origin-access-identity/cloudfront/{id}/config',
  anyCase: true,
  async answer(asked, { control }) {
    const { config, etag } = await control.findIdentity(asked.account, asked.param('id'));
    return { status: 200, headers: { etag }, body: xmlBody(writeAccessIdentityConfig(config)) };
  },
});
