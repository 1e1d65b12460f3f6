/**
 * The answer to one HTTP/2 request, written to its stream (RFC 9113 §8.1). The end of the stream is
 * the end of the body; one that is not whole ends with RST_STREAM, which no viewer takes for an end.
 */
import type { ServerHttp2Stream } from 'node:http2';
import type { Clock } from '../base/clock.ts';
import { type HeaderList, headerValue } from '../http/header-list.ts';
import { isBodiless } from '../http/status.ts';
import { type AnswerAccount, type AnswerHead, type ViewerAnswer, ViewerGone } from './viewer.ts';

export type H2AnswerParts = {
  readonly stream: ServerHttp2Stream;
  readonly isHead: boolean;
  readonly clock: Clock;
  /** How long the viewer may take for what is written to it at one time. */
  readonly drainMsMax: number;
};

type Waiting = { readonly resolve: () => void; readonly reject: (gone: ViewerGone) => void };

const resetContent = 205;

export class H2Answer implements ViewerAnswer {
  readonly #parts: H2AnswerParts;
  readonly #arrivedMs: number;
  #gone: AbortController | undefined;
  #viewerHasGone = false;
  #head: AnswerHead | undefined;
  #begunMs = 0;
  /** What the head has promised; undefined: as much as comes. */
  #promised: number | undefined;
  #hasBody = false;
  #sentBytes = 0;
  #headBytes = 0;
  #state: 'waiting' | 'begun' | 'ended' | 'cut' = 'waiting';
  #waiting: Waiting[] = [];
  #deadlineMs: number | undefined;

  constructor(parts: H2AnswerParts) {
    this.#parts = parts;
    this.#arrivedMs = parts.clock.monotonicMs();
    parts.stream.on('drain', () => this.#onDrain());
  }

  get begun(): boolean {
    return this.#state !== 'waiting';
  }

  get gone(): AbortSignal {
    // Made when it is asked for: an answer out of the cache has no use for it.
    this.#gone ??= new AbortController();
    if (this.#viewerHasGone) this.#gone.abort(new ViewerGone('the viewer has gone'));
    return this.#gone.signal;
  }

  get isWhole(): boolean {
    return this.#state === 'ended';
  }

  /** When the viewer has taken too long for what was written to it. */
  get deadlineMs(): number | undefined {
    return this.#deadlineMs;
  }

  /** Called when the stream is over. */
  leave(): void {
    this.#viewerHasGone = true;
    this.#deadlineMs = undefined;
    this.#gone?.abort(new ViewerGone('the viewer has gone'));
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { reject } of waiting) reject(new ViewerGone('the viewer has gone'));
  }

  whole(head: AnswerHead, body: Uint8Array | undefined): void {
    const isEmpty = body === undefined || body.length === 0;
    this.#begin(head, isEmpty && !this.#promisesMore(head));
    if (!isEmpty) this.write(body);
    this.end();
  }

  begin(head: AnswerHead): void {
    this.#begin(head, false);
  }

  write(piece: Uint8Array): boolean {
    const { stream } = this.#parts;
    if (this.#state !== 'begun' || !this.#hasBody) return true;
    // What is beyond the declared length is dropped (edge contract 5.10, rule 50).
    const room = (this.#promised ?? Number.POSITIVE_INFINITY) - this.#sentBytes;
    const taken = piece.length > room ? piece.subarray(0, room) : piece;
    this.#sentBytes += taken.length;
    if (taken.length === 0 || isOver(stream)) return true;
    return stream.write(taken);
  }

  drained(): Promise<void> {
    const { clock, drainMsMax, stream } = this.#parts;
    if (this.#viewerHasGone || isOver(stream)) {
      return Promise.reject(new ViewerGone('the viewer has gone'));
    }
    if (!stream.writableNeedDrain) return Promise.resolve();
    this.#deadlineMs = clock.monotonicMs() + drainMsMax;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  end(): void {
    if (this.#state !== 'begun') return;
    if (this.#hasBody && this.#promised !== undefined && this.#sentBytes < this.#promised) {
      this.cut();
      return;
    }
    this.#state = 'ended';
    const { clock, drainMsMax, stream } = this.#parts;
    if (isOver(stream)) return;
    // The stream lives on until all of it was taken.
    this.#deadlineMs = clock.monotonicMs() + drainMsMax;
    stream.end();
  }

  cut(): void {
    if (this.#state === 'ended' || this.#state === 'cut') return;
    this.#state = 'cut';
    // `close` would end the stream in order first, and what is short would pass for whole.
    this.#parts.stream.destroy(new Error('the answer is not whole'));
  }

  account(): AnswerAccount {
    const head = this.#head;
    return {
      head,
      outcome: this.#state === 'ended' ? 'whole' : this.#state === 'cut' ? 'cut' : 'left',
      sentBytes: this.#headBytes + this.#sentBytes,
      firstByteMs: head === undefined ? undefined : this.#begunMs - this.#arrivedMs,
      takenMs: this.#parts.clock.monotonicMs() - this.#arrivedMs,
    };
  }

  #begin(head: AnswerHead, endStream: boolean): void {
    if (this.begun) throw new Error('an answer begins once');
    const { clock, stream } = this.#parts;
    this.#state = 'begun';
    this.#head = head;
    this.#begunMs = clock.monotonicMs();
    this.#hasBody = this.#mayHaveBody(head.status);
    const length = headerValue(head.headers, 'content-length');
    this.#promised = length === undefined ? undefined : Number(length);
    const fields = [':status', String(head.status)];
    appendFields(fields, head.headers);
    appendFields(fields, head.ownHeaders);
    for (const text of fields) this.#headBytes += text.length;
    if (isOver(stream)) return;
    stream.respond(fields, { endStream: endStream || !this.#hasBody });
  }

  #promisesMore({ headers, status }: AnswerHead): boolean {
    return this.#mayHaveBody(status) && Number(headerValue(headers, 'content-length') ?? 0) > 0;
  }

  #mayHaveBody(status: number): boolean {
    return !this.#parts.isHead && !isBodiless(status) && status !== resetContent;
  }

  #onDrain(): void {
    if (this.#state !== 'ended') this.#deadlineMs = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { resolve } of waiting) resolve();
  }
}

function isOver(stream: ServerHttp2Stream): boolean {
  return stream.destroyed || stream.closed;
}

/** Names are in lower case in HTTP/2 (RFC 9113 §8.2). */
function appendFields(fields: string[], headers: HeaderList): void {
  for (let index = 0; index < headers.length; index += 2) {
    fields.push((headers[index] ?? '').toLowerCase(), headers[index + 1] ?? '');
  }
}
