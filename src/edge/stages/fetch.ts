/**
 * fetch: asks the origin for the object. Conditions and a range of the viewer go along (edge contract
 * 5.6, rule 28; 4.8 of API 2010-11-01), so a 304, 206, 412 or 416 may be the viewer's own.
 */
import type { Exchange } from '../exchange.ts';
import { askOrigin } from '../ask-origin.ts';
import { beginFetch, refetch } from '../invalidated.ts';
import { headersForOrigin } from '../origin-request.ts';
import { arrive } from '../passing.ts';

export async function fetch(x: Exchange): Promise<'store' | 'fetch' | 'refuse' | 'done'> {
  beginFetch(x);
  const headers = headersForOrigin(x);
  const outcome = await askOrigin(x, headers);
  if (outcome.kind === 'gone') return x.go('done', 'the viewer has gone');
  if (outcome.kind === 'failed') return x.refuse(outcome.page, outcome.why);
  const again = refetch(x);
  if (again !== undefined) {
    outcome.answer.body?.discard();
    return again;
  }
  return arrive(x, headers, outcome);
}
