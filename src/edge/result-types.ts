/**
 * What the access log says of how an exchange ended (edge contract 13.2 and 13.3): judged before the
 * answer is sent, after its last byte, and in detail. Only what this edge can tell apart is told.
 */
import type { OriginFailure } from '../origin/origin-failure.ts';
import type { CacheResult, Exchange } from './exchange.ts';
import type { RefusalPage } from './pages.ts';
import type { AnswerAccount } from './viewer.ts';

export type ResultType = CacheResult | 'CapacityExceeded';

export type DetailedResult =
  | ResultType
  | 'ClientCommError'
  | 'ClientGeoBlocked'
  | 'ClientHungUpRequest'
  | 'InternalError'
  | 'InvalidRequest'
  | 'InvalidRequestBlocked'
  | 'InvalidRequestCertificate'
  | 'InvalidRequestHeader'
  | 'InvalidRequestMethod'
  | 'OriginCommError'
  | 'OriginConnectError'
  | 'OriginContentRangeLengthError'
  | 'OriginDnsError'
  | 'OriginHeaderTooBigError'
  | 'OriginInvalidResponseError'
  | 'OriginReadError'
  | 'OriginShieldHit';

export type ResultTypes = {
  readonly resultType: ResultType;
  readonly responseResultType: ResultType;
  readonly detailedResultType: DetailedResult;
};

/** How most exchanges end: whole, and nothing wrong with them. */
const plainTypes: Readonly<Record<CacheResult, ResultTypes>> = {
  Hit: sameTypes('Hit'),
  RefreshHit: sameTypes('RefreshHit'),
  Miss: sameTypes('Miss'),
  Redirect: sameTypes('Redirect'),
  Error: sameTypes('Error'),
};

const shieldTypes: ResultTypes = {
  ...plainTypes.Hit,
  detailedResultType: 'OriginShieldHit',
};

function sameTypes(type: ResultType): ResultTypes {
  return { resultType: type, responseResultType: type, detailedResultType: type };
}

export function resultTypes(
  {
    cutBecause,
    page,
    result,
    shieldResult,
  }: Pick<Exchange, 'cutBecause' | 'page' | 'result' | 'shieldResult'>,
  { head, outcome }: Pick<AnswerAccount, 'head' | 'outcome'>,
): ResultTypes {
  if (outcome === 'whole' && page === undefined) {
    return result === 'Hit' && shieldResult === 'hit' ? shieldTypes : plainTypes[result];
  }
  const judged = page?.name === 'capacity' ? 'CapacityExceeded' : result;
  if (outcome === 'left') {
    return {
      resultType: 'Error',
      responseResultType: head === undefined ? 'Error' : judged,
      detailedResultType: head === undefined ? 'ClientHungUpRequest' : 'ClientCommError',
    };
  }
  if (page !== undefined) {
    return {
      resultType: judged,
      responseResultType: judged,
      detailedResultType: page.detail ?? detailsOfPages[page.name],
    };
  }
  return {
    resultType: 'Error',
    responseResultType: judged,
    // Where nothing is said, less came from the origin than it had promised.
    detailedResultType: cutBecause ?? 'OriginReadError',
  };
}

/** What a page tells by its name; the one who gives it may know more. */
const detailsOfPages: Readonly<Record<RefusalPage['name'], DetailedResult>> = {
  badRequest: 'InvalidRequest',
  bodyNotAllowed: 'InvalidRequest',
  bodyTooLarge: 'InvalidRequest',
  requestTimeout: 'InvalidRequest',
  uriTooLong: 'InvalidRequest',
  notImplemented: 'InvalidRequest',
  versionNotSupported: 'InvalidRequest',
  invalidMethod: 'InvalidRequestMethod',
  invalidMethodWithBody: 'InvalidRequestMethod',
  expectationFailed: 'InvalidRequestHeader',
  headersTooLarge: 'InvalidRequestHeader',
  rangeNotSatisfiable: 'InvalidRequestHeader',
  misdirected: 'InvalidRequestCertificate',
  unknownHost: 'InvalidRequestBlocked',
  viewerProtocol: 'InvalidRequestBlocked',
  geoBlocked: 'ClientGeoBlocked',
  loop: 'InvalidRequestBlocked',
  MissingKey: 'InvalidRequestBlocked',
  UnknownKey: 'InvalidRequestBlocked',
  InvalidKey: 'InvalidRequestBlocked',
  MalformedPolicy: 'InvalidRequestBlocked',
  AccessDenied: 'InvalidRequestBlocked',
  internal: 'InternalError',
  // The request is good and the origin was not asked.
  invalidRootObject: 'Error',
  capacity: 'CapacityExceeded',
  originConnect: 'OriginConnectError',
  originDns: 'OriginDnsError',
  originInvalidResponse: 'OriginInvalidResponseError',
  originTls: 'OriginConnectError',
  originTimeout: 'OriginCommError',
};

export function detailOfFailure({ at, reason }: OriginFailure): DetailedResult {
  if (reason === 'capacity') return 'CapacityExceeded';
  if (reason === 'timeout') return 'OriginCommError';
  if (at === 'dns') return 'OriginDnsError';
  if (at === 'connect' || at === 'tls') return 'OriginConnectError';
  if (reason === 'headers-too-large') return 'OriginHeaderTooBigError';
  return reason === 'invalid' ? 'OriginInvalidResponseError' : 'OriginReadError';
}
