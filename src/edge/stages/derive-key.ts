/**
 * deriveKey: what has to be equal for two requests to share an object, and what of query and cookies
 * goes to the origin, which may be more (edge contract 4.1 to 4.4).
 */
import { cacheKey } from '../../cache/cache-key.ts';
import { selectCookies } from '../../http/cookies.ts';
import { type HeaderList, joinedValue } from '../../http/header-list.ts';
import { selectQuery } from '../../http/query.ts';
import { isSigningCookie, readSignedQuery } from '../../http/signing-parameters.ts';
import { isWebSocketHandshake } from '../../http/web-socket.ts';
import {
  type BehaviorRules,
  forwardsCookies,
  isSent,
  selects,
} from '../../model/behavior-rules.ts';
import { encodingOf } from '../encodings.ts';
import type { Exchange } from '../exchange.ts';
import { behaviorOf, routed } from '../routed.ts';
import { factOf, isFactName } from '../viewer-facts.ts';

export function deriveKey(x: Exchange): 'lookUp' | 'webSocket' {
  const { cacheOwner } = routed(x);
  const behavior = behaviorOf(x);
  const { method } = x.request;
  x.encoding = encodingOf(x);
  const query = keyedQuery(x, behavior);
  x.keyedQuery = query;
  const cookies = keyedCookies(x, behavior);
  x.key = cacheKey({
    owner: cacheOwner,
    encoding: x.encoding,
    path: x.path,
    query,
    headers: keyedFields(x, behavior.rules.keyedHeaders),
    cookies,
    method: method === 'OPTIONS' ? method : undefined,
  });
  return isWebSocketHandshake(x.request)
    ? x.go('webSocket', 'a handshake of WebSocket')
    : x.go('lookUp', 'keyed under the encoding', x.encoding);
}

type Asked = { readonly isPrivate: boolean; readonly rules: BehaviorRules };

function keyedQuery(x: Exchange, { isPrivate, rules }: Asked): string | undefined {
  const { forwardedQuery, keyedQuery: keyed } = rules;
  if (keyed.kind === 'none' && forwardedQuery.kind === 'none') return undefined;
  // By these the viewer was let in; they are no part of what it asks for (rule 26).
  const given = isPrivate ? readSignedQuery(x.request.query).rest : x.request.query;
  x.query = selectQuery(given, (name) => isSent(keyed, forwardedQuery, name));
  return keyed.kind === 'none' ? undefined : selectQuery(given, (name) => selects(keyed, name));
}

function keyedCookies(x: Exchange, { isPrivate, rules }: Asked): string | undefined {
  if (!forwardsCookies(rules)) return undefined;
  const { forwardedCookies, keyedCookies: keyed } = rules;
  const isAsked = (name: string): boolean => !isPrivate || !isSigningCookie(name);
  const { headers } = x.request;
  x.cookies = selectCookies(
    headers,
    (name) => isAsked(name) && isSent(keyed, forwardedCookies, name),
  );
  return selectCookies(headers, (name) => isAsked(name) && selects(keyed, name));
}

/** In the order of the names, which their order in the request has no part in; absent is not empty. */
function keyedFields(x: Exchange, names: readonly string[]): HeaderList {
  if (names.length === 0) return names;
  const fields: string[] = [];
  for (const name of names.toSorted()) {
    const value = fieldOf(x, name);
    if (value !== undefined) fields.push(name, value);
  }
  return fields;
}

function fieldOf(x: Exchange, name: string): string | undefined {
  if (isFactName(name)) return factOf(x, name);
  const { request } = x;
  return name === 'host' ? request.hostText : joinedValue(request.headers, name);
}
