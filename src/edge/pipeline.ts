/**
 * The pipeline: the one way an exchange takes (edge contract 2; docs/decisions/0006). This file is
 * the map; it holds no conditions of its own. Each stage is one file, names its exits in its type,
 * and leaves its reason on the exchange.
 *
 *   accept → route → checkLoop → rootObject → matchBehavior → protocolPolicy → method
 *     → country → signedAccess → deriveKey
 *     → lookUp ─┬─► deliverStored ─► done
 *               ├─► deliverPieces ─► fetch | done
 *               ├─► collapse ─┬─► revalidate ─► deliverStored | compress | fetch
 *               │             ├─► fetch ─► compress | deliverStored
 *               │             └─► deliver (reads along with another) | lookUp
 *               └─► fetch ─► compress ─► store ─► deliver ─► done
 *     deriveKey ─► webSocket ─► deliver | done
 *     protocolPolicy ─► redirect ─► done
 *   accept ─► shield ─► done, by an exchange of its own from deriveKey on
 *   any of them ─► refuse ─► done
 *   deliver, deliverStored, refuse ─► errorPage ─► done, by an exchange of its own from deriveKey on
 */
import type { Exchange } from './exchange.ts';
import { land } from './landing.ts';
import { recordBug, recordExchange } from './recording.ts';
import { renewalOf } from './renewal.ts';
import { accept } from './stages/accept.ts';
import { checkLoop } from './stages/check-loop.ts';
import { collapse } from './stages/collapse.ts';
import { compress } from './stages/compress.ts';
import { country } from './stages/country.ts';
import { deliverPieces } from './stages/deliver-pieces.ts';
import { deliverStored } from './stages/deliver-stored.ts';
import { deliver } from './stages/deliver.ts';
import { deriveKey } from './stages/derive-key.ts';
import { errorPage } from './stages/error-page.ts';
import { fetch } from './stages/fetch.ts';
import { lookUp } from './stages/look-up.ts';
import { matchBehavior } from './stages/match-behavior.ts';
import { method } from './stages/method.ts';
import { protocolPolicy } from './stages/protocol-policy.ts';
import { redirect } from './stages/redirect.ts';
import { refuse } from './stages/refuse.ts';
import { revalidate } from './stages/revalidate.ts';
import { rootObject } from './stages/root-object.ts';
import { route } from './stages/route.ts';
import { shield } from './stages/shield.ts';
import { signedAccess } from './stages/signed-access.ts';
import { store } from './stages/store.ts';
import { webSocket } from './stages/web-socket.ts';

const stages = {
  accept,
  route,
  checkLoop,
  rootObject,
  matchBehavior,
  protocolPolicy,
  redirect,
  method,
  country,
  signedAccess,
  deriveKey,
  lookUp: (x: Exchange) => lookUp(x, renew),
  collapse,
  revalidate,
  fetch,
  compress,
  store,
  deliver,
  deliverStored,
  deliverPieces,
  webSocket,
  refuse,
  errorPage: (x: Exchange) => errorPage(x, runInner),
  shield: (x: Exchange) => shield(x, runInner),
};

type Exit = Awaited<ReturnType<(typeof stages)[keyof typeof stages]>>;
type Stage = (x: Exchange) => Exit | Promise<Exit>;

/** An exit without a stage of its name does not compile. */
const table: Record<Exclude<Exit, 'done'> | 'accept', Stage> = stages;

/** Takes the exchange to its end; undefined when nothing had to be waited for. Never rejects. */
export function runPipeline(x: Exchange): Promise<void> | undefined {
  try {
    const waiting = runFrom(x, 'accept');
    if (waiting !== undefined) {
      return waiting.catch((bug: unknown) => answerBug(x, bug)).then(() => record(x));
    }
  } catch (bug) {
    answerBug(x, bug);
  }
  record(x);
  return undefined;
}

/** Renews a stale object that is being served; nobody waits for it, so nobody is answered. */
function renew(x: Exchange): void {
  const renewal = renewalOf(x);
  if (renewal === undefined) return;
  const failed = (bug: unknown): void => recordBug(renewal, bug);
  Promise.resolve(runFrom(renewal, 'collapse'))
    .catch(failed)
    .finally(() => land(renewal, { kind: 'look-again' }));
}

/**
 * Of a page that stands for an error (7.4, rule 13), and of what another edge asks its shield: no
 * protocol, method or signature is asked of it.
 */
async function runInner(inner: Exchange): Promise<void> {
  matchBehavior(inner);
  await runFrom(inner, 'deriveKey');
  land(inner, { kind: 'look-again' });
}

function runFrom(x: Exchange, first: keyof typeof table): Promise<void> | undefined {
  let exit: Exit | 'accept' = first;
  while (exit !== 'done') {
    const left: Exit | Promise<Exit> = table[exit](x);
    if (left instanceof Promise) return goOn(x, left);
    exit = left;
  }
  return undefined;
}

async function goOn(x: Exchange, waiting: Promise<Exit>): Promise<void> {
  const exit = await waiting;
  if (exit !== 'done') await runFrom(x, exit);
}

/** A broken invariant ends one exchange, visibly for both sides, and no other. */
function answerBug(x: Exchange, bug: unknown): void {
  recordBug(x, bug);
  if (x.answer.begun) {
    x.cutBecause = 'InternalError';
    x.answer.cut();
  } else {
    x.page = { name: 'internal' };
    refuse(x);
  }
}

/** The answer stands by now, whatever is wrong with what is written down of it. */
function record(x: Exchange): void {
  // However it ended, nobody waits for it any more.
  land(x, { kind: 'look-again' });
  try {
    recordExchange(x);
  } catch (bug) {
    recordBug(x, bug);
  }
}
