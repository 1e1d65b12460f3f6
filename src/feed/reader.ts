/**
 * An edge's reader of the log on another machine. It has the contract of every reader: a tail goes on
 * by itself over broken connections, from the cursor it has, or from a whole state where that is no
 * point of history any more. A connection that says nothing for three heartbeats is dead.
 */
import { type Clock, pause } from '../base/clock.ts';
import { type Cursor, revision } from '../base/log-record.ts';
import type { Randomness } from '../base/randomness.ts';
import type { LogReader, TailEvent } from '../log/log.ts';
import { type ApiContact, JoinRefused } from './contact.ts';
import { type FeedLine, FeedFault, LineSplitter, readCursor, readLine } from './lines.ts';

export type Hello = Extract<FeedLine, { readonly kind: 'hello' }>;

export type FeedReaderParts = {
  readonly contact: ApiContact;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Hears what an API says of itself; what it throws ends the connection. */
  readonly onHello: (hello: Hello) => void;
};

/** Before the hello. */
const firstSilenceMs = 6_000;
const heartbeatsMissed = 3;
const retryMsMin = 250;
const retryMsMax = 2_000;
const refusedMsMax = 30_000;

export class FeedReader implements LogReader {
  readonly #parts: FeedReaderParts;
  readonly #closed = new AbortController();
  #dropStream: (() => void) | undefined;

  constructor(parts: FeedReaderParts) {
    this.#parts = parts;
  }

  /** Ends the connection in use; the tail goes on at another URL. */
  drop(): void {
    this.#dropStream?.();
  }

  async head(signal: AbortSignal): Promise<Cursor> {
    const both = AbortSignal.any([signal, this.#closed.signal]);
    const asked = { method: 'GET', path: '/_warmfront/feed/head' } as const;
    return readCursor(await this.#parts.contact.ask(asked, both));
  }

  async close(): Promise<void> {
    this.#closed.abort(new Error('the reader of the feed is closed'));
  }

  async *tail(from: Cursor | undefined, signal: AbortSignal): AsyncGenerator<TailEvent, void> {
    const { clock, contact, randomness } = this.#parts;
    const ending = AbortSignal.any([signal, this.#closed.signal]);
    let at = from;
    let failures = 0;
    while (!ending.aborted) {
      let cause = new Error('the API ended the stream');
      /** A whole state that breaks off is begun anew. */
      let isWhole = true;
      try {
        for await (const event of this.#follow(at, ending)) {
          if (event.kind === 'snapshot') isWhole = false;
          if (event.kind === 'record' && isWhole && at !== undefined) {
            at = { ...at, revision: event.record.revision, writeId: event.record.writeId };
          }
          if (event.kind === 'caughtUp') {
            at = event.cursor;
            isWhole = true;
            failures = 0;
          }
          yield event;
        }
      } catch (error) {
        cause = error instanceof Error ? error : new Error(String(error));
      }
      if (ending.aborted) return;
      if (!isWhole) at = undefined;
      yield { kind: 'detached', cause };
      contact.moveOn();
      const most = cause instanceof JoinRefused ? refusedMsMax : retryMsMax;
      const waitMs = randomness.fraction() * Math.min(retryMsMin * 2 ** failures, most);
      failures += 1;
      await pause(clock, waitMs, ending).catch(() => undefined);
    }
  }

  /** One connection; ends or throws when it is over. */
  async *#follow(from: Cursor | undefined, signal: AbortSignal): AsyncGenerator<TailEvent, void> {
    const { contact, onHello } = this.#parts;
    const over = new AbortController();
    this.#dropStream = () => over.abort(new FeedFault('the stream fell behind the log'));
    const order = new Order(from);
    let silenceMs = firstSilenceMs;
    let greeted = false;
    try {
      const ending = AbortSignal.any([signal, over.signal]);
      for await (const text of this.#lines(pathFrom(from), ending, () => silenceMs)) {
        const line = readLine(text);
        if (line === undefined || line.kind === 'heartbeat') continue;
        if (line.kind === 'hello') {
          silenceMs = line.heartbeatMs * heartbeatsMissed;
          greeted = true;
          onHello(line);
        } else if (!greeted) {
          throw new FeedFault('the API did not say what it speaks');
        } else if (line.kind === 'bye') {
          throw new Error(line.why);
        } else if (line.kind === 'detached') {
          const cause = new Error(line.why);
          if (contact.severalUrls) throw cause;
          yield { kind: 'detached', cause };
        } else {
          order.check(line);
          yield line;
        }
      }
    } finally {
      over.abort();
    }
  }

  async *#lines(
    path: string,
    signal: AbortSignal,
    silenceMs: () => number,
  ): AsyncGenerator<string, void> {
    const { clock, contact } = this.#parts;
    const answer = await contact.open(path, signal);
    const pieces: AsyncIterator<unknown> = answer[Symbol.asyncIterator]();
    const splitter = new LineSplitter();
    try {
      for (;;) {
        // Only while it is waited for: whoever takes long over a line is no reason to doubt the API.
        const cancel = clock.after(silenceMs(), () =>
          answer.destroy(new FeedFault('the API has said nothing for three heartbeats')),
        );
        const { done, value } = await pieces.next().finally(cancel);
        if (done === true) return;
        if (!(value instanceof Buffer)) throw new FeedFault('what came are no bytes');
        yield* splitter.push(value);
      }
    } finally {
      answer.destroy();
    }
  }
}

function pathFrom(from: Cursor | undefined): string {
  if (from === undefined) return '/_warmfront/feed';
  const { logId, revision: position, writeId } = from;
  return `/_warmfront/feed?log=${logId}&revision=${position}&write=${writeId}`;
}

/** What a tail promises of the order of records, checked, since it came over a wire. */
class Order {
  #at: number;
  /** Nothing is left out any more. */
  #isLive = false;

  constructor(from: Cursor | undefined) {
    this.#at = from?.revision ?? revision(0);
  }

  check(event: TailEvent): void {
    if (event.kind === 'snapshot') {
      this.#at = 0;
      this.#isLive = false;
    } else if (event.kind === 'record') {
      const next = event.record.revision;
      const isNext = this.#isLive ? next === this.#at + 1 : next > this.#at;
      if (!isNext) throw new FeedFault(`record ${next} came after ${this.#at}`);
      this.#at = next;
    } else if (event.kind === 'caughtUp') {
      if (
        event.cursor.revision < this.#at ||
        (this.#isLive && event.cursor.revision !== this.#at)
      ) {
        throw new FeedFault(`the end of the log, ${event.cursor.revision}, came after ${this.#at}`);
      }
      this.#at = event.cursor.revision;
      this.#isLive = true;
    }
  }
}
