/**
 * Unsafe methods change what a URL stands for, so what is stored of it is not served any more (RFC
 * 9111 §4.4). CloudFront does not do this; it is part of `--standards`. What is written down is a
 * moment, as all variants of the URL are meant, and a fetch begun before it brings nothing back.
 */
import type { Instant } from '../base/clock.ts';
import { headerValue } from '../http/header-list.ts';
import type { Exchange } from './exchange.ts';
import { routed } from './routed.ts';

/** Was the URL written to since then, or just then? */
export function isWrittenSince(x: Exchange, since: Instant): boolean {
  if (!x.edge.standards) return false;
  const { path, query } = x;
  const at = x.edge.notes.writes.get(urlKey(x, path, query));
  return at !== undefined && at >= since;
}

/** The origin has answered `x` with a status that is no error. */
export function noteWrite(x: Exchange): void {
  const { clock, notes } = x.edge;
  const now = clock.now();
  notes.writes.set(urlKey(x, x.path, x.query), now);
  for (const field of ['location', 'content-location']) {
    const named = namedBy(x, headerValue(x.passing?.originHeaders ?? [], field));
    if (named !== undefined) notes.writes.set(urlKey(x, named.path, named.query), now);
  }
}

/** Of the same host only: nobody speaks for another's URLs. */
function namedBy(x: Exchange, text: string | undefined) {
  const { path, request } = x;
  const own = `${request.scheme}://${request.hostText}`;
  if (text === undefined || !URL.canParse(text, own + path)) return undefined;
  const url = new URL(text, own + path);
  if (!URL.canParse(own) || url.host !== new URL(own).host) return undefined;
  return { path: url.pathname, query: url.search === '' ? undefined : url.search.slice(1) };
}

function urlKey(x: Exchange, path: string, query: string | undefined): string {
  const url = query === undefined ? path : `${path}?${query}`;
  return `${routed(x).cacheOwner} ${url}`;
}
