/**
 * fetch: asks the origin for the object. Conditions and a range of the viewer go along (edge contract
 * 5.6, rule 28; 4.8 of API 2010-11-01), so a 304, 206, 412 or 416 may be the viewer's own.
 */
import { headerValue } from '../../http/header-list.ts';
import type { Exchange } from '../exchange.ts';
import { askOrigin } from '../ask-origin.ts';
import { hasConditions, headersForOrigin } from '../origin-request.ts';
import { arrive } from '../passing.ts';

export async function fetch(x: Exchange): Promise<'store' | 'refuse' | 'done'> {
  const headers = headersForOrigin(x);
  const outcome = await askOrigin(x, headers);
  if (outcome.kind === 'gone') return x.go('done', 'the viewer has gone');
  if (outcome.kind === 'failed') return x.refuse(outcome.page, outcome.why);
  const { status, body } = outcome.answer;
  const unasked =
    (status === 304 && !hasConditions(headers)) ||
    (status === 206 && headerValue(headers, 'range') === undefined);
  if (unasked) {
    body?.discard();
    return x.refuse(
      { name: 'originInvalidResponse' },
      `${status} to a request without a condition`,
    );
  }
  arrive(x, outcome);
  return x.go('store', `the origin answered ${status}`);
}
