/**
 * Tokens by which edges on other machines join. A token is shown once, in the answer that made it;
 * one whose answer was lost is revoked and made anew.
 */
import { fingerprintOfAuthority, writeEdgeToken } from '../../model/edge-token.ts';
import { Refusal } from '../../model/refusal.ts';
import { operation } from '../operation.ts';
import { jsonBody, readJsonObject } from './json-form.ts';

const bodyBytesMax = 1_024;

export const listEdgeTokens = operation({
  name: 'ListEdgeTokens',
  method: 'GET',
  path: '/_warmfront/edge-tokens',
  async answer(_, { control }) {
    const tokens = await control.listEdgeTokens();
    const edgeTokens = tokens.map(({ createdAt, name }) => ({
      name,
      createdAt: new Date(createdAt).toISOString(),
    }));
    return { status: 200, body: jsonBody({ edgeTokens }) };
  },
});

export const createEdgeToken = operation({
  name: 'CreateEdgeToken',
  method: 'POST',
  path: '/_warmfront/edge-tokens',
  bodyBytesMax,
  bodyForm: 'json',
  async answer(asked, { authorityCertificate, control }) {
    const { name, secret } = await control.createEdgeToken(readName(asked.body()));
    const authority = fingerprintOfAuthority(authorityCertificate);
    const body = jsonBody({ name, token: writeEdgeToken({ secret, authority }) });
    return { status: 201, headers: { 'cache-control': 'no-store' }, body };
  },
});

/** What the edge follows ends at once. */
export const revokeEdgeToken = operation({
  name: 'RevokeEdgeToken',
  method: 'DELETE',
  path: '/_warmfront/edge-tokens/{name}',
  async answer(asked, { control }) {
    await control.revokeEdgeToken(asked.param('name'));
    return { status: 204 };
  },
});

function readName(bytes: Uint8Array): string {
  const { name, ...others } = readJsonObject(bytes);
  const [other] = Object.keys(others);
  if (other !== undefined) {
    const why = 'it may hold name alone.';
    throw new Refusal('InvalidArgument', { member: 'The body', why });
  }
  if (typeof name === 'string') return name;
  throw new Refusal('InvalidArgument', { member: 'name', why: 'a text is needed.' });
}
