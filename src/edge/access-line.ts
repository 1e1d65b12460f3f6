/**
 * The line of the access log that an exchange is worth (edge contract 13.1 to 13.3), made when the
 * exchange has ended and everything about it is known.
 *
 * An exchange that no distribution was found for has no log to stand in; so a request that was no
 * HTTP, or was too large, or was for an unknown host, leaves no line.
 */
import type { LineFacts } from '../access-log/fields.ts';
import { headerValue, joinedValue } from '../http/header-list.ts';
import type { OriginFailure } from '../origin/origin-failure.ts';
import type { Exchange } from './exchange.ts';
import type { RefusalPage } from './pages.ts';
import type { RoutingEntry } from './routing-table.ts';
import type { AnswerAccount } from './viewer.ts';

export function logAccess(x: Exchange): void {
  const { entry } = x;
  const { accessLog } = x.edge;
  if (accessLog === undefined || entry?.logging === undefined) return;
  accessLog.write(entry.logging, lineFacts(x, entry));
}

function lineFacts(x: Exchange, { domainName }: RoutingEntry): LineFacts {
  const { request } = x;
  const account = x.answer.account();
  const { firstByteMs, head, sentBytes, takenMs } = account;
  const types = resultTypes(x, account);
  const range = head === undefined ? undefined : contentRangeOf(head.headers);
  return {
    endedAt: x.clock.now(),
    edgeLocation: x.edge.pop,
    sentBytes,
    viewerAddress: request.address,
    viewerPort: request.port,
    method: request.method,
    domainName,
    path: request.path,
    query: request.query,
    status: head?.status ?? 0,
    referer: headerValue(request.headers, 'referer'),
    userAgent: headerValue(request.headers, 'user-agent'),
    // Logged only where a configuration says so, which those of API 2010-11-01 cannot.
    cookie: undefined,
    ...types,
    requestId: x.id,
    hostText: request.hostText,
    protocol: request.scheme,
    protocolVersion: request.httpVersion === '1.1' ? 'HTTP/1.1' : 'HTTP/1.0',
    // A request that has a body is refused, and the body is not read.
    receivedBytes: request.headBytes,
    forwardedFor: joinedValue(request.headers, 'x-forwarded-for'),
    tlsProtocol: request.tls?.protocol,
    tlsCipher: request.tls?.cipher,
    takenMs,
    firstByteMs,
    contentType: head === undefined ? undefined : headerValue(head.headers, 'content-type'),
    contentLength: head === undefined ? undefined : headerValue(head.headers, 'content-length'),
    rangeStart: range?.start,
    rangeEnd: range?.end,
  };
}

function contentRangeOf(
  headers: readonly string[],
): { readonly start: string; readonly end: string } | undefined {
  const value = headerValue(headers, 'content-range');
  const [, start, end] = (value === undefined ? null : /^bytes (\d+)-(\d+)\//.exec(value)) ?? [];
  return start === undefined || end === undefined ? undefined : { start, end };
}

type ResultTypes = Pick<LineFacts, 'resultType' | 'responseResultType' | 'detailedResultType'>;

function resultTypes(x: Exchange, account: AnswerAccount): ResultTypes {
  const judged = x.page?.name === 'capacity' ? 'CapacityExceeded' : x.result;
  if (account.outcome === 'left') {
    return account.head === undefined
      ? {
          resultType: 'Error',
          responseResultType: 'Error',
          detailedResultType: 'ClientHungUpRequest',
        }
      : {
          resultType: 'Error',
          responseResultType: judged,
          detailedResultType: 'ClientCommError',
        };
  }
  const detailed = detail(x, account) ?? judged;
  const ended = account.outcome === 'cut' ? 'Error' : judged;
  return { resultType: ended, responseResultType: judged, detailedResultType: detailed };
}

/** What the answer's origin, or the request, had wrong; undefined: nothing, or no more is known. */
function detail({ failure, page }: Exchange, { outcome }: AnswerAccount): string | undefined {
  if (outcome === 'whole' && page === undefined) return undefined;
  if (failure !== undefined && failure.reason !== 'capacity') return detailOfFailure(failure);
  // Where it is no failure, less came from the origin than it had said.
  return page === undefined ? 'OriginReadError' : detailsOfPages[page.name];
}

/** Edge contract 13.3. Pages that are not here have the result type for their detail. */
const detailsOfPages: Readonly<Partial<Record<RefusalPage['name'], string>>> = {
  badRequest: 'InvalidRequest',
  bodyNotAllowed: 'InvalidRequest',
  invalidMethod: 'InvalidRequestMethod',
  invalidMethodWithBody: 'InvalidRequestMethod',
  expectationFailed: 'InvalidRequestHeader',
  rangeNotSatisfiable: 'InvalidRequestHeader',
  misdirected: 'InvalidRequestCertificate',
  viewerProtocol: 'InvalidRequestBlocked',
  loop: 'InvalidRequestBlocked',
  MissingKey: 'InvalidRequestBlocked',
  UnknownKey: 'InvalidRequestBlocked',
  InvalidKey: 'InvalidRequestBlocked',
  MalformedPolicy: 'InvalidRequestBlocked',
  AccessDenied: 'InvalidRequestBlocked',
  internal: 'InternalError',
  originInvalidResponse: 'OriginInvalidResponseError',
};

function detailOfFailure({ at, reason }: OriginFailure): string {
  if (reason === 'timeout') return 'OriginCommError';
  if (at === 'dns') return 'OriginDnsError';
  if (at === 'connect' || at === 'tls') return 'OriginConnectError';
  if (reason === 'headers-too-large') return 'OriginHeaderTooBigError';
  return reason === 'invalid' ? 'OriginInvalidResponseError' : 'OriginReadError';
}
