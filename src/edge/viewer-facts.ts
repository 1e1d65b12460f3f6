/**
 * What the edge says of a viewer in fields of its own, where a behavior names them (edge contract 4.6).
 * What a viewer sends under such a name counts for nothing. A fact that is not known, such as the
 * country, gives no field (rule 28).
 */
import type { Place } from '../geo/database.ts';
import { eachHeader, joinedValue } from '../http/header-list.ts';
import type { BehaviorRules } from '../model/behavior-rules.ts';
import type { Exchange } from './exchange.ts';
import { type Devices, devicesOf } from './viewer-device.ts';
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
export function factOf(x: Exchange, name: string): string | undefined {
  const { edge, facts, request } = x;
  if (facts !== undefined) return facts[name];
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
    case 'cloudfront-viewer-tls':
      return tlsFact(request);
    default:
      if (isDeviceFact(name)) return deviceFact(x, name);
      return placeFacts[name]?.(edge.places.find(request.address));
  }
}

/** Protocol, cipher, and what the connection cost the viewer. */
function tlsFact({ isLater, tls }: ViewerRequest): string | undefined {
  if (tls === undefined) return undefined;
  const handshake = tls.isResumed ? 'sessionResumed' : 'fullHandshake';
  return `${tls.protocol}:${tls.cipher}:${isLater === true ? 'connectionReused' : handshake}`;
}

const deviceFacts: Readonly<Record<string, keyof Devices>> = {
  'cloudfront-is-android-viewer': 'android',
  'cloudfront-is-desktop-viewer': 'desktop',
  'cloudfront-is-ios-viewer': 'ios',
  'cloudfront-is-mobile-viewer': 'mobile',
  'cloudfront-is-smarttv-viewer': 'smarttv',
  'cloudfront-is-tablet-viewer': 'tablet',
};

/** Looked at once, though a key and a request to the origin may hold all six. */
function deviceFact(x: Exchange, name: string): string | undefined {
  const kind = deviceFacts[name];
  x.devices ??= devicesOf(joinedValue(x.request.headers, 'user-agent') ?? '');
  return kind === undefined ? undefined : String(x.devices[kind]);
}

/** `name` in lower case. */
export function isDeviceFact(name: string): boolean {
  return Object.hasOwn(deviceFacts, name);
}

const placeFacts: Readonly<Record<string, (place: Place) => string | undefined>> = {
  'cloudfront-viewer-asn': ({ asn }) => asn?.toString(),
  'cloudfront-viewer-country': ({ country }) => country,
  'cloudfront-viewer-country-name': ({ countryName }) => inField(countryName),
  'cloudfront-viewer-country-region': ({ region }) => inField(region),
  'cloudfront-viewer-country-region-name': ({ regionName }) => inField(regionName),
  'cloudfront-viewer-city': ({ city }) => inField(city),
  'cloudfront-viewer-latitude': ({ latitude }) => latitude?.toFixed(degreeDigits),
  'cloudfront-viewer-longitude': ({ longitude }) => longitude?.toFixed(degreeDigits),
  'cloudfront-viewer-metro-code': ({ metroCode }) => metroCode?.toString(),
  'cloudfront-viewer-postal-code': ({ postalCode }) => inField(postalCode),
  'cloudfront-viewer-time-zone': ({ timeZone }) => inField(timeZone),
};

const degreeDigits = 5;

/** What is not in visible ASCII stands percent-encoded in UTF-8 (rule 28). */
function inField(text: string | undefined): string | undefined {
  return text?.replace(/[^\x20-\x7e]/gu, (character) =>
    Buffer.from(character, 'utf8')
      .toString('hex')
      .replace(/../g, (byte) => `%${byte.toUpperCase()}`),
  );
}

function headerNames({ headers }: ViewerRequest): readonly string[] {
  return [...eachHeader(headers)].map(([name]) => name);
}
