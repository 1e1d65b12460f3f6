/**
 * What becomes of an answer that has begun and cannot be finished: it is cut at the viewer as well, so
 * that nobody takes part of a body for the whole (edge contract 5.10, rules 48 to 50).
 */
import { OriginFailure } from '../origin/origin-failure.ts';
import type { Exchange } from './exchange.ts';
import { detailOfFailure } from './result-types.ts';
import { ViewerGone } from './viewer.ts';

/** Throws the `error` on where it is neither the viewer's going nor the origin's failure. */
export function cutAnswer(x: Exchange, error: unknown): 'done' {
  if (error instanceof ViewerGone || x.answer.gone.aborted) {
    return x.go('done', 'the viewer has gone');
  }
  if (!(error instanceof OriginFailure)) throw error;
  x.cutBecause = detailOfFailure(error);
  x.edge.failures.tell(x, error, 1);
  x.answer.cut();
  return x.go('done', 'cut', error.message);
}
