/** refuse: gives an answer of the edge's own (edge contract 7). */
import assert from 'node:assert/strict';
import { errorPageFor, isReplaceable } from '../error-page.ts';
import type { Exchange } from '../exchange.ts';
import { ownHeaders } from '../own-headers.ts';
import { renderPage, statusOf } from '../pages.ts';
import { answeredHeaders } from '../response-headers.ts';

export function refuse(x: Exchange): 'done' | 'errorPage' {
  assert(x.page, 'a refusal names its page');
  if (isReplaceable(x.page) && errorPageFor(x, statusOf(x.page)) !== undefined) {
    return x.go('errorPage', 'an error that has a page');
  }
  const { clock, pop } = x.edge;
  const { body, close, headers: plain, status } = renderPage(x.page, { clock, id: x.id, pop });
  x.result = 'Error';
  const headers = answeredHeaders(x, plain);
  const isHead = x.request.method === 'HEAD';
  x.answer.whole({ status, headers, ownHeaders: ownHeaders(x), close }, isHead ? undefined : body);
  return x.go('done', 'refused', status);
}
