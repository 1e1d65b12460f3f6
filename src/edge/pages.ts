/**
 * Answers the edge makes of itself (edge contract 7.1 to 7.3): every one in one table, with what is
 * refused, whose side it is on and what can be done. Nothing a viewer sent is repeated in them.
 */
import type { Clock } from '../base/clock.ts';
import { formatHttpDate } from '../http/dates.ts';
import type { HeaderList } from '../http/header-list.ts';
import { reasonPhrase } from '../http/status.ts';
import type { DetailedResult } from './result-types.ts';

type PageRow = {
  readonly status: number;
  /** Whether the connection ends, by rule 3 of 7.1 unless a reason stands beside it. */
  readonly close: boolean;
  readonly code: string;
  readonly sentence: string;
  /** After how many seconds it is worth another try. */
  readonly retryAfterS?: number;
};

const rows = {
  badRequest: {
    status: 400,
    close: true,
    code: 'BadRequest',
    sentence: 'The request is not valid HTTP. The client that sent it is at fault.',
  },
  invalidRootObject: {
    status: 400,
    close: true,
    code: 'BadRequest',
    sentence: 'The default root object of this site is not valid. Its operator can correct it.',
  },
  unknownHost: {
    status: 403,
    close: false,
    code: 'BadRequest',
    sentence: 'No site is served under this name here. Check the address.',
  },
  viewerProtocol: {
    status: 403,
    close: false,
    code: 'ViewerProtocol',
    sentence: 'This site is served over HTTPS only. Use an https address.',
  },
  invalidMethod: {
    status: 403,
    close: false,
    code: 'InvalidMethod',
    sentence: 'This method is not allowed here. The site takes GET and HEAD.',
  },
  invalidMethodWithBody: {
    status: 403,
    // The same answer; but its body is not read, so what follows it has no meaning.
    close: true,
    code: 'InvalidMethod',
    sentence: 'This method is not allowed here. The site takes GET and HEAD.',
  },
  bodyNotAllowed: {
    status: 403,
    // The body is not read, so what follows on the connection has no meaning (1.4, rule 16).
    close: true,
    code: 'BodyNotAllowed',
    sentence: 'A request of this method must not have a body. Send it without one.',
  },
  geoBlocked: {
    status: 403,
    close: false,
    code: 'GeoBlocked',
    sentence: 'This site is not served to the country that the request comes from.',
  },
  loop: {
    status: 403,
    close: false,
    code: 'RequestBlocked',
    sentence:
      'The request has passed through too many distributions. Their operator can shorten it.',
  },
  requestTimeout: {
    status: 408,
    close: true,
    code: 'BadRequest',
    sentence: 'The request did not arrive in time. The client was too slow.',
  },
  bodyTooLarge: {
    status: 413,
    close: true,
    code: 'BadRequest',
    sentence: 'The body of the request is larger than what is taken here. Send less.',
  },
  uriTooLong: {
    status: 414,
    close: true,
    code: 'UriTooLong',
    sentence: 'The address of the request is too long. The client can shorten it.',
  },
  rangeNotSatisfiable: {
    status: 416,
    close: true,
    code: 'BadRequest',
    sentence: 'The range asked for lies outside the object. Ask for a part that exists.',
  },
  expectationFailed: {
    status: 417,
    close: true,
    code: 'BadRequest',
    sentence: 'The request expects what is not offered here. Send it without Expect.',
  },
  misdirected: {
    status: 421,
    // What comes next on this connection would mostly be for the same host.
    close: true,
    code: 'Misdirected',
    sentence: 'This connection was made for another site. The client can open one for this site.',
  },
  headersTooLarge: {
    status: 494,
    close: true,
    code: 'HeadersTooLarge',
    sentence: 'The header fields of the request are too large. Clearing cookies may help.',
  },
  internal: {
    status: 500,
    close: true,
    code: 'Internal',
    sentence: 'The edge failed while it answered. Its operator finds the cause by the request id.',
  },
  notImplemented: {
    status: 501,
    close: true,
    code: 'BadRequest',
    sentence: 'The transfer coding of the request is not known here. Send it without one.',
  },
  originConnect: {
    status: 502,
    close: false,
    code: 'OriginConnect',
    sentence: 'The origin of this site cannot be reached. Its operator can check that it runs.',
  },
  originDns: {
    status: 502,
    close: false,
    code: 'OriginDns',
    sentence: 'The name of the origin leads nowhere. The operator of this site can correct it.',
  },
  originInvalidResponse: {
    status: 502,
    close: false,
    code: 'OriginInvalidResponse',
    sentence: 'The origin of this site did not answer in valid HTTP. Its operator can check it.',
  },
  originTls: {
    status: 502,
    close: false,
    code: 'OriginTls',
    sentence: 'No trusted connection to the origin is possible. Its certificate may be at fault.',
  },
  capacity: {
    status: 503,
    close: false,
    code: 'Capacity',
    sentence: 'The edge has too much to do for this site at the moment. Try again later.',
    retryAfterS: 5,
  },
  originTimeout: {
    status: 504,
    close: false,
    code: 'OriginTimeout',
    sentence: 'The origin of this site did not answer in time. Try again later.',
  },
  versionNotSupported: {
    status: 505,
    close: true,
    code: 'BadRequest',
    sentence: 'This version of HTTP is not spoken here. Use HTTP/1.1.',
  },
} as const satisfies Readonly<Record<string, PageRow>>;

export type PageName = keyof typeof rows;

export type RefusalPage = {
  readonly name: PageName | SignedAccessCode;
  /** Beside those of every page. */
  readonly headers?: HeaderList;
  /** What the access log says, where more is known than the page tells. */
  readonly detail?: DetailedResult;
};

/** Refusals of signed access have a form of their own (9.7). */
const signedAccess = {
  MissingKey: 'Missing Key-Pair-Id query parameter or cookie value',
  UnknownKey: 'Unknown Key',
  InvalidKey: 'Unknown Key',
  MalformedPolicy: 'Malformed Policy',
  AccessDenied: 'Access denied',
} as const;

export type SignedAccessCode = keyof typeof signedAccess;

export const pageNames = Object.freeze(Object.keys(rows).filter(isPageName));

export function statusOf({ name }: RefusalPage): number {
  return isPageName(name) ? rows[name].status : 403;
}

export type RenderedPage = {
  readonly status: number;
  readonly close: boolean;
  /** In the order of 7.2, up to where `Connection` stands. */
  readonly headers: HeaderList;
  readonly body: Uint8Array;
};

export function renderPage(
  { headers = [], name }: RefusalPage,
  { clock, id, pop }: { readonly clock: Clock; readonly id: string; readonly pop: string },
): RenderedPage {
  const status = statusOf({ name });
  const close = isPageName(name) && rows[name].close;
  const row: PageRow | undefined = isPageName(name) ? rows[name] : undefined;
  const retryAfter = row?.retryAfterS === undefined ? [] : ['Retry-After', String(row.retryAfterS)];
  const text = isPageName(name) ? html(rows[name], id, pop) : xml(name, signedAccess[name]);
  const body = Buffer.from(text, 'utf8');
  return {
    status,
    close,
    headers: [
      'Server',
      'CloudFront',
      'Date',
      formatHttpDate(clock.now()),
      'Content-Type',
      isPageName(name) ? 'text/html' : 'text/xml',
      'Content-Length',
      String(body.length),
      ...retryAfter,
      ...headers,
    ],
    body,
  };
}

function html({ code, sentence, status }: PageRow, id: string, pop: string): string {
  const title = `${status} ${reasonPhrase(status)}`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title></head>
<body><h1>${title}</h1>
<p>${sentence}</p>
<dl><dt>Error</dt><dd>${code}</dd><dt>Request ID</dt><dd>${id}</dd><dt>Location</dt><dd>${pop}</dd></dl>
</body></html>
`;
}

function xml(code: string, message: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
}

function isPageName(name: string): name is PageName {
  return Object.hasOwn(rows, name);
}
