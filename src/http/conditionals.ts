/**
 * Conditional requests answered from what is held (RFC 9110 §13; edge contract 5.6, rule 27).
 * `If-Match` and `If-Unmodified-Since` are for the origin to judge (RFC 9111 §4.3.2), so a cache
 * passes over them and `judgeAtOrigin` does not.
 */
import type { Instant } from '../base/clock.ts';
import { parseHttpDate } from './dates.ts';
import { namesEtag, stronglyEqual, weaklyEqual } from './etag.ts';
import { type HeaderList, headerValue, joinedValue } from './header-list.ts';

/** What a representation can be told by. */
export type Validators = {
  readonly etag: string | undefined;
  /** As the origin wrote it. */
  readonly lastModified: string | undefined;
};

export function validatorsOf(headers: HeaderList): Validators {
  return {
    etag: headerValue(headers, 'etag'),
    lastModified: headerValue(headers, 'last-modified'),
  };
}

/** Whether the viewer holds the representation already, so that 304 is the answer. */
export function isNotModified(
  request: HeaderList,
  held: Validators & {
    /** Stands in for `Last-Modified` where there is none. */
    readonly date: string | undefined;
  },
  now: Instant,
): boolean {
  const ifNoneMatch = joinedValue(request, 'if-none-match');
  if (ifNoneMatch !== undefined) return namesEtag(ifNoneMatch, held.etag, weaklyEqual);
  const ifModifiedSince = headerValue(request, 'if-modified-since');
  if (ifModifiedSince === undefined) return false;
  const since = parseHttpDate(ifModifiedSince, now);
  const changedAt = parseHttpDate(held.lastModified ?? held.date ?? '', now);
  return since !== undefined && changedAt !== undefined && changedAt <= since;
}

/** In the order of RFC 9110 §13.2.2, for one who has the resource itself. */
export function judgeAtOrigin(
  request: HeaderList,
  held: Validators,
  now: Instant,
): 'proceed' | 'not-modified' | 'failed' {
  const ifMatch = joinedValue(request, 'if-match');
  if (ifMatch !== undefined) {
    if (!namesEtag(ifMatch, held.etag, stronglyEqual)) return 'failed';
  } else {
    const until = parseHttpDate(headerValue(request, 'if-unmodified-since') ?? '', now);
    const changedAt = parseHttpDate(held.lastModified ?? '', now);
    if (until !== undefined && changedAt !== undefined && changedAt > until) return 'failed';
  }
  return isNotModified(request, { ...held, date: undefined }, now) ? 'not-modified' : 'proceed';
}

/**
 * Whether a `Range` still means the representation held: `If-Range` compares strongly, or by the
 * exact date (RFC 9110 §13.1.5).
 */
export function rangeStillApplies(request: HeaderList, held: Validators): boolean {
  const ifRange = headerValue(request, 'if-range');
  if (ifRange === undefined) return true;
  if (ifRange.includes('"')) return held.etag !== undefined && stronglyEqual(ifRange, held.etag);
  return ifRange === held.lastModified;
}
