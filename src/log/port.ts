/**
 * The reader's contract across a thread boundary: `serveReader` stands on the thread of the log,
 * `PortReader` on that of an edge worker, a message port between them.
 *
 * Nothing piles up in between: a tail sends on only while what the reader has not taken yet is
 * below a window of events and bytes, and a tail of the log that is not asked costs nothing. When
 * either side closes, or its thread dies, the port tells the other: the reader's tails say
 * `detached` and end, since a closed port cannot come back; the log's side gives up its tails.
 */
import type { MessagePort } from 'node:worker_threads';
import type { Cursor } from '../base/log-record.ts';
import { recordBytes } from './append-rules.ts';
import { LogClosed, errorOf } from './log-closed.ts';
import type { LogReader, TailEvent } from './log.ts';

/** Events and bytes of one tail that may be under way. One event always may. */
export const windowEventsMax = 64;
export const windowBytesMax = 4 * 1_048_576;
/** The reader tells at least each so many events that it took them. */
const takenTogether = 16;

type Ask =
  | { readonly kind: 'tail'; readonly id: number; readonly from: Cursor | undefined }
  | { readonly kind: 'taken'; readonly id: number; readonly events: number }
  | { readonly kind: 'head'; readonly id: number }
  /** Gives up a tail or a head. */
  | { readonly kind: 'drop'; readonly id: number };

type Answer =
  | { readonly kind: 'event'; readonly id: number; readonly event: TailEvent }
  /** The tail is over; with a cause where it failed. */
  | { readonly kind: 'end'; readonly id: number; readonly cause: Error | undefined }
  | { readonly kind: 'head'; readonly id: number; readonly head: Cursor }
  | { readonly kind: 'failed'; readonly id: number; readonly cause: Error };

/** Answers a `PortReader` at the other end of `port`; the answer ends that and closes the port. */
export function serveReader(port: MessagePort, reader: LogReader): () => void {
  const calls = new Map<number, { readonly abort: AbortController; readonly window: Window }>();
  const say = (answer: Answer): void => port.postMessage(answer);

  const tail = async (
    id: number,
    from: Cursor | undefined,
    signal: AbortSignal,
    window: Window,
  ) => {
    for await (const event of reader.tail(from, signal)) {
      await window.room();
      if (signal.aborted) return;
      window.sent(event);
      say({ kind: 'event', id, event: exact(event) });
    }
  };
  const answer = async (ask: Ask): Promise<void> => {
    if (ask.kind === 'taken') return calls.get(ask.id)?.window.taken(ask.events);
    if (ask.kind === 'drop') return calls.get(ask.id)?.abort.abort(new LogClosed());
    const { id } = ask;
    const abort = new AbortController();
    const window = new Window(abort.signal);
    calls.set(id, { abort, window });
    try {
      if (ask.kind === 'head') say({ kind: 'head', id, head: await reader.head(abort.signal) });
      else {
        await tail(id, ask.from, abort.signal, window);
        say({ kind: 'end', id, cause: undefined });
      }
    } catch (thrown) {
      say({ kind: ask.kind === 'head' ? 'failed' : 'end', id, cause: errorOf(thrown) });
    } finally {
      calls.delete(id);
    }
  };
  const stop = (): void => {
    for (const { abort } of calls.values()) abort.abort(new LogClosed());
    port.close();
  };
  port.on('message', (ask: Ask) => void answer(ask));
  port.once('close', stop);
  return stop;
}

/** What one tail has under way. */
class Window {
  readonly #signal: AbortSignal;
  readonly #bytes: number[] = [];
  #sum = 0;
  #wake: (() => void) | undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#wake?.(), { once: true });
  }

  sent(event: TailEvent): void {
    const bytes = event.kind === 'record' ? recordBytes(event.record.changes) : 0;
    this.#bytes.push(bytes);
    this.#sum += bytes;
  }

  taken(events: number): void {
    for (const bytes of this.#bytes.splice(0, events)) this.#sum -= bytes;
    if (!this.#full()) this.#wake?.();
  }

  /** Resolves when one more event may be sent, or at an abort. */
  async room(): Promise<void> {
    if (!this.#full() || this.#signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  #full(): boolean {
    return this.#bytes.length >= windowEventsMax || this.#sum >= windowBytesMax;
  }
}

/** A clone of a part of some memory takes all of that memory along: send copies of such parts. */
function exact(event: TailEvent): TailEvent {
  if (event.kind !== 'record') return event;
  const changes = event.record.changes.map((change) => {
    const { key, value } = change;
    if (value === null || value.byteLength === value.buffer.byteLength) return change;
    return { key, value: new Uint8Array(value) };
  });
  return { kind: 'record', record: { ...event.record, changes } };
}

type Inbox = {
  events: TailEvent[];
  end: { cause: Error | undefined } | undefined;
  readonly wake: () => void;
};

export class PortReader implements LogReader {
  readonly #port: MessagePort;
  readonly #tails = new Map<number, Inbox>();
  readonly #heads = new Map<number, PromiseWithResolvers<Cursor>>();
  #lastId = 0;
  #closed = false;
  #lost: Error | undefined;

  constructor(port: MessagePort) {
    this.#port = port;
    port.on('message', (answer: Answer) => this.#hear(answer));
    port.once('close', () =>
      this.#lose(new Error('contact with the log is lost: its side closed')),
    );
  }

  async *tail(from: Cursor | undefined, signal: AbortSignal): AsyncGenerator<TailEvent, void> {
    if (signal.aborted || this.#closed) return;
    const id = this.#nextId();
    let waken: PromiseWithResolvers<void> = Promise.withResolvers();
    const inbox: Inbox = {
      events: [],
      end: this.#lost && { cause: this.#lost },
      wake: () => waken.resolve(),
    };
    this.#tails.set(id, inbox);
    signal.addEventListener('abort', inbox.wake);
    this.#ask({ kind: 'tail', id, from });
    const over = (): boolean => signal.aborted || this.#closed;
    try {
      while (!over()) {
        const events = inbox.events.splice(0);
        let taken = 0;
        for (const [index, event] of events.entries()) {
          yield event;
          if (over()) return;
          taken += 1;
          if (taken < takenTogether && index + 1 < events.length) continue;
          this.#ask({ kind: 'taken', id, events: taken });
          taken = 0;
        }
        if (events.length > 0) continue;
        if (inbox.end !== undefined) {
          const cause = inbox.end.cause ?? new Error('contact with the log is lost: it was closed');
          yield { kind: 'detached', cause };
          return;
        }
        await waken.promise;
        waken = Promise.withResolvers();
      }
    } finally {
      signal.removeEventListener('abort', inbox.wake);
      this.#tails.delete(id);
      if (inbox.end === undefined) this.#ask({ kind: 'drop', id });
    }
  }

  async head(signal: AbortSignal): Promise<Cursor> {
    signal.throwIfAborted();
    if (this.#closed) throw new LogClosed();
    if (this.#lost !== undefined) throw this.#lost;
    const id = this.#nextId();
    const head: PromiseWithResolvers<Cursor> = Promise.withResolvers();
    const onAbort = (): void => {
      head.reject(signal.reason);
      this.#ask({ kind: 'drop', id });
    };
    this.#heads.set(id, head);
    signal.addEventListener('abort', onAbort);
    this.#ask({ kind: 'head', id });
    try {
      return await head.promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#heads.delete(id);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#lose(new LogClosed());
    this.#port.close();
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  #ask(ask: Ask): void {
    if (this.#lost !== undefined) return;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    this.#port.postMessage(ask);
  }

  #hear(answer: Answer): void {
    if (answer.kind === 'head') return this.#heads.get(answer.id)?.resolve(answer.head);
    if (answer.kind === 'failed') return this.#heads.get(answer.id)?.reject(answer.cause);
    const inbox = this.#tails.get(answer.id);
    if (inbox === undefined) return; // It was given up while this was under way.
    if (answer.kind === 'event') inbox.events.push(answer.event);
    else inbox.end = { cause: answer.cause };
    inbox.wake();
  }

  #lose(cause: Error): void {
    if (this.#lost !== undefined) return;
    this.#lost = cause;
    for (const head of this.#heads.values()) head.reject(cause);
    for (const inbox of this.#tails.values()) {
      inbox.end ??= { cause };
      inbox.wake();
    }
  }
}
