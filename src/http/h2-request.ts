/**
 * The header fields of an HTTP/2 request, read into what the edge knows a request by (RFC 9113 §8.3,
 * and edge contract 1.1 and 1.6). The engine has refused by then what is malformed as HTTP/2; here the
 * rules stand that are the same for every version of HTTP.
 */
import { type HeaderList, isFieldValue, isToken } from './header-list.ts';
import type { HeadBounds } from './request-head.ts';
import { splitQuery } from './request-target.ts';

export type H2RequestHead = {
  readonly method: string;
  readonly hostText: string;
  readonly path: string;
  readonly query: string | undefined;
  /** With the `Host` that a request of HTTP/1.1 would have, and one `Cookie` for all its crumbs. */
  readonly headers: HeaderList;
  /** As declared. */
  readonly contentLength: number | undefined;
  /** Names and values, without what stands between them. */
  readonly bytes: number;
};

export type H2HeadFault = { readonly status: 400 | 414 | 494; readonly why: string };

/** What SETTINGS_MAX_HEADER_LIST_SIZE counts for a field beside its name and value (RFC 9113 §6.5.2). */
const fieldOverheadBytes = 32;

const pathForm = /^[\x21\x22\x24-\x7e\x80-\xff]+$/;

export function listBytes(fields: HeaderList): number {
  let bytes = (fields.length / 2) * fieldOverheadBytes;
  for (const text of fields) bytes += text.length;
  return bytes;
}

export function parseH2Head(fields: HeaderList, bounds: HeadBounds): H2RequestHead | H2HeadFault {
  const pseudo = new Map<string, string>();
  const headers: string[] = [];
  let cookieAt: number | undefined;
  let host: string | undefined;
  let contentLength: number | undefined;
  let bytes = 0;
  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index] ?? '';
    const value = fields[index + 1] ?? '';
    bytes += name.length + value.length;
    if (name.startsWith(':')) {
      pseudo.set(name, value);
      continue;
    }
    if (!isToken(name)) return bad('a field name has another form');
    if (name.length > bounds.fieldNameBytesMax) {
      return { status: 494, why: 'a field name is too long' };
    }
    if (!isFieldValue(value)) return bad('a field value holds a control character');
    if (name === 'cookie' && cookieAt !== undefined) {
      // RFC 9113 §8.2.3: crumbs are one field wherever HTTP/2 ends.
      headers[cookieAt] += `; ${value}`;
      continue;
    }
    if (name === 'cookie') cookieAt = headers.length + 1;
    else if (name === 'host') host = value;
    else if (name === 'content-length') contentLength = Number(value);
    headers.push(name, value);
  }
  if (fields.length / 2 - pseudo.size > bounds.fieldsMax) {
    return { status: 494, why: 'too many fields' };
  }

  const method = pseudo.get(':method') ?? '';
  const authority = pseudo.get(':authority');
  if (!isToken(method)) return bad('the method is no token');
  if (authority !== undefined && host !== undefined && !isSameHost(authority, host)) {
    return bad('Host and :authority differ');
  }
  const hostText = authority ?? host ?? '';
  if (!isFieldValue(hostText) || hostText.includes('@')) return bad(':authority is no host');
  if (host === undefined) headers.unshift('host', hostText);
  const rest = { method, hostText, headers, contentLength, bytes };
  if (method === 'CONNECT') return { ...rest, path: hostText, query: undefined };
  if (pseudo.get(':scheme') !== 'https') return bad('the scheme is not that of the connection');
  const path = pseudo.get(':path') ?? '';
  if (path.length > bounds.urlBytesMax) return { status: 414, why: 'the target is too long' };
  if (!pathForm.test(path)) return bad('the path has another form');
  return { ...rest, ...splitQuery(path) };
}

/** The port that https has by itself may be left out (RFC 9110 §4.2.3). */
function isSameHost(authority: string, host: string): boolean {
  return withoutPort(authority) === withoutPort(host);
}

function withoutPort(host: string): string {
  return host.toLowerCase().replace(/:443$/, '');
}

function bad(why: string): H2HeadFault {
  return { status: 400, why };
}
