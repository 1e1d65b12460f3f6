/**
 * The certificate of the local authority, for an edge that joins: its token has the fingerprint, so
 * it need not trust the connection that brings it. It is public by nature, so anybody may have it.
 */
import { openOperation } from '../operation.ts';
import { jsonBody } from './json-form.ts';

export const authority = openOperation({
  name: 'GetAuthority',
  method: 'GET',
  path: '/_warmfront/authority',
  async answer(_, { authorityCertificate }) {
    return { status: 200, body: jsonBody({ certificate: authorityCertificate }) };
  },
});
