/** What may be invalidated (API 2010-11-01, section 2.5), and when a batch is forgotten. */
import { isDeepStrictEqual } from 'node:util';
import type { Change } from '../base/log-record.ts';
import type { Catalog } from './catalog.ts';
import { checkCallerReference } from './check-config.ts';
import {
  mintUnused,
  step,
  type Created,
  type Decision,
  type Facts,
  type Step,
} from './decision.ts';
import { requireDistribution } from './decide-distribution.ts';
import { invalidationKey, putInvalidation } from './document.ts';
import type { At } from './document-index.ts';
import { type AccountId, distributionId, type InvalidationId } from './ids.ts';
import {
  type Invalidation,
  type InvalidationBatch,
  type InvalidationOwner,
  isWildcard,
  ownerIdOf,
} from './invalidation.ts';
import type { Limits } from './limits.ts';
import { Refusal } from './refusal.ts';
import { requireResource } from './resources/decide-resource.ts';

export const pathCharactersMax = 4_000;
/** What one record of the log takes, less what surrounds the paths. */
const documentBytesMax = 1_040_000;
/** Batches are kept for the current and the previous billing cycle. */
export const batchesKeptMs = 62 * 24 * 3_600_000;

export type Invalidate = {
  readonly account: AccountId;
  readonly owner: InvalidationOwner;
  readonly readBatch: () => InvalidationBatch;
};

export function decideInvalidate(
  catalog: Catalog,
  { account, owner, readBatch }: Invalidate,
  { deployed, limits, mint, now }: Facts,
): Decision<Created<InvalidationId>> {
  const owned = requireOwner(catalog, account, owner);
  const batch = readBatch();
  checkCallerReference(batch.callerReference, limits);
  checkPaths(batch);
  const earlier = catalog.invalidations.find(owner.id, batch.callerReference)?.document;
  // A repeated create is answered before the limits, even if they are lower by now.
  if (earlier !== undefined && isSame(earlier.batch, batch)) {
    return { changes: [], answer: { outcome: 'repeat', id: earlier.id } };
  }
  checkSize(batch, limits);
  if (earlier !== undefined) refuseReference(earlier, batch);
  checkInProgress(catalog, owner.id, batch, limits, deployed);
  const invalidation: Invalidation = {
    format: 1,
    account,
    ...owned,
    id: mintUnused(mint.invalidationId, (id) => catalog.invalidations.get(id) !== undefined),
    createdAt: now,
    batch,
  };
  const change = putInvalidation(invalidation);
  if ((change.value?.length ?? 0) > documentBytesMax) {
    const why = 'all paths together are larger than one batch may be.';
    throw new Refusal('BatchTooLarge', { why });
  }
  return { changes: [change], answer: { outcome: 'new', id: invalidation.id } };
}

function refuseReference(earlier: Invalidation, batch: InvalidationBatch): never {
  const { id } = earlier;
  const reference = batch.callerReference;
  if (batch.matching === 'paths') {
    throw new Refusal('InvalidationBatchAlreadyExists', { id, reference });
  }
  const why = `it was used for invalidation ${id} with other paths; use a new one.`;
  throw new Refusal('InvalidArgument', { member: 'CallerReference', why });
}

/** API 2010-11-01 counts batches; later versions count paths, and wildcards among them. */
function checkInProgress(
  catalog: Catalog,
  owner: string,
  { matching, paths }: InvalidationBatch,
  limits: Limits,
  deployed: Facts['deployed'],
): void {
  const inProgress = countInProgress(catalog, owner, deployed);
  if (matching === 'paths') {
    const max = limits['invalidations-in-progress'];
    if (inProgress >= max) {
      throw new Refusal('TooManyInvalidationsInProgress', { max, what: 'invalidations' });
    }
    return;
  }
  const all = catalog.listInvalidations(owner);
  const open = all.slice(all.length - inProgress).flatMap(({ document }) => document.batch.paths);
  for (const [what, limit, counts] of [
    ['paths', 'invalidation-paths-in-progress', () => true],
    ['wildcards', 'invalidation-wildcards-in-progress', isWildcard],
  ] as const) {
    const given = paths.filter(counts).length;
    const max = limits[limit];
    if (given > 0 && open.filter(counts).length + given > max) {
      throw new Refusal('TooManyInvalidationsInProgress', { max, what });
    }
  }
}

/** What is completed is so up to a position, so the count ends at the newest one that is. */
export function countInProgress(
  catalog: Catalog,
  owner: string,
  deployed: Facts['deployed'],
): number {
  const batches = catalog.listInvalidations(owner);
  const completed = batches.findLastIndex(({ document, revision }) =>
    deployed(document.id, revision),
  );
  return batches.length - 1 - completed;
}

export function requireInvalidation(
  catalog: Catalog,
  account: AccountId,
  owner: InvalidationOwner,
  id: string,
): At<Invalidation> {
  requireOwner(catalog, account, owner);
  const placed = catalog.invalidations.get(id);
  if (placed === undefined || ownerIdOf(placed.document) !== owner.id) {
    throw new Refusal('NoSuchInvalidation', { id });
  }
  return placed;
}

/** What a batch tells of whose it is. Throws a Refusal where that is not there. */
export function requireOwner(
  catalog: Catalog,
  account: AccountId,
  { id, kind }: InvalidationOwner,
): Pick<Invalidation, 'distribution' | 'tenant'> {
  if (kind === 'distribution') {
    return { distribution: requireDistribution(catalog, account, 'download', id).document.id };
  }
  const { document } = requireResource(catalog, account, kind, id);
  return { distribution: distributionId(document.config.distribution), tenant: id };
}

/** One step of forgetting batches that are old and completed, or whose distribution is gone. */
export function decideForgetting(
  catalog: Catalog,
  changesMax: number,
  { deployed, now }: Pick<Facts, 'deployed' | 'now'>,
): Decision<Step> {
  const changes: Change[] = [];
  for (const { document, revision } of catalog.invalidations.all()) {
    const { account, createdAt, id } = document;
    const isOrphan = !isOwnerThere(catalog, document);
    const isOld = now - createdAt > batchesKeptMs;
    if (!isOrphan && !(isOld && deployed(id, revision))) continue;
    changes.push({ key: invalidationKey(account, id), value: null });
    if (changes.length > changesMax) break;
  }
  return step(changes, changesMax);
}

function isOwnerThere(catalog: Catalog, { account, distribution, tenant }: Invalidation): boolean {
  if (tenant === undefined) return catalog.distributions.get(distribution) !== undefined;
  return catalog.resource(account, 'distribution-tenant', tenant) !== undefined;
}

/** The same paths in another order are the same content. */
function isSame(a: InvalidationBatch, b: InvalidationBatch): boolean {
  const isSamePaths = isDeepStrictEqual(a.paths.toSorted(), b.paths.toSorted());
  return a.matching === b.matching && isSamePaths;
}

function checkPaths({ matching, paths }: InvalidationBatch): void {
  for (const path of paths) checkPath(path);
  if (matching === 'paths') return;
  const member = 'InvalidationBatch';
  if (paths.length === 0)
    throw new Refusal('InvalidArgument', { member, why: 'it names no path.' });
  const wrong = paths.find((path) => !/^\/[\x21-\x7e]*$/.test(path));
  if (wrong === undefined) return;
  const why = `${wrong.slice(0, 80)} is no path: it begins with / and is percent-encoded.`;
  throw new Refusal('InvalidArgument', { member, why });
}

function checkPath(path: string): void {
  const given = path.slice(0, 80);
  if (path.length > pathCharactersMax) {
    const why = `${given}… has ${path.length} characters; at most ${pathCharactersMax} are accepted.`;
    throw new Refusal('InvalidArgument', { member: 'Path', why });
  }
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\x00-\x1f\x7f]/.test(path)) {
    const why = `${given} has a control character; percent-encode it.`;
    throw new Refusal('InvalidArgument', { member: 'Path', why });
  }
}

function checkSize({ matching, paths }: InvalidationBatch, limits: Limits): void {
  const limit = matching === 'paths' ? 'invalidation-paths' : 'invalidation-paths-in-progress';
  const max = limits[limit];
  if (paths.length <= max) return;
  throw new Refusal('BatchTooLarge', {
    why: `it names ${paths.length} paths; ${max} are the most.`,
  });
}
