/**
 * What may be done to the tokens by which edges on other machines join. With its token an edge
 * becomes known, so status waits for it while it is live; with the revocation it is forgotten.
 */
import type { Catalog } from './catalog.ts';
import type { Decision, Facts } from './decision.ts';
import { edgeKey, putEdge } from './document.ts';
import { edgeTokenKey, isEdgeName, putEdgeToken } from './edge-token.ts';
import { Refusal } from './refusal.ts';

export const edgeTokensMax = 2_000;

export function decideCreateEdgeToken(
  catalog: Catalog,
  { hash, name }: { readonly name: string; readonly hash: string },
  { now }: Facts,
): Decision<undefined> {
  if (!isEdgeName(name)) {
    const why = 'a name has 1 to 32 lower-case letters, digits and inner hyphens.';
    throw new Refusal('InvalidArgument', { member: 'name', why });
  }
  if (catalog.edgeTokens.has(name)) throw new Refusal('EdgeTokenAlreadyExists', { name });
  if (catalog.edges.has(name)) throw new Refusal('EdgeAlreadyExists', { name });
  if (catalog.edgeTokens.size >= edgeTokensMax) {
    throw new Refusal('TooManyEdgeTokens', { max: edgeTokensMax });
  }
  return {
    changes: [
      putEdgeToken({ format: 1, name, hash, createdAt: now }),
      putEdge({ format: 1, name, held: false }),
    ],
    answer: undefined,
  };
}

export function decideRevokeEdgeToken(catalog: Catalog, name: string): Decision<undefined> {
  if (!catalog.edgeTokens.has(name)) throw new Refusal('NoSuchEdgeToken', { name });
  return {
    changes: [
      { key: edgeTokenKey(name), value: null },
      { key: edgeKey(name), value: null },
    ],
    answer: undefined,
  };
}
