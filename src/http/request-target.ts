/**
 * The target of a request, taken apart (RFC 9112 §3.2). Path and query stay byte for byte as they
 * were sent (edge contract 1.9, rule 35); nothing is decoded here.
 */
import { headerValues } from './header-list.ts';
import type { RequestHead } from './request-head.ts';

export type RequestUrl = {
  /** Unparsed, as sent. */
  readonly hostText: string;
  /** Begins with `/`, but for CONNECT and `*`. */
  readonly path: string;
  /** Without its `?`; undefined where there is none. */
  readonly query: string | undefined;
};

const absoluteForm = /^https?:\/\/([^/?]*)(.*)$/i;

/** Undefined: the target or the `Host` fields have no form that names one resource of one host. */
export function parseRequestUrl(head: RequestHead): RequestUrl | undefined {
  const [host, ...others] = headerValues(head.headers, 'host');
  if (others.length > 0 || (host === undefined && head.version === '1.1')) return undefined;
  if (head.target.startsWith('/')) {
    return host === undefined ? undefined : { hostText: host, ...splitQuery(head.target) };
  }
  // Forms of their own (RFC 9112 §3.2.3 and §3.2.4); no behavior allows these methods.
  if (head.method === 'CONNECT' || head.target === '*') {
    return { hostText: host ?? '', path: head.target, query: undefined };
  }
  // RFC 9112 §3.2.2: the host of an absolute target stands in for what the Host field says.
  const absolute = absoluteForm.exec(head.target);
  if (absolute === null) return undefined;
  const [, authority = '', rest = ''] = absolute;
  if (authority.includes('@')) return undefined;
  return { hostText: authority, ...splitQuery(rest.startsWith('/') ? rest : `/${rest}`) };
}

export function splitQuery(target: string): Pick<RequestUrl, 'path' | 'query'> {
  const mark = target.indexOf('?');
  if (mark < 0) return { path: target, query: undefined };
  return { path: target.slice(0, mark), query: target.slice(mark + 1) };
}
