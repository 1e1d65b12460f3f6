/**
 * The cache key (edge contract 4.1): what has to be equal for two requests to share an object. The
 * path is the bytes as sent (1.9, rule 35); scheme, host, query, cookies and origin are no part of
 * it. GET and HEAD share one key.
 */
export type KeyParts = {
  readonly distributionId: string;
  /** The normalised Accept-Encoding (4.3). */
  readonly encoding: 'gzip' | 'identity';
  readonly path: string;
};

/** Neither of the first two parts can hold a blank, so no two keys are written alike. */
export function cacheKey({ distributionId, encoding, path }: KeyParts): string {
  return `${distributionId} ${encoding} ${path}`;
}
