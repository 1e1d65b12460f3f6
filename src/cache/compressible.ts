/**
 * Compression: which answers of an origin an edge compresses, and what their fields are then (edge
 * contract 6.4). Every no has its reason, which the exchange records.
 */
import type { ContentCoding, NormalisedEncoding } from '../http/accept-encoding.ts';
import { parseCacheControl } from '../http/cache-control.ts';
import { isEtag } from '../http/etag.ts';
import {
  eachHeader,
  type HeaderList,
  headerValue,
  headerValues,
  joinedValue,
  listMembers,
  selectHeaders,
  withHeader,
} from '../http/header-list.ts';
import { isCachingDisabled, type Ttl } from './freshness.ts';

export const compressibleBytesMin = 1_000;
export const compressibleBytesMax = 10_000_000;

export type Compressible = {
  readonly method: string;
  /** Of the request. */
  readonly hasRange: boolean;
  readonly hasBody: boolean;
  readonly status: number;
  /** As the origin sent them. */
  readonly headers: HeaderList;
  readonly ttl: Ttl;
  /** What the behavior says. */
  readonly compresses: boolean;
  readonly accepted: NormalisedEncoding;
};

export type CompressionHindrance =
  | 'it is off'
  | 'caching is disabled'
  | 'the viewer accepts no coding that counts'
  | 'no body'
  | 'a range was asked for'
  | 'status'
  | 'encoded by the origin'
  | 'no-transform'
  | 'no length'
  | 'too short'
  | 'too long'
  | 'type';

export type CompressionDecision =
  | { readonly kind: 'compress'; readonly coding: ContentCoding; readonly length: number }
  | { readonly kind: 'as-is'; readonly why: CompressionHindrance };

const statuses = new Set([200, 403, 404]);

export function decideCompression(answer: Compressible): CompressionDecision {
  if (!answer.compresses) return asIs('it is off');
  if (isCachingDisabled(answer.ttl)) return asIs('caching is disabled');
  if (answer.accepted === 'identity') return asIs('the viewer accepts no coding that counts');
  if (!answer.hasBody || answer.method === 'HEAD') return asIs('no body');
  if (answer.hasRange) return asIs('a range was asked for');
  if (!statuses.has(answer.status)) return asIs('status');
  const { headers } = answer;
  if (headerValue(headers, 'content-encoding') !== undefined) return asIs('encoded by the origin');
  if (parseCacheControl(headers).noTransform) return asIs('no-transform');
  const length = headerValue(headers, 'content-length') ?? '';
  if (!/^\d+$/.test(length)) return asIs('no length');
  if (Number(length) < compressibleBytesMin) return asIs('too short');
  if (Number(length) > compressibleBytesMax) return asIs('too long');
  if (!isCompressibleType(headerValue(headers, 'content-type'))) return asIs('type');
  const coding = answer.accepted === 'gzip' ? 'gzip' : 'br';
  return { kind: 'compress', coding, length: Number(length) };
}

function asIs(why: CompressionHindrance): CompressionDecision {
  return { kind: 'as-is', why };
}

/** Of the bytes as the origin sent them, so they would be wrong for the compressed ones. */
const fieldsOfBytes = new Set([
  'content-digest',
  'content-length',
  'content-md5',
  'digest',
  'repr-digest',
]);

/**
 * A strong tag stands for other bytes than the compressed ones, so it becomes weak; what is no tag is
 * left out (rule 26). The length is not known yet.
 */
export function compressedHeaders(headers: HeaderList, coding: ContentCoding): HeaderList {
  const changed: string[] = [];
  for (const [name, value] of eachHeader(
    selectHeaders(headers, (one) => !fieldsOfBytes.has(one)),
  )) {
    if (name.toLowerCase() !== 'etag') changed.push(name, value);
    else if (isEtag(value)) changed.push(name, value.startsWith('W/') ? value : `W/${value}`);
  }
  changed.push('Content-Encoding', coding);
  return withVaryOnEncoding(changed);
}

export function withVaryOnEncoding(headers: HeaderList): HeaderList {
  const names = headerValues(headers, 'vary').flatMap(listMembers);
  if (names.some((name) => name === '*' || name.toLowerCase() === 'accept-encoding')) {
    return headers;
  }
  const said = joinedValue(headers, 'vary')?.trim() ?? '';
  return withHeader(headers, 'Vary', said === '' ? 'Accept-Encoding' : `${said}, Accept-Encoding`);
}

export function isCompressibleType(contentType: string | undefined): boolean {
  return types.has((contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '');
}

/** Rule 23, to the letter. */
const types = new Set([
  'application/dash+xml',
  'application/eot',
  'application/font',
  'application/font-sfnt',
  'application/javascript',
  'application/json',
  'application/opentype',
  'application/otf',
  'application/pdf',
  'application/pkcs7-mime',
  'application/protobuf',
  'application/rss+xml',
  'application/truetype',
  'application/ttf',
  'application/vnd.apple.mpegurl',
  'application/vnd.mapbox-vector-tile',
  'application/vnd.ms-fontobject',
  'application/wasm',
  'application/xhtml+xml',
  'application/xml',
  'application/x-font-opentype',
  'application/x-font-truetype',
  'application/x-font-ttf',
  'application/x-httpd-cgi',
  'application/x-javascript',
  'application/x-mpegurl',
  'application/x-opentype',
  'application/x-otf',
  'application/x-perl',
  'application/x-ttf',
  'font/eot',
  'font/opentype',
  'font/otf',
  'font/ttf',
  'image/svg+xml',
  'text/css',
  'text/csv',
  'text/html',
  'text/javascript',
  'text/js',
  'text/plain',
  'text/richtext',
  'text/tab-separated-values',
  'text/xml',
  'text/x-component',
  'text/x-java-source',
  'text/x-script',
  'vnd.apple.mpegurl',
]);
