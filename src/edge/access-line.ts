/**
 * The line of the access log that an exchange is worth (edge contract 13.1 to 13.3), made when the
 * exchange has ended and everything about it is known.
 *
 * An exchange that no distribution was found for has no log to stand in; so a request that was no
 * HTTP, or was too large, or was for an unknown host, leaves no line.
 */
import type { LineFacts } from '../access-log/fields.ts';
import { type HeaderList, headerValues } from '../http/header-list.ts';
import type { Exchange } from './exchange.ts';
import type { ResultTypes } from './result-types.ts';
import type { RoutingEntry } from './routing-table.ts';
import type { AnswerAccount } from './viewer.ts';

export function logAccess(x: Exchange, account: AnswerAccount, types: ResultTypes): void {
  const { entry } = x;
  const { accessLog } = x.edge;
  if (accessLog === undefined || entry?.logging === undefined) return;
  accessLog.write(entry.logging, lineFacts(x, entry, account, types));
}

/** Those of a tunnel too. */
export function sentBytesOf({ tunnelled }: Exchange, { sentBytes }: AnswerAccount): number {
  return sentBytes + (tunnelled?.toViewerBytes ?? 0);
}

function lineFacts(
  x: Exchange,
  { domainName, logsCookies }: RoutingEntry,
  account: AnswerAccount,
  types: ResultTypes,
): LineFacts {
  const { request } = x;
  const { firstByteMs, head, takenMs } = account;
  const viewer = viewerFields(request.headers);
  const content = contentFields(head?.headers ?? noHeaders);
  return {
    endedAt: x.clock.now(),
    edgeLocation: x.edge.pop,
    sentBytes: sentBytesOf(x, account),
    viewerAddress: request.address,
    viewerPort: request.port,
    method: request.method,
    domainName,
    path: request.path,
    query: request.query,
    status: head?.status ?? 0,
    referer: viewer.referer,
    userAgent: viewer.userAgent,
    cookie: logsCookies ? cookiesOf(request.headers) : undefined,
    resultType: types.resultType,
    responseResultType: types.responseResultType,
    detailedResultType: types.detailedResultType,
    requestId: x.id,
    hostText: request.hostText,
    protocol: protocolOf(x),
    protocolVersion: protocolVersions[request.httpVersion],
    receivedBytes: request.headBytes + (x.tunnelled?.toOriginBytes ?? 0),
    forwardedFor: viewer.forwardedFor,
    tlsProtocol: request.tls?.protocol,
    tlsCipher: request.tls?.cipher,
    takenMs,
    firstByteMs,
    contentType: content.type,
    contentLength: content.length,
    rangeStart: content.rangeStart,
    rangeEnd: content.rangeEnd,
  };
}

function protocolOf({ request: { scheme }, tunnelled }: Exchange): string {
  if (tunnelled === undefined) return scheme;
  return scheme === 'https' ? 'wss' : 'ws';
}

const protocolVersions = { '1.0': 'HTTP/1.0', '1.1': 'HTTP/1.1', '2.0': 'HTTP/2.0' } as const;

const noHeaders: HeaderList = [];

type ViewerFields = {
  referer: string | undefined;
  userAgent: string | undefined;
  forwardedFor: string | undefined;
};

/** In one pass, by the length of a name first: this runs for every request. */
function viewerFields(headers: HeaderList): ViewerFields {
  const fields: ViewerFields = {
    referer: undefined,
    userAgent: undefined,
    forwardedFor: undefined,
  };
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? '';
    const value = headers[at + 1];
    if (name.length === 7 && name.toLowerCase() === 'referer') fields.referer ??= value;
    else if (name.length === 10 && name.toLowerCase() === 'user-agent') fields.userAgent ??= value;
    else if (name.length === 15 && name.toLowerCase() === 'x-forwarded-for') {
      fields.forwardedFor =
        fields.forwardedFor === undefined ? value : `${fields.forwardedFor}, ${value}`;
    }
  }
  return fields;
}

/** Whole, whatever of it is forwarded; HTTP/2 may have it in several fields (RFC 9113 §8.2.3). */
function cookiesOf(headers: HeaderList): string | undefined {
  const fields = headerValues(headers, 'cookie');
  return fields.length === 0 ? undefined : fields.join('; ');
}

type ContentFields = {
  type: string | undefined;
  length: string | undefined;
  rangeStart: string | undefined;
  rangeEnd: string | undefined;
};

function contentFields(headers: HeaderList): ContentFields {
  const fields: ContentFields = {
    type: undefined,
    length: undefined,
    rangeStart: undefined,
    rangeEnd: undefined,
  };
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? '';
    const value = headers[at + 1] ?? '';
    if (name.length === 12 && name.toLowerCase() === 'content-type') fields.type ??= value;
    else if (name.length === 14 && name.toLowerCase() === 'content-length') fields.length ??= value;
    else if (name.length === 13 && name.toLowerCase() === 'content-range') {
      const range = /^bytes (\d+)-(\d+)\//.exec(value);
      fields.rangeStart = range?.[1];
      fields.rangeEnd = range?.[2];
    }
  }
  return fields;
}
