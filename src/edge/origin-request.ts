/**
 * The fields an origin is sent (edge contract 4.5, and 4.3 of API 2010-11-01), made anew from the
 * viewer's: what the table removes is left out, what it replaces is set, all else goes along.
 */
import type { Validators } from '../http/conditionals.ts';
import {
  endToEnd,
  headerValue,
  type HeaderList,
  joinedValue,
  selectHeaders,
} from '../http/header-list.ts';
import { surrogateCapability } from '../http/targeted-control.ts';
import { viaValue } from '../http/via.ts';
import { isCachedMethod, isLegacy, namesHeader } from '../model/behavior-rules.ts';
import { encodingForOrigin, tellsCodingsApart } from './encodings.ts';
import type { Exchange } from './exchange.ts';
import { explainField } from './own-headers.ts';
import { behaviorOf } from './routed.ts';
import { factOf, isFactName, namedFacts } from './viewer-facts.ts';

/** Never as the viewer sent them: removed, or made by the edge. */
const ours = new Set([
  'cdn-loop',
  'content-length',
  'cookie',
  explainField,
  'host',
  'via',
  'x-amz-cf-id',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-real-ip',
]);

/** Removed unless the behavior names them, or forwards all fields. */
const removed = new Set([
  'accept',
  'accept-charset',
  'accept-language',
  'expect',
  'referer',
  'user-agent',
  'x-http-method-override',
]);

/** What goes along unnamed though the behavior has a cache policy; of the rest nothing does. */
const usual = new Set([
  'cache-control',
  'content-md5',
  'content-type',
  'date',
  'from',
  'max-forwards',
  'origin',
  'pragma',
  'request-range',
  'warning',
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
  const { body, headers, hostText, httpVersion, method } = x.request;
  const { failover, origin, rules } = behaviorOf(x);
  // What buckets are not told is left out for each (origin/origin-specifics.ts).
  const isCustom = origin.kind === 'custom' || failover?.origin.kind === 'custom';
  const takesRange = method === 'GET' && validators === undefined;
  const sent: string[] = [
    ...selectHeaders(endToEnd(headers), (name) => {
      if (name === 'range' || name === 'if-range') return takesRange;
      if (conditional.has(name)) return validators === undefined;
      if (ours.has(name) || name.startsWith('x-edge-') || isFactName(name)) return false;
      if (name === 'surrogate-capability') return !x.edge.standards;
      return isForwarded(x, name);
    }),
  ];
  if (isCustom && namesHeader(rules, 'host')) sent.push('Host', hostText);
  if (validators?.etag !== undefined) sent.push('If-None-Match', validators.etag);
  if (validators?.lastModified !== undefined) {
    sent.push('If-Modified-Since', validators.lastModified);
  }
  if (body?.length !== undefined) sent.push('Content-Length', String(body.length));
  if (x.cookies !== undefined) sent.push('Cookie', x.cookies);
  const encoding = encodingForOrigin(x);
  if (encoding !== undefined) sent.push('Accept-Encoding', encoding);
  if (headerValue(sent, 'user-agent') === undefined) sent.push('User-Agent', 'Amazon CloudFront');
  for (const name of namedFacts(rules)) {
    const fact = factOf(x, name);
    if (fact !== undefined) sent.push(name, fact);
  }
  sent.push('Via', appended(headers, 'via', viaValue(httpVersion, x.edge.viaName)));
  sent.push('CDN-Loop', appended(headers, 'cdn-loop', x.edge.routing.domain));
  // A bucket sees the edge, not who stands behind it.
  if (isCustom) pushWhoAsks(x, sent);
  sent.push('X-Amz-Cf-Id', x.id);
  return sent;
}

/** The table of edge contract 4.5, for what the edge does not make itself. */
function isForwarded(x: Exchange, name: string): boolean {
  const { rules } = behaviorOf(x);
  if (name === 'accept-encoding') return !tellsCodingsApart(x) && namesHeader(rules, name);
  if (namesHeader(rules, name)) return true;
  if (name === 'authorization') return !isCachedMethod(rules, x.request.method);
  return isLegacy(rules) ? !removed.has(name) : usual.has(name);
}

function pushWhoAsks(x: Exchange, sent: string[]): void {
  const { address, headers } = x.request;
  sent.push('X-Forwarded-For', appended(headers, 'x-forwarded-for', address));
  if (!x.edge.standards) return;
  sent.push('Surrogate-Capability', appended(headers, 'surrogate-capability', surrogateCapability));
}

/** What makes an answer one for this viewer alone; `name` in lower case. */
export function isConditional(name: string): boolean {
  return name === 'range' || conditional.has(name);
}

export function hasConditions(headers: HeaderList): boolean {
  return headers.some((text, index) => index % 2 === 0 && conditional.has(text.toLowerCase()));
}

function appended(headers: HeaderList, name: string, own: string): string {
  const given = joinedValue(headers, name)?.trim() ?? '';
  return given === '' ? own : `${given}, ${own}`;
}
