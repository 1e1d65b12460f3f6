/** The answer of an origin on its way to a viewer, with the fields that viewers see (5.4 and 8.1). */
import type { Instant } from '../base/clock.ts';
import { isCachingDisabled } from '../cache/freshness.ts';
import type { Filling, StoredObject } from '../cache/stored-object.ts';
import { formatHttpDate } from '../http/dates.ts';
import { endToEnd, type HeaderList, headerValue, selectHeaders } from '../http/header-list.ts';
import { parseContentRange, resolveRanges } from '../http/ranges.ts';
import { variesOnEverything, withVaryForViewers } from '../http/vary.ts';
import { forwardsCookies, namesHeader } from '../model/behavior-rules.ts';
import type { OriginBody } from '../origin/origin-answer.ts';
import type { Asked } from './ask-origin.ts';
import type { Exchange } from './exchange.ts';
import { hasConditions } from './origin-request.ts';
import type { Reason } from './reasons.ts';
import type { DetailedResult } from './result-types.ts';
import { behaviorOf } from './routed.ts';
import { isDeviceFact, namedFacts } from './viewer-facts.ts';

export type Passing = {
  readonly status: number;
  /** As viewers see them, but for the edge's own. */
  readonly headers: HeaderList;
  readonly originHeaders: HeaderList;
  body: OriginBody | undefined;
  readonly askedAt: Instant;
  readonly receivedAt: Instant;
  /** What is stored of it, where it is; only a body that comes is stored as it passes. */
  keeping: Keeping | undefined;
  /** By this edge; its length is known only at the end. */
  readonly isCompressed: boolean;
};

export type Keeping = {
  readonly filling: Filling;
  /** What is stored once the body is complete. */
  readonly object: Omit<StoredObject, 'body'>;
  /** There will be no object of the whole that could be read from. */
  readonly inPieces: boolean;
};

/**
 * The origin has answered what was asked with `sent`: from here on its answer passes to the viewer,
 * unless it is none that could have been asked for.
 */
export function arrive(x: Exchange, sent: HeaderList, asked: Asked): 'compress' | 'refuse' {
  const { answer, askedAt, receivedAt } = asked;
  const fault = faultOf(asked, sent) ?? rangeFault(asked, sent) ?? sizeFault(x, asked);
  if (fault !== undefined) {
    answer.body?.discard();
    return x.refuse({ name: 'originInvalidResponse', detail: fault.detail }, fault.why);
  }
  x.passing = {
    status: answer.status,
    headers: headersForViewers(x, answer.headers, receivedAt),
    originHeaders: answer.headers,
    body: answer.body,
    askedAt,
    receivedAt,
    keeping: undefined,
    isCompressed: false,
  };
  if (answer.status >= 400) x.result = 'Error';
  return x.go('compress', 'the origin answered', answer.status);
}

type Fault = { readonly why: Reason; readonly detail: DetailedResult };

function invalid(why: Reason): Fault {
  return { why, detail: 'OriginInvalidResponseError' };
}

function faultOf({ answer: { status } }: Asked, sent: HeaderList): Fault | undefined {
  if (status < 200 || status > 599) return invalid('a status that no final answer has');
  if (status === 304 && !hasConditions(sent)) {
    return invalid('304 to a request without a condition');
  }
  if (status === 206 && headerValue(sent, 'range') === undefined) {
    return invalid('206 to a request without a range');
  }
  return undefined;
}

/** Edge contract 6.1: a part has to be of the size it says, and the one that was asked for. */
export function rangeFault({ answer }: Asked, sent: HeaderList): Fault | undefined {
  if (answer.status !== 206) return undefined;
  const told = headerValue(answer.headers, 'content-range');
  // Several parts stand in the body itself.
  if (told === undefined) {
    const type = headerValue(answer.headers, 'content-type')?.toLowerCase() ?? '';
    return type.startsWith('multipart/byteranges')
      ? undefined
      : invalid('206 without Content-Range');
  }
  const part = parseContentRange(told);
  if (part === undefined) return invalid('206 with a Content-Range of another form');
  const length = headerValue(answer.headers, 'content-length');
  if (length !== undefined && Number(length) !== part.end - part.start) {
    return {
      why: 'Content-Range and Content-Length differ',
      detail: 'OriginContentRangeLengthError',
    };
  }
  if (part.total === undefined) return undefined;
  const asked = resolveRanges(headerValue(sent, 'range'), part.total);
  const [first] = asked.kind === 'parts' && asked.parts.length === 1 ? asked.parts : [];
  return first !== undefined && (part.start > first.start || part.end < first.end)
    ? { why: 'another range than was asked for', detail: 'OriginContentRangeLengthError' }
    : undefined;
}

function sizeFault(x: Exchange, { answer: { headers } }: Asked): Fault | undefined {
  const length = Number(headerValue(headers, 'content-length') ?? 0);
  return length > x.edge.bounds.cacheableBodyBytesMax && !isCachingDisabled(behaviorOf(x).ttl)
    ? invalid('the object is too large')
    : undefined;
}

/** `Date` and `Server` are the origin's; where it sends none, the edge gives its own. */
export function headersForViewers(
  x: Exchange,
  headers: HeaderList,
  receivedAt: Instant,
): HeaderList {
  const { origin, rules, ttl } = behaviorOf(x);
  const setsCookies = x.edge.standards || forwardsCookies(rules);
  const seen: string[] = [
    ...selectHeaders(endToEnd(headers), (name) =>
      name === 'set-cookie' ? setsCookies : isSeen(name),
    ),
  ];
  if (headerValue(seen, 'date') === undefined) seen.push('Date', formatHttpDate(receivedAt));
  if (headerValue(seen, 'server') === undefined) seen.push('Server', 'CloudFront');
  // Rule 19: where every request goes to the origin, viewers have to know why.
  const keepsVary =
    x.edge.standards || origin.kind === 's3' || (ttl.minS === 0 && variesOnEverything(seen));
  if (keepsVary) return seen;
  const tellsDevices = namedFacts(rules).some(isDeviceFact);
  return withVaryForViewers(
    seen,
    (name) => namesHeader(rules, name) || (name === 'user-agent' && tellsDevices),
  );
}

/** Edge contract 5.4, rule 21. */
function isSeen(name: string): boolean {
  return (
    name !== 'via' &&
    name !== 'x-cache' &&
    !name.startsWith('x-amz-cf-') &&
    !name.startsWith('x-edge-')
  );
}
