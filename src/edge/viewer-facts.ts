/**
 * What the edge says of a viewer in fields of its own, where a behavior names them (edge contract 4.6).
 * What a viewer sends under such a name counts for nothing. A fact that is not known, such as the
 * country, gives no field (rule 28).
 */
import { eachHeader } from '../http/header-list.ts';
import type { BehaviorRules } from '../model/behavior-rules.ts';
import type { ViewerRequest } from './viewer.ts';

const prefix = 'cloudfront-';
const headerOrderCharactersMax = 7_680;

/** `name` is in lower case. */
export function isFactName(name: string): boolean {
  return name.startsWith(prefix);
}

/** The facts that the origin is told, by name. */
export function namedFacts({ forwardedHeaders, keyedHeaders }: BehaviorRules): readonly string[] {
  const forwarded =
    forwardedHeaders.kind === 'only' || forwardedHeaders.kind === 'all-and'
      ? forwardedHeaders.names
      : [];
  return [...new Set([...keyedHeaders, ...forwarded])].filter(isFactName);
}

/** Undefined where it is not known. */
export function factOf(request: ViewerRequest, name: string): string | undefined {
  switch (name) {
    case 'cloudfront-forwarded-proto':
      return request.scheme;
    case 'cloudfront-viewer-http-version':
      return request.httpVersion;
    case 'cloudfront-viewer-address':
      return `${request.address}:${request.port}`;
    case 'cloudfront-viewer-header-order':
      return headerNames(request).join(':').slice(0, headerOrderCharactersMax);
    case 'cloudfront-viewer-header-count':
      return String(headerNames(request).length);
    default:
      return undefined;
  }
}

function headerNames({ headers }: ViewerRequest): readonly string[] {
  return [...eachHeader(headers)].map(([name]) => name);
}
