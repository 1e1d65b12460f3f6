/** Tokens and certificates by which edges on other machines join. */
import type { Randomness } from '../base/randomness.ts';
import { decideCreateEdgeToken, decideRevokeEdgeToken } from '../model/decide-edge-token.ts';
import {
  edgeSecretBytes,
  edgeSecretOf,
  hashOfEdgeKey,
  hashOfEdgeSecret,
} from '../model/edge-token.ts';
import type { Control } from './control.ts';
import type { ControlCore } from './core.ts';

type EdgeTokenControl = Pick<
  Control,
  'createEdgeToken' | 'registerEdgeKey' | 'listEdgeTokens' | 'revokeEdgeToken'
>;

export function edgeTokenControl(
  core: ControlCore,
  { randomness }: { readonly randomness: Randomness },
): EdgeTokenControl {
  return {
    async createEdgeToken(name) {
      const secret = edgeSecretOf(randomness.bytes(edgeSecretBytes));
      const hash = hashOfEdgeSecret(secret);
      await core.write((catalog, facts) => decideCreateEdgeToken(catalog, { name, hash }, facts));
      return { name, secret };
    },

    async registerEdgeKey(name, publicKey, certificateEndsAt) {
      const wanted = { name, hash: hashOfEdgeKey(publicKey), certificateEndsAt };
      await core.write((catalog, facts) => decideCreateEdgeToken(catalog, wanted, facts));
    },

    async listEdgeTokens() {
      return [...core.catalog.edgeTokens.values()]
        .map(({ certificateEndsAt, createdAt, name }) => ({ name, createdAt, certificateEndsAt }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    },

    async revokeEdgeToken(name) {
      await core.write((catalog) => decideRevokeEdgeToken(catalog, name));
    },
  };
}
