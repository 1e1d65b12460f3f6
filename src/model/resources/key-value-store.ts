/**
 * A key-value store: what functions look up at the edge (API 2020-05-31, section 4.9). Its items stand
 * in documents of their own, so that one of them can change without the others; the version of all
 * of them together stands here.
 */
import type { Instant } from '../../base/clock.ts';
import { checkComment } from '../check-config.ts';
import type { ConfigEtag } from '../ids.ts';
import type { Limits } from '../limits.ts';
import { checkPlainName } from './invalid-argument.ts';

export type KeyValueStoreConfig = {
  readonly name: string;
  readonly comment: string;
  readonly content: StoreContent;
};

/** The version of all items together. */
export type StoreContent = {
  readonly etag: ConfigEtag;
  readonly modifiedAt: Instant;
  /** The operation that wrote last; absent in documents of earlier releases. */
  readonly changedBy?: string;
};

/** Throws a Refusal. */
export function checkKeyValueStore({ comment, name }: KeyValueStoreConfig, limits: Limits): void {
  checkPlainName(name);
  checkComment(comment, limits);
}
