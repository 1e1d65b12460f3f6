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
  /** The operation that is asked for, as in `UpdateDistribution`; empty where nobody asks by one. */
  readonly call: string;
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

/** What a document tells of the change that gave it its ETag. */
export type LastChange = {
  readonly etag: ConfigEtag;
  readonly modifiedAt?: Instant;
  /** The operation; documents of earlier releases do not tell it. */
  readonly changedBy?: string;
};

/** `ifMatch` is the header as it came; undefined when it was absent. */
export function checkIfMatch(ifMatch: string | undefined, standing: LastChange): void {
  const given = ifMatch?.trim() ?? '';
  if (given === '') throw new Refusal('InvalidIfMatchVersion', { why: 'the header is missing.' });
  const unquoted = /^"(.*)"$/.exec(given)?.[1] ?? given;
  if (!/^[0-9A-Za-z]{1,64}$/.test(unquoted)) {
    throw new Refusal('InvalidIfMatchVersion', { why: `it holds ${given}.` });
  }
  if (unquoted === standing.etag) return;
  throw new Refusal('PreconditionFailed', { given: unquoted, change: lastChangeOf(standing) });
}

/** `UpdateDistribution at 2026-01-02T03:04:05.678Z`. */
function lastChangeOf({ changedBy = '', modifiedAt }: LastChange): string {
  const by = changedBy === '' ? 'a call that is not known any more' : changedBy;
  return modifiedAt === undefined ? by : `${by} at ${new Date(modifiedAt).toISOString()}`;
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
