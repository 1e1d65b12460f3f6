/**
 * Asks the origin shield in the origin's place. Whatever keeps the shield from answering sends the
 * exchange to the origin itself (edge contract 10.6, rule 16): GET and HEAD may be asked anew.
 */
import { type Revision, revision } from '../../base/log-record.ts';
import { endToEnd, type HeaderList, headerValue, selectHeaders } from '../../http/header-list.ts';
import { parseHost } from '../../http/host.ts';
import type { OriginAnswer } from '../../origin/origin-answer.ts';
import { OriginFailure } from '../../origin/origin-failure.ts';
import type { AskOutcome } from '../ask-origin.ts';
import type { Exchange } from '../exchange.ts';
import { isConditional } from '../origin-request.ts';
import { type PageName, pageNames } from '../pages.ts';
import { behaviorOf } from '../routed.ts';
import { factOf, namedFacts } from '../viewer-facts.ts';
import { type ShieldPlace, shieldField } from './shield.ts';

/** Made anew for this hop, or told in the note. */
const ours = new Set(['content-length', 'host', shieldField]);

/** `sent` is what the origin would be sent; undefined: it is to be asked itself. */
export async function askShield(x: Exchange, sent: HeaderList): Promise<AskOutcome | undefined> {
  const { shield } = x.edge;
  const { method } = x.request;
  // What an invalidation has overtaken once, the shield may not know of yet.
  if (shield === undefined || x.isForShield || x.fetches > 1) return undefined;
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  const place = shield.placeFor(behaviorOf(x).origin);
  if (place === undefined) return undefined;
  const gone = x.flight?.signal ?? x.answer.gone;
  const askedAt = x.clock.now();
  const askedMs = x.clock.monotonicMs();
  let answer: OriginAnswer;
  try {
    answer = await ask(x, place, sent, gone);
  } catch (error) {
    if (gone.aborted) return { kind: 'gone' };
    if (!(error instanceof OriginFailure)) throw error;
    shield.skip(place, error.message);
    return undefined;
  }
  const said = readSaid(headerValue(answer.headers, shieldField));
  if (said === undefined) {
    answer.body?.discard();
    shield.skip(place, 'it did not take this edge for one of its own: are the keys the same?');
    return undefined;
  }
  x.upstreamMs = Math.round(x.clock.monotonicMs() - askedMs);
  x.shieldResult = said.isHit ? 'hit' : 'miss';
  if (said.page !== undefined) {
    answer.body?.discard();
    return { kind: 'failed', page: { name: said.page }, why: 'the origin failed for the shield' };
  }
  if (x.servedAt === undefined || said.fetchedAt < x.servedAt) x.servedAt = said.fetchedAt;
  const headers = selectHeaders(answer.headers, (name) => name !== shieldField);
  return {
    kind: 'answered',
    answer: { ...answer, headers },
    askedAt,
    receivedAt: x.clock.now(),
  };
}

function ask(
  x: Exchange,
  place: ShieldPlace,
  sent: HeaderList,
  signal: AbortSignal,
): Promise<OriginAnswer> {
  const { failover, origin } = behaviorOf(x);
  const { address, headers, hostText, httpVersion, method, port, query, scheme } = x.request;
  const target = query === undefined ? x.path : `${x.path}?${query}`;
  const line = { method, host: hostText, target };
  const note = { address, httpVersion, port, scheme, requestId: x.id, facts: factsOf(x) };
  const asked = [
    'Host',
    hostText,
    ...selectHeaders(endToEnd(headers), (name) => !ours.has(name) && !isConditional(name)),
    ...selectHeaders(sent, isConditional),
    shieldField,
    x.edge.shield?.note(line, note) ?? '',
  ];
  const origins = failover === undefined ? [origin] : [origin, failover.origin];
  return x.edge.origins.askEdge(
    { url: place.url, name: nameOf(hostText), for: origins },
    { method, path: target, headers: asked, viewerScheme: scheme, signal },
  );
}

/** By the edge that the viewer came to: no other knows all of them. */
function factsOf(x: Exchange): Readonly<Record<string, string>> {
  const named = namedFacts(behaviorOf(x).rules).map((name) => [name, factOf(x, name)] as const);
  return Object.fromEntries(
    named.flatMap(([name, fact]) => (fact === undefined ? [] : [[name, fact]])),
  );
}

function nameOf(hostText: string): string {
  const host = parseHost(hostText);
  return host.kind === 'name' ? host.name : hostText;
}

export type ShieldSaid = {
  readonly isHit: boolean;
  /** The position of the log that was served when it was fetched, or an earlier one. */
  readonly fetchedAt: Revision;
  /** What the shield refuses with, where the answer is its own. */
  readonly page: PageName | undefined;
};

export function writeSaid({ fetchedAt, isHit, page }: ShieldSaid): string {
  const shown = `${isHit ? 'hit' : 'miss'}; at=${fetchedAt}`;
  return page === undefined ? shown : `${shown}; page=${page}`;
}

function readSaid(text: string | undefined): ShieldSaid | undefined {
  const [, word, at, name] = /^(hit|miss); at=(\d{1,15})(?:; page=(\w+))?$/.exec(text ?? '') ?? [];
  if (word === undefined || at === undefined) return undefined;
  const page = pageNames.find((one) => one === name);
  return { isHit: word === 'hit', fetchedAt: revision(Number(at)), page };
}
