/**
 * deliver: passes the origin's answer on as it arrives, no faster than the viewer takes it. What ends
 * too early is cut at the viewer as well and not stored (edge contract 5.10, rules 48 to 50).
 */
import assert from 'node:assert/strict';
import { headerValue } from '../../http/header-list.ts';
import { OriginFailure } from '../../origin/origin-failure.ts';
import type { Exchange } from '../exchange.ts';
import { ownHeaders } from '../own-headers.ts';
import type { Passing } from '../passing.ts';
import { ViewerGone } from '../viewer.ts';

export function deliver(x: Exchange): 'done' | Promise<'done'> {
  const { passing } = x;
  assert(passing, 'store comes before deliver');
  const { body, headers, keeping, status } = passing;
  const head = { status, headers, ownHeaders: ownHeaders(x), close: false };
  if (body !== undefined) {
    x.answer.begin(head);
    return passBody(x, passing);
  }
  if (keeping !== undefined) keeping.filling.finish(keeping.object);
  x.answer.whole(head, undefined);
  return x.go('done', 'delivered');
}

async function passBody(x: Exchange, { body, headers, keeping }: Passing): Promise<'done'> {
  assert(body, 'only a body is passed');
  const { answer } = x;
  const declared = Number(headerValue(headers, 'content-length') ?? Number.NaN);
  let passed = 0;
  try {
    for await (const piece of body) {
      keeping?.filling.add(piece);
      passed += piece.length;
      // With these bytes the viewer has all that was declared, and knows it before the origin's end
      // is heard here; its next request has to find what it was just given.
      if (passed === declared) keeping?.filling.finish(keeping.object);
      if (!answer.write(piece)) await answer.drained();
    }
  } catch (error) {
    keeping?.filling.abandon();
    if (error instanceof ViewerGone || answer.gone.aborted)
      return x.go('done', 'the viewer has gone');
    if (!(error instanceof OriginFailure)) throw error;
    x.failure = error;
    x.edge.failures.tell(x, error, 1);
    answer.cut();
    return x.go('done', `cut: ${error.message}`);
  }
  // Of an undeclared length, the viewer hears the end only now. Finishing twice does nothing.
  keeping?.filling.finish(keeping.object);
  answer.end();
  return x.go('done', 'delivered');
}
