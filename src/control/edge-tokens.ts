/** Tokens by which edges on other machines join. */
import type { Randomness } from '../base/randomness.ts';
import { decideCreateEdgeToken, decideRevokeEdgeToken } from '../model/decide-edge-token.ts';
import { edgeSecretBytes, edgeSecretOf, hashOfEdgeSecret } from '../model/edge-token.ts';
import type { Control } from './control.ts';
import type { ControlCore } from './core.ts';

type EdgeTokenControl = Pick<Control, 'createEdgeToken' | 'listEdgeTokens' | 'revokeEdgeToken'>;

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

    async listEdgeTokens() {
      return [...core.catalog.edgeTokens.values()]
        .map(({ createdAt, name }) => ({ name, createdAt }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    },

    async revokeEdgeToken(name) {
      await core.write((catalog) => decideRevokeEdgeToken(catalog, name));
    },
  };
}
