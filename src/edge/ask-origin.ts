/**
 * Asks the origin until it answers or the attempts are used up (edge contract 10.4). Until a request
 * has been sent any may be repeated; GET and HEAD also when their answer stays out, since nothing has
 * gone to the viewer yet.
 *
 * A connection that was kept open may be closed by the origin just as it is used again; one repeat
 * for that costs no attempt (10.3, rule 8).
 */
import type { Instant } from '../base/clock.ts';
import { BodyFault } from '../http/body-framing.ts';
import type { HeaderList } from '../http/header-list.ts';
import type { OriginAnswer } from '../origin/origin-answer.ts';
import { OriginFailure } from '../origin/origin-failure.ts';
import type { Exchange } from './exchange.ts';
import type { PageName, RefusalPage } from './pages.ts';
import { detailOfFailure } from './result-types.ts';
import { behaviorOf } from './routed.ts';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);
const repeatedMethods = new Set(['GET', 'HEAD']);

export type Asked = {
  readonly kind: 'answered';
  readonly answer: OriginAnswer;
  /** Of the attempt that was answered. */
  readonly askedAt: Instant;
  readonly receivedAt: Instant;
};

export type AskOutcome =
  | Asked
  | { readonly kind: 'failed'; readonly page: RefusalPage; readonly why: string }
  | { readonly kind: 'gone' };

export async function askOrigin(
  x: Exchange,
  headers: HeaderList,
  upgrade?: 'websocket',
): Promise<AskOutcome> {
  const { origin } = behaviorOf(x);
  // Where others wait for the same answer, it is wanted though this viewer has gone.
  const gone = x.flight?.signal ?? x.answer.gone;
  const { body, method } = x.request;
  if (x.edge.bodyMemory.isFull) {
    return { kind: 'failed', page: { name: 'capacity' }, why: 'bodies hold too much memory' };
  }
  let attempts = 0;
  let repeatedForClose = false;
  for (;;) {
    const askedAt = x.clock.now();
    try {
      const answer = await x.edge.origins.ask(origin, {
        method,
        path: x.query === undefined ? x.path : `${x.path}?${x.query}`,
        headers,
        body,
        upgrade,
        viewerScheme: x.request.scheme,
        signal: gone,
      });
      return { kind: 'answered', answer, askedAt, receivedAt: x.clock.now() };
    } catch (error) {
      if (gone.aborted) return { kind: 'gone' };
      if (body?.fault instanceof BodyFault) {
        return { kind: 'failed', page: { name: 'badRequest' }, why: body.fault.message };
      }
      if (!(error instanceof OriginFailure)) throw error;
      const wasClosed = error.at === 'headers' && error.reason === 'closed';
      if (wasClosed && error.retryable && !repeatedForClose && safeMethods.has(method)) {
        repeatedForClose = true;
        continue;
      }
      attempts += 1;
      const wasSent = error.at === 'headers' || error.at === 'body';
      const mayRepeat = error.retryable && !wasClosed && (!wasSent || repeatedMethods.has(method));
      if (mayRepeat && attempts < x.edge.originAttemptsMax) continue;
      x.edge.failures.tell(x, error, attempts);
      return { kind: 'failed', page: pageFor(error), why: error.message };
    }
  }
}

/** Edge contract 7.1. */
function pageFor(failure: OriginFailure): RefusalPage {
  return { name: pageNameFor(failure), detail: detailOfFailure(failure) };
}

function pageNameFor({ at, reason }: OriginFailure): PageName {
  if (reason === 'capacity') return 'capacity';
  if (reason === 'timeout') return 'originTimeout';
  if (at === 'dns') return 'originDns';
  if (at === 'tls') return 'originTls';
  return at === 'connect' ? 'originConnect' : 'originInvalidResponse';
}
