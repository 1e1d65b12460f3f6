/**
 * The fields an origin is sent (edge contract 4.5, and 4.3 of API 2010-11-01), made anew from the
 * viewer's: what the table removes is left out, what it replaces is set, all else goes along.
 */
import type { Validators } from '../http/conditionals.ts';
import { endToEnd, type HeaderList, joinedValue, selectHeaders } from '../http/header-list.ts';
import { viaValue } from '../http/via.ts';
import type { Exchange } from './exchange.ts';
import { routed } from './routed.ts';

const removed = new Set([
  'accept',
  'accept-charset',
  'accept-encoding',
  'accept-language',
  'authorization',
  'cdn-loop',
  'content-length',
  'cookie',
  'expect',
  'host',
  'referer',
  'user-agent',
  'via',
  'x-amz-cf-id',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-http-method-override',
  'x-real-ip',
]);

const conditional = new Set([
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
]);

/** `validators` of a stale object take the place of the viewer's conditions and range. */
export function headersForOrigin(x: Exchange, validators?: Validators): HeaderList {
  const { address, headers, httpVersion, method } = x.request;
  const { origin } = routed(x).behavior;
  const takesRange = method === 'GET' && validators === undefined;
  const sent: string[] = [
    ...selectHeaders(endToEnd(headers), (name) => {
      if (name === 'range' || name === 'if-range') return takesRange;
      return isForwarded(name) && (validators === undefined || !conditional.has(name));
    }),
  ];
  if (validators?.etag !== undefined) sent.push('If-None-Match', validators.etag);
  if (validators?.lastModified !== undefined) {
    sent.push('If-Modified-Since', validators.lastModified);
  }
  if (x.encoding === 'gzip') sent.push('Accept-Encoding', 'gzip');
  sent.push('User-Agent', 'Amazon CloudFront');
  sent.push('Via', appended(headers, 'via', viaValue(httpVersion, x.edge.viaName)));
  sent.push('CDN-Loop', appended(headers, 'cdn-loop', x.edge.routing.domain));
  // A bucket sees the edge, not who stands behind it.
  if (origin.kind === 'custom') {
    sent.push('X-Forwarded-For', appended(headers, 'x-forwarded-for', address));
  }
  sent.push('X-Amz-Cf-Id', x.id);
  return sent;
}

export function hasConditions(headers: HeaderList): boolean {
  return headers.some((text, index) => index % 2 === 0 && conditional.has(text.toLowerCase()));
}

function isForwarded(name: string): boolean {
  return !removed.has(name) && !name.startsWith('x-edge-') && !name.startsWith('cloudfront-');
}

function appended(headers: HeaderList, name: string, own: string): string {
  const given = joinedValue(headers, name)?.trim() ?? '';
  return given === '' ? own : `${given}, ${own}`;
}
