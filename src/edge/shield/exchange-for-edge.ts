/**
 * An exchange of the shield's own for an edge that asks it: by the same behavior and the same key, but
 * with what its viewer said, and answered as the edge has to have it to store it: without what is made
 * for each viewer anew.
 */
import { revision } from '../../base/log-record.ts';
import { type HeaderList, headerValue, selectHeaders } from '../../http/header-list.ts';
import { Exchange } from '../exchange.ts';
import type { RoutingEntry } from '../routing-table.ts';
import { pageNames } from '../pages.ts';
import type { AnswerAccount, AnswerHead, ViewerAnswer } from '../viewer.ts';
import { writeSaid } from './ask-shield.ts';
import { shieldField, type ShieldNote } from './shield.ts';

export function exchangeForEdge(x: Exchange, note: ShieldNote, entry: RoutingEntry): Exchange {
  const { facts, requestId, ...viewer } = note;
  const headers = selectHeaders(x.request.headers, (name) => name !== shieldField);
  const request = { ...x.request, ...viewer, headers };
  const answer = new EdgeAnswer(x.answer);
  const inner = new Exchange(x.edge, { request, fault: undefined }, answer, requestId);
  answer.speakFor(inner);
  inner.isForShield = true;
  inner.facts = facts;
  inner.entry = entry;
  inner.servedAt = x.edge.routing.revision;
  return inner;
}

class EdgeAnswer implements ViewerAnswer {
  readonly #answer: ViewerAnswer;
  #inner: Exchange | undefined;

  constructor(answer: ViewerAnswer) {
    this.#answer = answer;
  }

  speakFor(inner: Exchange): void {
    this.#inner = inner;
  }

  get begun(): boolean {
    return this.#answer.begun;
  }

  get gone(): AbortSignal {
    return this.#answer.gone;
  }

  whole(head: AnswerHead, body: Uint8Array | undefined): void {
    this.#answer.whole(this.#headOf(head), body);
  }

  begin(head: AnswerHead): void {
    this.#answer.begin(this.#headOf(head));
  }

  write(piece: Uint8Array): boolean {
    return this.#answer.write(piece);
  }

  drained(): Promise<void> {
    return this.#answer.drained();
  }

  end(): void {
    this.#answer.end();
  }

  cut(): void {
    this.#answer.cut();
  }

  account(): AnswerAccount {
    return this.#answer.account();
  }

  #headOf(head: AnswerHead): AnswerHead {
    const headers = selectHeaders(head.headers, (name) => name !== shieldField);
    const said = this.#inner === undefined ? '' : sayOf(this.#inner);
    const age = headerValue(head.ownHeaders, 'age') ?? ageReceived(this.#inner);
    const ownHeaders: HeaderList = [
      ...(said === '' ? [] : [shieldField, said]),
      ...(age === undefined ? [] : ['Age', age]),
    ];
    return { ...head, headers, ownHeaders };
  }
}

function sayOf({ page, pieces, result, servedAt, stored }: Exchange): string {
  // Of what is put together of parts, some may be older than the newest that speaks for all.
  const oldest = pieces === undefined ? Math.min(stored?.fetchedAt ?? Infinity, servedAt ?? 0) : 0;
  return writeSaid({
    isHit: result === 'Hit',
    fetchedAt: revision(oldest),
    page: pageNames.find((name) => name === page?.name),
  });
}

/** What passes is as old as the origin said. */
function ageReceived(inner: Exchange | undefined): string | undefined {
  return headerValue(inner?.passing?.originHeaders ?? [], 'age');
}
