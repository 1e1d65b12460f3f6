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
import { isCachedMethod } from '../model/behavior-rules.ts';
import { plainOrigin } from '../model/plain-config.ts';
import type { OriginAnswer } from '../origin/origin-answer.ts';
import { OriginFailure } from '../origin/origin-failure.ts';
import type { AskedOrigin } from '../origin/origin-specifics.ts';
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

/** Of a group, the second origin where the first fails in one of the ways that are listed (10.5). */
export async function askOrigin(
  x: Exchange,
  headers: HeaderList,
  upgrade?: 'websocket',
): Promise<AskOutcome> {
  const { failover, origin, rules } = behaviorOf(x);
  const first = await askOne(x, origin, { headers, upgrade });
  const { method } = x.request;
  const mayFailOver = upgrade === undefined && isCachedMethod(rules, method);
  if (failover === undefined || !mayFailOver || first.kind === 'gone') return first;
  const status = first.kind === 'answered' ? first.answer.status : failureStatus(first.page);
  if (status === undefined || !failover.statuses.has(status)) return first;
  if (first.kind === 'answered') first.answer.body?.discard();
  return askOne(x, failover.origin, { headers, upgrade });
}

/** No connection counts as 503, and no answer in time as 504 (10.5, rule 10). */
function failureStatus({ name }: RefusalPage): number | undefined {
  if (name === 'originTimeout') return 504;
  return name === 'originConnect' || name === 'originDns' || name === 'originTls' ? 503 : undefined;
}

type Sending = { readonly headers: HeaderList; readonly upgrade: 'websocket' | undefined };

async function askOne(
  x: Exchange,
  origin: AskedOrigin,
  { headers, upgrade }: Sending,
): Promise<AskOutcome> {
  // Where others wait for the same answer, it is wanted though this viewer has gone.
  const gone = x.flight?.signal ?? x.answer.gone;
  const { body, method } = x.request;
  if (x.edge.bodyMemory.isFull) {
    return { kind: 'failed', page: { name: 'capacity' }, why: 'bodies hold too much memory' };
  }
  const attemptsMax = attemptsOf(origin, x.edge.originAttemptsMax);
  let attempts = 0;
  let repeatedForClose = false;
  for (;;) {
    const askedAt = x.clock.now();
    const askedMs = x.clock.monotonicMs();
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
      x.upstreamMs = Math.round(x.clock.monotonicMs() - askedMs);
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
      if (mayRepeat && attempts < attemptsMax) continue;
      x.edge.failures.tell(x, error, attempts);
      return { kind: 'failed', page: pageFor(error), why: error.message };
    }
  }
}

/** An origin that says the usual has said nothing of its own: then the operator's word counts. */
function attemptsOf({ attempts }: AskedOrigin, usual: number): number {
  return attempts === plainOrigin.attempts ? usual : attempts;
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
