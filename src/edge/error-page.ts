/**
 * Custom error responses (edge contract 7.4): where the distribution has a page for an error, an
 * exchange of our own asks for it as a GET, through the behavior of its path and the cache, and what
 * it is answered goes to the viewer under the status that is configured. No page stands for another.
 */
import { isCachedMethod } from '../model/behavior-rules.ts';
import type { ErrorResponse } from '../model/distribution.ts';
import { Exchange } from './exchange.ts';
import { ownHeaders } from './own-headers.ts';
import type { RefusalPage } from './pages.ts';
import type { AnswerAccount, AnswerHead, ViewerAnswer } from './viewer.ts';

/** Of what the edge says itself, these may be said by a page (7.1). */
const replaceable: ReadonlySet<RefusalPage['name']> = new Set<RefusalPage['name']>([
  'viewerProtocol',
  'geoBlocked',
  'originConnect',
  'originDns',
  'originInvalidResponse',
  'originTls',
  'originTimeout',
  'MissingKey',
  'UnknownKey',
  'InvalidKey',
  'MalformedPolicy',
  'AccessDenied',
]);

/** Undefined: the error is answered as it is. */
export function errorPageFor(x: Exchange, status: number): ErrorResponse | undefined {
  const { behavior, entry, isForError, isForShield } = x;
  if (status < 400 || isForError || isForShield || entry === undefined || behavior === undefined)
    return undefined;
  if (!isCachedMethod(behavior.rules, x.request.method)) return undefined;
  return entry.errorPages.get(status);
}

export function isReplaceable({ name }: RefusalPage): boolean {
  return replaceable.has(name);
}

/** The exchange that fetches the page; what it is answered is what `x` is answered. */
export function exchangeForPage(x: Exchange, response: ErrorResponse): Exchange {
  const [path = response.pagePath, query] = response.pagePath.split('?', 2);
  const { headers: _, ...request } = x.request;
  const asked = { ...request, method: 'GET', path, query, headers: [], body: undefined };
  const answer = new PageAnswer(x, response.pageStatus);
  const page = new Exchange(
    x.edge,
    { request: { ...asked, hasBody: false }, fault: undefined },
    answer,
  );
  page.isForError = true;
  page.entry = x.entry;
  page.servedAt = x.edge.routing.revision;
  return page;
}

/** A page that cannot be had is answered with the status of that failure (rule 15). */
class PageAnswer implements ViewerAnswer {
  readonly #x: Exchange;
  readonly #status: number;
  readonly #isHead: boolean;

  constructor(x: Exchange, status: number) {
    this.#x = x;
    this.#status = status;
    this.#isHead = x.request.method === 'HEAD';
  }

  get begun(): boolean {
    return this.#x.answer.begun;
  }

  get gone(): AbortSignal {
    return this.#x.answer.gone;
  }

  whole(head: AnswerHead, body: Uint8Array | undefined): void {
    this.#x.answer.whole(this.#headOf(head), this.#isHead ? undefined : body);
  }

  begin(head: AnswerHead): void {
    if (this.#isHead) this.#x.answer.whole(this.#headOf(head), undefined);
    else this.#x.answer.begin(this.#headOf(head));
  }

  write(piece: Uint8Array): boolean {
    return this.#isHead || this.#x.answer.write(piece);
  }

  drained(): Promise<void> {
    return this.#x.answer.drained();
  }

  end(): void {
    if (!this.#isHead) this.#x.answer.end();
  }

  cut(): void {
    if (!this.#isHead) this.#x.answer.cut();
  }

  account(): AnswerAccount {
    return this.#x.answer.account();
  }

  #headOf(head: AnswerHead): AnswerHead {
    const status = head.status < 400 ? this.#status : head.status;
    return { ...head, status, ownHeaders: ownHeaders(this.#x), close: false };
  }
}
