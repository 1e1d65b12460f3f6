/** The answer of an origin on its way to a viewer, with the fields that viewers see (5.4 and 8.1). */
import type { Instant } from '../base/clock.ts';
import { isCachingDisabled } from '../cache/freshness.ts';
import type { Filling, StoredObject } from '../cache/stored-object.ts';
import { formatHttpDate } from '../http/dates.ts';
import { endToEnd, type HeaderList, headerValue, selectHeaders } from '../http/header-list.ts';
import { variesOnEverything, withVaryForViewers } from '../http/vary.ts';
import type { OriginBody } from '../origin/origin-answer.ts';
import type { Asked } from './ask-origin.ts';
import type { Exchange } from './exchange.ts';
import { hasConditions } from './origin-request.ts';
import { routed } from './routed.ts';
import type { BehaviorEntry } from './routing-table.ts';

export type Passing = {
  readonly status: number;
  /** As viewers see them, but for the edge's own. */
  readonly headers: HeaderList;
  readonly originHeaders: HeaderList;
  readonly body: OriginBody | undefined;
  readonly askedAt: Instant;
  readonly receivedAt: Instant;
  /** Set when the answer is to be kept: takes the body as it passes. */
  keeping: Keeping | undefined;
};

export type Keeping = {
  readonly filling: Filling;
  /** What is stored once the body is complete. */
  readonly object: Omit<StoredObject, 'body'>;
};

/**
 * The origin has answered what was asked with `sent`: from here on its answer passes to the viewer,
 * unless it is none that could have been asked for.
 */
export function arrive(x: Exchange, sent: HeaderList, asked: Asked): 'store' | 'refuse' {
  const { answer, askedAt, receivedAt } = asked;
  const { behavior } = routed(x);
  const fault = faultOf(asked, sent) ?? sizeFault(x, asked);
  if (fault !== undefined) {
    answer.body?.discard();
    return x.refuse({ name: 'originInvalidResponse' }, fault);
  }
  x.passing = {
    status: answer.status,
    headers: headersForViewers(answer.headers, behavior, receivedAt),
    originHeaders: answer.headers,
    body: answer.body,
    askedAt,
    receivedAt,
    keeping: undefined,
  };
  if (answer.status >= 400) x.result = 'Error';
  return x.go('store', `the origin answered ${answer.status}`);
}

function faultOf({ answer: { status } }: Asked, sent: HeaderList): string | undefined {
  if (status < 200 || status > 599) return `status ${status}`;
  if (status === 304 && !hasConditions(sent)) return '304 to a request without a condition';
  if (status === 206 && headerValue(sent, 'range') === undefined) {
    return '206 to a request without a range';
  }
  return undefined;
}

function sizeFault(x: Exchange, { answer: { headers } }: Asked): string | undefined {
  const length = Number(headerValue(headers, 'content-length') ?? 0);
  return length > x.edge.bounds.cacheableBodyBytesMax && !isCachingDisabled(routed(x).behavior.ttl)
    ? 'the object is too large'
    : undefined;
}

/** `Date` and `Server` are the origin's; where it sends none, the edge gives its own. */
export function headersForViewers(
  headers: HeaderList,
  { origin, ttl }: BehaviorEntry,
  receivedAt: Instant,
): HeaderList {
  const seen: string[] = [...selectHeaders(endToEnd(headers), isSeen)];
  if (headerValue(seen, 'date') === undefined) seen.push('Date', formatHttpDate(receivedAt));
  if (headerValue(seen, 'server') === undefined) seen.push('Server', 'CloudFront');
  // Rule 19: where every request goes to the origin, viewers have to know why.
  const keepsVary = origin.kind === 's3' || (ttl.minS === 0 && variesOnEverything(seen));
  return keepsVary ? seen : withVaryForViewers(seen);
}

/** Edge contract 5.4: rule 20 (cookies are not forwarded, so none is set) and rule 21. */
function isSeen(name: string): boolean {
  return (
    name !== 'set-cookie' &&
    name !== 'via' &&
    name !== 'x-cache' &&
    !name.startsWith('x-amz-cf-') &&
    !name.startsWith('x-edge-')
  );
}
