/**
 * Asks the origin for the object of an exchange, or whether it still stands, and sees to what is the
 * same for both: an origin that fails, an answer that an invalidation has overtaken, and what is
 * stale in the place of an error (edge contract 5.7, 5.8 and 12.7).
 */
import type { HeaderList } from '../http/header-list.ts';
import { askOrigin, type Asked } from './ask-origin.ts';
import type { Exchange } from './exchange.ts';
import { originFailed, serveStale } from './failing-origin.ts';
import { beginFetch, refetch } from './invalidated.ts';
import { land } from './landing.ts';
import { askShield } from './shield/ask-shield.ts';

/** Where the exchange goes on, if the answer is none to pass on. */
export type Elsewhere = { readonly exit: 'deliverStored' | 'fetch' | 'refuse' | 'done' };

export async function askForObject(x: Exchange, headers: HeaderList): Promise<Asked | Elsewhere> {
  beginFetch(x);
  const outcome = (await askShield(x, headers)) ?? (await askOrigin(x, headers));
  if (outcome.kind === 'gone') return { exit: x.go('done', 'the viewer has gone') };
  if (outcome.kind === 'failed') {
    const exit = originFailed(x, outcome.page, outcome.why);
    land(x, exit === 'refuse' ? { kind: 'refused', page: outcome.page } : { kind: 'look-again' });
    return { exit };
  }
  const { answer } = outcome;
  const again = refetch(x);
  if (again !== undefined) {
    answer.body?.discard();
    x.stored = undefined;
    return { exit: again };
  }
  if (x.shieldResult === 'hit') x.result = 'Hit';
  if (answer.status < 500) return outcome;
  const stale = serveStale(x, answer.status, `status ${answer.status}`);
  if (stale === undefined) return outcome;
  answer.body?.discard();
  land(x, { kind: 'look-again' });
  return { exit: stale };
}
