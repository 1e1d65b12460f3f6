/**
 * Decisions: a command and the catalog in, the changes to append or a Refusal out. They are pure:
 * time, ids and what is known of the edges come in as facts, and the same input gives the same
 * answer. A decision holds only at the revision of the catalog it was made on; whoever appends it
 * names that revision (docs/decisions/0001).
 *
 * The order of the checks is that of API 2010-11-01, section 1.10.
 */
import type { Instant } from '../base/clock.ts';
import type { Change, Revision } from '../base/log-record.ts';
import type { ConfigEtag, Mint } from './ids.ts';
import type { Limits } from './limits.ts';
import { Refusal } from './refusal.ts';

export type Facts = {
  readonly now: Instant;
  readonly mint: Mint;
  readonly limits: Limits;
  /** Suffix of the names of distributions. */
  readonly domain: string;
  /** Every account there is. */
  readonly accounts: ReadonlySet<string>;
  /** Do all live edges serve the change that this document had at this revision? */
  readonly deployed: (id: string, revision: Revision) => boolean;
};

/** No changes: the answer holds without an append. */
export type Decision<Answer> = { readonly changes: readonly Change[]; readonly answer: Answer };

/** `repeat`: the caller reference was used before with the same content; nothing was created. */
export type Created<Id> = { readonly outcome: 'new' | 'repeat'; readonly id: Id };

/** Whether a decision of several steps is done, or has to be made again for what is left. */
export type Step = 'done' | 'more';

export function step(changes: readonly Change[], changesMax: number): Decision<Step> {
  return {
    changes: changes.slice(0, changesMax),
    answer: changes.length > changesMax ? 'more' : 'done',
  };
}

/** `ifMatch` is the header as it came; undefined when it was absent. */
export function checkIfMatch(
  ifMatch: string | undefined,
  { etag }: { readonly etag: ConfigEtag },
): void {
  const given = ifMatch?.trim() ?? '';
  if (given === '') throw new Refusal('InvalidIfMatchVersion', { why: 'the header is missing.' });
  const unquoted = /^"(.*)"$/.exec(given)?.[1] ?? given;
  if (!/^[0-9A-Za-z]{1,64}$/.test(unquoted)) {
    throw new Refusal('InvalidIfMatchVersion', { why: `it holds ${given}.` });
  }
  if (unquoted !== etag) throw new Refusal('PreconditionFailed', { given: unquoted });
}

export function unchanged(member: string, was: string | number, given: string | number): void {
  if (was === given) return;
  const why = [
    `${member} cannot be changed after creation: it is `,
    `${was}, and the update says ${given}.`,
  ];
  throw new Refusal('IllegalUpdate', { why });
}

/** An id of 67 random bits is not met twice in practice; that it is not is checked all the same. */
export function mintUnused<Id>(mint: () => Id, isUsed: (id: Id) => boolean): Id {
  let minted = mint();
  while (isUsed(minted)) minted = mint();
  return minted;
}
