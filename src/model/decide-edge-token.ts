/**
 * What may be done to the tokens by which edges on other machines join, and to the certificates that
 * stand in their place. With either an edge becomes known, so status waits for it while it is live;
 * with the revocation it is forgotten.
 */
import type { Instant } from '../base/clock.ts';
import type { Catalog } from './catalog.ts';
import type { Decision, Facts } from './decision.ts';
import { edgeKey, putEdge } from './document.ts';
import { edgeTokenKey, isEdgeName, putEdgeToken } from './edge-token.ts';
import { Refusal } from './refusal.ts';

export const edgeTokensMax = 2_000;

/** Throws a Refusal. */
export function checkEdgeName(name: string): void {
  if (isEdgeName(name)) return;
  const why = 'a name has 1 to 32 lower-case letters, digits and inner hyphens.';
  throw new Refusal('InvalidArgument', { member: 'name', why });
}

export type WantedEdgeToken = {
  readonly name: string;
  readonly hash: string;
  /** Of a certificate. */
  readonly certificateEndsAt?: Instant;
};

/** A certificate may be given again for the same key, so that it ends later. */
export function decideCreateEdgeToken(
  catalog: Catalog,
  { certificateEndsAt, hash, name }: WantedEdgeToken,
  { now }: Facts,
): Decision<undefined> {
  checkEdgeName(name);
  const known = catalog.edgeTokens.get(name);
  if (known !== undefined) {
    if (certificateEndsAt === undefined || known.hash !== hash) {
      throw new Refusal('EdgeTokenAlreadyExists', { name });
    }
    return { changes: [putEdgeToken({ ...known, certificateEndsAt })], answer: undefined };
  }
  if (catalog.edgeOfToken(hash) !== undefined) {
    const why = 'another edge location has this key already.';
    throw new Refusal('InvalidArgument', { member: 'publicKey', why });
  }
  if (catalog.edges.has(name)) throw new Refusal('EdgeAlreadyExists', { name });
  if (catalog.edgeTokens.size >= edgeTokensMax) {
    throw new Refusal('TooManyEdgeTokens', { max: edgeTokensMax });
  }
  return {
    changes: [
      putEdgeToken({
        format: 1,
        name,
        hash,
        createdAt: now,
        ...(certificateEndsAt === undefined ? {} : { certificateEndsAt }),
      }),
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
