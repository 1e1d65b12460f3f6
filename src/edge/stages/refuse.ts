/** refuse: gives an answer of the edge's own (edge contract 7). */
import assert from 'node:assert/strict';
import type { Exchange } from '../exchange.ts';
import { ownHeaders } from '../own-headers.ts';
import { renderPage } from '../pages.ts';

export function refuse(x: Exchange): 'done' {
  assert(x.page, 'a refusal names its page');
  const { clock, pop } = x.edge;
  const { body, close, headers, status } = renderPage(x.page, { clock, id: x.id, pop });
  x.result = 'Error';
  const isHead = x.request.method === 'HEAD';
  x.answer.whole({ status, headers, ownHeaders: ownHeaders(x), close }, isHead ? undefined : body);
  return x.go('done', 'refused', status);
}
