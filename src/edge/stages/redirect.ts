/**
 * redirect: sends a viewer to the same address over HTTPS (edge contract 1.10, rules 40 and 41). The
 * host is the one it asked for, path and query are the bytes that it sent; the port is that of HTTPS.
 */
import { formatHttpDate } from '../../http/dates.ts';
import { reasonPhrase } from '../../http/status.ts';
import type { Exchange } from '../exchange.ts';
import { ownHeaders } from '../own-headers.ts';

const defaultPort = 443;

export function redirect(x: Exchange): 'done' {
  const { method } = x.request;
  // RFC 9110 §15.4: with 307 the method stays, and the body is sent again.
  const status = method === 'GET' || method === 'HEAD' ? 301 : 307;
  const title = `${status} ${reasonPhrase(status)}`;
  const body = Buffer.from(
    `<!doctype html>\n<html lang="en"><head><title>${title}</title></head>\n<body><h1>${title}</h1></body></html>\n`,
    'utf8',
  );
  x.result = 'Redirect';
  const headers = [
    'Server',
    'CloudFront',
    'Date',
    formatHttpDate(x.clock.now()),
    'Content-Type',
    'text/html',
    'Content-Length',
    String(body.length),
    'Location',
    location(x),
  ];
  const head = { status, headers, ownHeaders: ownHeaders(x), close: false };
  x.answer.whole(head, method === 'HEAD' ? undefined : body);
  return x.go('done', 'sent to HTTPS', status);
}

/** A host with another character than those of names and ports was refused by `route`. */
function location({ edge, request: { hostText, path, query } }: Exchange): string {
  const host = hostText.replace(/:\d*$/, '');
  const { httpsPort } = edge.viewersAt;
  const port = httpsPort === defaultPort ? '' : `:${httpsPort}`;
  return `https://${host}${port}${path}${query === undefined ? '' : `?${query}`}`;
}
