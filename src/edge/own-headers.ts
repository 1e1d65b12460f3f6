/** What the edge says of itself on every answer (edge contract 8.1 and 8.2). */
import type { HeaderList } from '../http/header-list.ts';
import { viaValue } from '../http/via.ts';
import type { Exchange } from './exchange.ts';

/** `ageS` is left out where the answer did not come out of the cache. */
export function ownHeaders(x: Exchange, ageS?: number): HeaderList {
  const headers = [
    'X-Cache',
    `${x.result} from cloudfront`,
    'Via',
    viaValue(x.request.httpVersion, x.edge.viaName),
    'X-Amz-Cf-Pop',
    x.edge.pop,
    'X-Amz-Cf-Id',
    x.id,
  ];
  if (ageS !== undefined) headers.push('Age', String(ageS));
  return headers;
}

/**
 * The code of an edge location: letters and digits of its name, in upper case. Real ones are three
 * letters of an airport, a number and a suffix, such as `FRA56-P5`.
 */
export function popCode(edgeName: string): string {
  const code = edgeName.toUpperCase().replace(/[^0-9A-Z-]+/g, '');
  return code === '' ? 'EDGE' : code.slice(0, 32);
}
