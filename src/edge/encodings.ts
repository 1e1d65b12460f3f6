/**
 * What an exchange makes of `Accept-Encoding` (the table of edge contract 4.3): the form that is part
 * of the key, and what the origin is sent.
 */
import {
  type Codings,
  type NormalisedEncoding,
  normaliseEncoding,
} from '../http/accept-encoding.ts';
import { headerValue } from '../http/header-list.ts';
import type { Exchange } from './exchange.ts';
import { behaviorOf } from './routed.ts';

const gzipAlone: Codings = { gzip: true, brotli: false };

/** Undefined: the field is like any other, and goes by the lists of names. */
function countedCodings(x: Exchange): Codings | undefined {
  const { origin, rules } = behaviorOf(x);
  if (rules.keyedHeaders.includes('accept-encoding')) return undefined;
  const { encodings } = rules;
  if (encodings.kind === 'policy') {
    return encodings.gzip || encodings.brotli ? encodings : undefined;
  }
  // What a bucket holds is what it is, unless the edge compresses it.
  return origin.kind === 'custom' || rules.compress ? gzipAlone : undefined;
}

export function tellsCodingsApart(x: Exchange): boolean {
  return countedCodings(x) !== undefined;
}

/** A viewer of HTTP/1.0 counts as one that says nothing. */
export function encodingOf(x: Exchange): NormalisedEncoding {
  const counted = countedCodings(x);
  if (counted === undefined || x.request.httpVersion === '1.0') return 'identity';
  return normaliseEncoding(x.request.headers, counted);
}

/** Undefined: none. */
export function encodingForOrigin(x: Exchange): string | undefined {
  if (x.encoding !== 'identity') return x.encoding;
  const { encodings } = behaviorOf(x).rules;
  const { headers, httpVersion } = x.request;
  return encodings.kind === 'policy' &&
    httpVersion !== '1.0' &&
    headerValue(headers, 'accept-encoding') !== undefined &&
    tellsCodingsApart(x)
    ? 'identity'
    : undefined;
}
