/**
 * Invalidation: once a batch is `Completed`, no viewer of a live edge is given a matching object
 * whose fetch began before the batch was accepted. A batch is a fact with a position in the log, not
 * a sweep: at look-up an edge compares it with the position at which the object's fetch began.
 *
 * Which objects a path means depends on the version of the API that said it (`InvalidationMatching`).
 */
import type { Instant } from '../base/clock.ts';
import type { AccountId, DistributionId, InvalidationId } from './ids.ts';

/**
 * `paths`, API 2010-11-01 (section 2.5): `*` is an ordinary character, a query string is passed over,
 * and both sides are decoded once before they are compared, since every client encodes differently.
 * `keys`, later versions (edge contract, section 12): the path, and the query where that is part of
 * the cache key, byte for byte; `*` at the end stands for anything.
 */
export type InvalidationMatching = 'paths' | 'keys';

export type InvalidationBatch = {
  readonly matching: InvalidationMatching;
  readonly callerReference: string;
  /** As sent, but each begins with `/`. */
  readonly paths: readonly string[];
};

export type Invalidation = {
  readonly format: 1;
  readonly account: AccountId;
  readonly distribution: DistributionId;
  /** The tenant whose objects alone are meant; those of the whole distribution where there is none. */
  readonly tenant?: string | undefined;
  readonly id: InvalidationId;
  readonly createdAt: Instant;
  readonly batch: InvalidationBatch;
};

/** Whose objects a batch is about. */
export type InvalidationOwner = {
  readonly kind: 'distribution' | 'distribution-tenant';
  readonly id: string;
};

export function ofDistribution(id: string): InvalidationOwner {
  return { kind: 'distribution', id };
}

export function ofTenant(id: string): InvalidationOwner {
  return { kind: 'distribution-tenant', id };
}

/** The id under which batches are listed, counted and told apart by their caller references. */
export function ownerIdOf({ distribution, tenant }: Invalidation): string {
  return tenant ?? distribution;
}

/**
 * What two paths have in common when they mean the same object: each `%XX` decoded once, everything
 * from `?` on left out. An escape that is none stands for itself. One character a byte.
 */
export function comparablePath(path: string): string {
  const query = path.indexOf('?');
  const withoutQuery = query < 0 ? path : path.slice(0, query);
  const bytes = isAscii(withoutQuery)
    ? withoutQuery
    : Buffer.from(withoutQuery, 'utf8').toString('latin1');
  if (!bytes.includes('%')) return bytes;
  return bytes.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** The path of a cache key with its query, in the form in which `keys` are compared. */
export function comparableKey(path: string, query: string | undefined): string {
  const text = query === undefined ? path : `${path}?${query}`;
  if (!text.includes('%')) return text;
  return text.replace(/%[0-9A-Fa-f]{2}/g, (escape) => escape.toUpperCase());
}

export function isWildcard(path: string): boolean {
  return path.endsWith('*');
}

function isAscii(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- every ASCII character is meant, control ones too
  return /^[\x00-\x7f]*$/.test(text);
}
