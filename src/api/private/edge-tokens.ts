/**
 * Tokens by which edges on other machines join, and certificates in their place. A token is shown
 * once, in the answer that made it; one whose answer was lost is revoked and made anew. A certificate
 * is for a key that its owner made and whose public half alone comes here; it is given again for the
 * same key whenever it is asked for.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { checkEdgeName } from '../../model/decide-edge-token.ts';
import { fingerprintOfAuthority, isEdgeKey, writeEdgeToken } from '../../model/edge-token.ts';
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
    const edgeTokens = tokens.map(({ certificateEndsAt, createdAt, name }) => ({
      name,
      createdAt: new Date(createdAt).toISOString(),
      certificateEndsAt:
        certificateEndsAt === undefined ? null : new Date(certificateEndsAt).toISOString(),
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
  async answer(asked, { authorityCertificate, certifyEdge, control }) {
    const { name, publicKey } = readWanted(asked.body());
    const headers = { 'cache-control': 'no-store' };
    if (publicKey === undefined) {
      const { secret } = await control.createEdgeToken(name);
      const authority = fingerprintOfAuthority(authorityCertificate);
      const body = jsonBody({ name, token: writeEdgeToken({ secret, authority }) });
      return { status: 201, headers, body };
    }
    const { certificate, endsAt } = await certifyEdge(name, publicKey);
    await control.registerEdgeKey(name, publicKey, endsAt);
    const certificateEndsAt = new Date(endsAt).toISOString();
    return { status: 201, headers, body: jsonBody({ name, certificate, certificateEndsAt }) };
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

function readWanted(bytes: Uint8Array): {
  readonly name: string;
  /** Undefined: a token is wanted. */
  readonly publicKey: KeyObject | undefined;
} {
  const { name, publicKey, ...others } = readJsonObject(bytes);
  const [other] = Object.keys(others);
  if (other !== undefined) refuse('The body', 'it may hold name and publicKey alone.');
  if (typeof name !== 'string') return refuse('name', 'a text is needed.');
  if (publicKey === undefined) return { name, publicKey };
  // Before anything is signed for it.
  checkEdgeName(name);
  return { name, publicKey: readKey(publicKey) };
}

const onePublicKey = /^-----BEGIN PUBLIC KEY-----[A-Za-z0-9+/=\r\n]+-----END PUBLIC KEY-----$/;

function readKey(text: unknown): KeyObject {
  const what = 'one public key of P-256 in PEM is needed, as `openssl pkey -pubout` writes it.';
  if (typeof text !== 'string' || !onePublicKey.test(text.trim())) return refuse('publicKey', what);
  try {
    const key = createPublicKey(text);
    if (isEdgeKey(key)) return key;
  } catch {
    // Told below.
  }
  return refuse('publicKey', what);
}

function refuse(member: string, why: string): never {
  throw new Refusal('InvalidArgument', { member, why });
}
