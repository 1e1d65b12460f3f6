/** The line of the access log for an answer of the lane: to the letter what the pipeline would say. */
import type { Instant } from '../../base/clock.ts';
import type { LineFacts } from '../../access-log/fields.ts';
import { headerValue } from '../../http/header-list.ts';
import type { ViewerWhence } from '../whence.ts';
import type { LaneHead, Span } from './lane-head.ts';
import type { LaneRecord } from './lane-record.ts';

export type LaneAnswered = {
  readonly endedAt: Instant;
  readonly edgeLocation: string;
  readonly status: 200 | 304;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly requestId: string;
};

/** `bytes` are those that the head was read from. */
export function laneLine(
  record: LaneRecord,
  whence: ViewerWhence,
  head: LaneHead,
  bytes: Buffer,
  answered: LaneAnswered,
): LineFacts {
  const { edgeLocation, endedAt, receivedBytes, requestId, sentBytes, status } = answered;
  const isWhole = status === 200;
  return {
    endedAt,
    edgeLocation,
    sentBytes,
    viewerAddress: whence.address,
    viewerPort: whence.port,
    method: head.isHead ? 'HEAD' : 'GET',
    domainName: record.entry.domainName,
    path: record.requestPath,
    query: record.query,
    status,
    referer: textOf(bytes, head.referer),
    userAgent: textOf(bytes, head.userAgent),
    cookie: record.entry.logsCookies ? textOf(bytes, head.cookie) : undefined,
    resultType: 'Hit',
    responseResultType: 'Hit',
    detailedResultType: 'Hit',
    requestId,
    hostText: record.hostText,
    protocol: whence.scheme,
    protocolVersion: 'HTTP/1.1',
    receivedBytes,
    forwardedFor: textOf(bytes, head.forwardedFor),
    tlsProtocol: whence.tls?.protocol,
    tlsCipher: whence.tls?.cipher,
    // It is put together and given away before any clock could tell.
    takenMs: 0,
    firstByteMs: 0,
    contentType: isWhole ? headerValue(record.headers, 'content-type') : undefined,
    contentLength: isWhole ? String(record.bodyBytes) : undefined,
    rangeStart: undefined,
    rangeEnd: undefined,
  };
}

function textOf(bytes: Buffer, { end, start }: Span): string | undefined {
  return start < 0 ? undefined : bytes.toString('latin1', start, end);
}
