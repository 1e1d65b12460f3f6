/**
 * deriveKey: what has to be equal for two requests to share an object (edge contract 4.1 to 4.4).
 */
import { cacheKey } from '../../cache/cache-key.ts';
import { selectCookies } from '../../http/cookies.ts';
import { type HeaderList, joinedValue } from '../../http/header-list.ts';
import { selectQuery } from '../../http/query.ts';
import { isWebSocketHandshake } from '../../http/web-socket.ts';
import { selects } from '../../model/behavior-rules.ts';
import { encodingOf } from '../encodings.ts';
import type { Exchange } from '../exchange.ts';
import { routed } from '../routed.ts';

export function deriveKey(x: Exchange): 'lookUp' | 'webSocket' {
  const { behavior, distributionId } = routed(x);
  const { headers, method, query } = x.request;
  const { keyedCookies, keyedHeaders, keyedQuery } = behavior.rules;
  x.encoding = encodingOf(x);
  if (keyedQuery.kind !== 'none') x.query = selectQuery(query, (name) => selects(keyedQuery, name));
  if (keyedCookies.kind !== 'none') {
    x.cookies = selectCookies(headers, (name) => selects(keyedCookies, name));
  }
  x.key = cacheKey({
    distributionId,
    encoding: x.encoding,
    path: x.path,
    query: x.query,
    headers: keyedFields(headers, keyedHeaders),
    cookies: x.cookies,
    method: method === 'OPTIONS' ? method : undefined,
  });
  return isWebSocketHandshake(x.request)
    ? x.go('webSocket', 'a handshake of WebSocket')
    : x.go('lookUp', 'keyed under the encoding', x.encoding);
}

/** In the order of the names, which their order in the request has no part in; absent is not empty. */
function keyedFields(headers: HeaderList, names: readonly string[]): HeaderList {
  if (names.length === 0) return names;
  const fields: string[] = [];
  for (const name of names.toSorted()) {
    const value = joinedValue(headers, name);
    if (value !== undefined) fields.push(name, value);
  }
  return fields;
}
