/** What the edge says of itself on every answer (edge contract 8.1 and 8.2). */
import { type HeaderList, headerValue } from '../http/header-list.ts';
import { viaValue } from '../http/via.ts';
import type { Exchange } from './exchange.ts';

/** `ageS` is left out where the answer did not come out of the cache. */
export function ownHeaders(x: Exchange, ageS?: number): HeaderList {
  // The one of these that a response headers policy may remove (8.3, rule 3).
  const removed = x.behavior?.responseHeaders?.removed ?? [];
  const isShown = removed.length === 0 || !removed.some((name) => /^x-cache$/i.test(name));
  const headers = [
    ...(isShown ? ['X-Cache', `${x.result} from cloudfront`] : []),
    'Via',
    viaValue(x.request.httpVersion, x.edge.viaName),
    'X-Amz-Cf-Pop',
    x.edge.pop,
    'X-Amz-Cf-Id',
    x.id,
  ];
  if (ageS !== undefined) headers.push('Age', String(ageS));
  if (x.edge.explain && headerValue(x.request.headers, explainField) !== undefined) {
    headers.push('Warmfront-Explain', explanation(x));
  }
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

export const explainField = 'warmfront-explain';
const explanationCharactersMax = 2_000;

/** The way it took so far: each stage and why it was left; a stage is named by what it led to. */
function explanation({ steps }: Exchange): string {
  const said = steps
    .map(({ detail, exit, why }) =>
      detail === undefined ? `${exit} (${why})` : `${exit} (${why}: ${detail})`,
    )
    .join(', ');
  // Reasons may tell what an origin said, so what cannot stand in a field is left out.
  return said.replace(/[^\x20-\x7e]/g, '').slice(0, explanationCharactersMax);
}
