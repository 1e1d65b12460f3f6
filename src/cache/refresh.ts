/**
 * Revalidation's outcome for an object: a 304 gives it new fields and a new lifetime, its body stays
 * (edge contract 5.5, rule 24; RFC 9111 §3.2).
 */
import type { Instant } from '../base/clock.ts';
import type { Revision } from '../base/log-record.ts';
import {
  eachHeader,
  type HeaderList,
  headerValue,
  headerValues,
  listMembers,
  selectHeaders,
  withHeader,
} from '../http/header-list.ts';
import { withVaryOnEncoding } from './compressible.ts';
import type { Ttl } from './freshness.ts';
import { decideStoring } from './storable.ts';
import type { StoredObject } from './stored-object.ts';

export type Confirmation = {
  /** Of the 304, as viewers see them. */
  readonly headers: HeaderList;
  readonly askedAt: Instant;
  readonly receivedAt: Instant;
  readonly ttl: Ttl;
  readonly fetchedAt: Revision;
  readonly standards?: { readonly request: HeaderList } | undefined;
};

export type Refreshed = {
  readonly object: StoredObject;
  /** What now forbids to keep it; it is served this once. */
  readonly notKept: string | undefined;
};

/**
 * Fields that speak of the body, which the 304 does not have. The `Age` of the 304 counts for how old
 * the object is from then on, but is told anew with each answer.
 */
const keptAsStored = new Set([
  'age',
  'content-encoding',
  'content-length',
  'content-md5',
  'content-range',
  'set-cookie',
  'transfer-encoding',
]);

export function refresh(stored: StoredObject, confirmation: Confirmation): Refreshed {
  const { askedAt, fetchedAt, receivedAt, standards, ttl } = confirmation;
  const headers = merge(stored.headers, confirmation.headers, standards !== undefined);
  const age = headerValue(confirmation.headers, 'age');
  const decision = decideStoring({
    method: 'GET',
    status: stored.status,
    headers,
    originHeaders: age === undefined ? headers : [...headers, 'Age', age],
    askedAt,
    receivedAt,
    ttl,
    standards,
  });
  if (decision.kind === 'pass') {
    const aging = { receivedAt, ageAtArrivalMs: 0, lifetimeS: 0 };
    return { object: { ...stored, headers, aging, ttl, fetchedAt }, notKept: decision.why };
  }
  const { aging } = decision;
  return {
    object: { ...stored, headers: decision.headers, aging, ttl, fetchedAt },
    notKept: undefined,
  };
}

/** CloudFront leaves cookies as they were stored; the RFC does not. */
function merge(stored: HeaderList, given: HeaderList, renewsCookies: boolean): HeaderList {
  const renewed = selectHeaders(
    given,
    (name) => !keptAsStored.has(name) || (name === 'set-cookie' && renewsCookies),
  );
  const names = new Set<string>();
  for (const [name] of eachHeader(renewed)) names.add(name.toLowerCase());
  return ofEncoded(stored, [...selectHeaders(stored, (name) => !names.has(name)), ...renewed]);
}

/**
 * The origin that confirms an object may know nothing of its being compressed: the tag of what is held
 * here stays weak, and what it is told apart by stays in `Vary`.
 */
function ofEncoded(stored: HeaderList, merged: HeaderList): HeaderList {
  if (headerValue(stored, 'content-encoding') === undefined) return merged;
  const etag = headerValue(stored, 'etag');
  const headers = etag?.startsWith('W/') === true ? withHeader(merged, 'ETag', etag) : merged;
  const varied = headerValues(stored, 'vary').flatMap(listMembers);
  const variesOnEncoding = varied.some((name) => name.toLowerCase() === 'accept-encoding');
  return variesOnEncoding ? withVaryOnEncoding(headers) : headers;
}
