/**
 * deliver: passes the origin's answer on as it arrives, no faster than the viewer takes it. What ends
 * too early is cut at the viewer as well and not stored (edge contract 5.10, rules 48 to 50).
 */
import assert from 'node:assert/strict';
import type { OriginBody } from '../../origin/origin-answer.ts';
import { cutAnswer } from '../cut-answer.ts';
import { errorPageFor } from '../error-page.ts';
import type { Exchange } from '../exchange.ts';
import { ownHeaders } from '../own-headers.ts';
import { answeredHeaders } from '../response-headers.ts';

export function deliver(x: Exchange): 'done' | 'errorPage' | Promise<'done'> {
  const { passing } = x;
  assert(passing, 'store comes before deliver');
  const { body, status } = passing;
  if (errorPageFor(x, status) !== undefined) return x.go('errorPage', 'an error that has a page');
  const headers = answeredHeaders(x, passing.headers);
  const head = { status, headers, ownHeaders: ownHeaders(x, x.ageS), close: false };
  if (body !== undefined) {
    x.answer.begin(head);
    return passBody(x, body);
  }
  x.answer.whole(head, undefined);
  return x.go('done', 'delivered');
}

async function passBody(x: Exchange, body: OriginBody): Promise<'done'> {
  const { answer } = x;
  // Nothing may come for long, and somebody else may still read the same body.
  const leave = (): void => body.discard();
  answer.gone.addEventListener('abort', leave, { once: true });
  try {
    for await (const piece of body) {
      if (!answer.write(piece)) await answer.drained();
    }
  } catch (error) {
    return cutAnswer(x, error);
  } finally {
    answer.gone.removeEventListener('abort', leave);
  }
  if (answer.gone.aborted) return x.go('done', 'the viewer has gone');
  answer.end();
  return x.go('done', 'delivered');
}
