/**
 * CreateOriginAccessIdentity (API 2010-11-01, section 2.4). A caller reference sent again with the
 * same comment is answered as at first, with 201.
 */
import { operation } from '../operation.ts';
import { readAccessIdentityConfig, writeAccessIdentity } from './access-identity-shape.ts';
import { configBytesMax, xmlBody } from './wire-form.ts';

export const createOriginAccessIdentity = operation({
  name: 'CreateOriginAccessIdentity',
  method: 'POST',
  path: '/2010-11-01/origin-access-identity/cloudfront',
  anyCase: true,
  bodyBytesMax: configBytesMax,
  async answer(asked, { control, publicEndpoint }) {
    const { identity } = await control.createIdentity(asked.account, () =>
      readAccessIdentityConfig(asked.body()),
    );
    const { etag, id } = identity;
    const location = `${publicEndpoint()}/2010-11-01/origin-access-identity/cloudfront/${id}`;
    const body = xmlBody(writeAccessIdentity(identity));
    return { status: 201, headers: { location, etag }, body };
  },
});
