/**
 * errorPage: the viewer gets a page of the distribution in place of an error (edge contract 7.4). The
 * error itself is read to its end where it is kept, so that it is remembered as long as it should be.
 */
import assert from 'node:assert/strict';
import type { OriginBody } from '../../origin/origin-answer.ts';
import { OriginFailure } from '../../origin/origin-failure.ts';
import { errorPageFor, exchangeForPage } from '../error-page.ts';
import type { Exchange } from '../exchange.ts';
import { statusOf } from '../pages.ts';

/** `run` takes the exchange of the page from its behavior to its end. */
export async function errorPage(
  x: Exchange,
  run: (page: Exchange) => Promise<void>,
): Promise<'done'> {
  const { page, passing, stored } = x;
  const status = page === undefined ? (passing ?? stored)?.status : statusOf(page);
  const response = status === undefined ? undefined : errorPageFor(x, status);
  assert(response, 'only errors that have a page come here');
  if (page === undefined && passing?.body !== undefined) {
    if (passing.keeping === undefined) passing.body.discard();
    else await readToEnd(passing.body);
  }
  x.page = undefined;
  x.result = 'Error';
  await run(exchangeForPage(x, response));
  return x.go('done', 'a page in place of the error', status);
}

/** What ends too early is not kept; the viewer gets the page all the same. */
async function readToEnd(body: OriginBody): Promise<void> {
  try {
    for await (const _ of body);
  } catch (error) {
    if (!(error instanceof OriginFailure)) throw error;
  }
}
