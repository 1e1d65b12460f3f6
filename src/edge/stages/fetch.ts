/**
 * fetch: asks the origin for the object. Conditions and a range of the viewer go along (edge contract
 * 5.6, rule 28; 4.8 of API 2010-11-01), so a 304, 206, 412 or 416 may be the viewer's own.
 */
import type { Exchange } from '../exchange.ts';
import { askOrigin } from '../ask-origin.ts';
import { originFailed, serveStale } from '../failing-origin.ts';
import { beginFetch, refetch } from '../invalidated.ts';
import { land } from '../landing.ts';
import { headersForOrigin } from '../origin-request.ts';
import { arrive } from '../passing.ts';

type Exit = 'compress' | 'deliverStored' | 'fetch' | 'refuse' | 'done';

export async function fetch(x: Exchange): Promise<Exit> {
  beginFetch(x);
  // Who asks for others asks without conditions of its own.
  const headers = headersForOrigin(x, x.flight === undefined ? undefined : noValidators);
  const outcome = await askOrigin(x, headers);
  if (outcome.kind === 'gone') return x.go('done', 'the viewer has gone');
  if (outcome.kind === 'failed') {
    const exit = originFailed(x, outcome.page, outcome.why);
    land(x, exit === 'refuse' ? { kind: 'refused', page: outcome.page } : { kind: 'look-again' });
    return exit;
  }
  const { answer } = outcome;
  const again = refetch(x);
  if (again !== undefined) {
    answer.body?.discard();
    x.stored = undefined;
    return again;
  }
  if (answer.status >= 500) {
    const stale = serveStale(x, answer.status, `status ${answer.status}`);
    if (stale !== undefined) {
      answer.body?.discard();
      land(x, { kind: 'look-again' });
      return stale;
    }
  }
  return arrive(x, headers, outcome);
}

const noValidators = { etag: undefined, lastModified: undefined };
