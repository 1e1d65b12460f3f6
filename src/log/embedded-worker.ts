/**
 * The thread of the embedded log: takes calls from its port in the order in which they were made,
 * lets the store answer them, and answers in the same order. Appends that wait next to each other
 * share one commit, and so one sync of the disk.
 *
 * What the store throws after it was opened leaves no trust in what it would do next (a disk that
 * fails to sync may lose what it said it has): the thread says so and ends, and the process that
 * starts anew reads what really is there.
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { Cursor, Revision } from '../base/log-record.ts';
import { type Failure, explainFailure } from './embedded-failure.ts';
import { EmbeddedStore, type StoreOptions } from './embedded-store.ts';
import type { Append, AppendOutcome } from './log.ts';
import type { Page, PageRequest } from './tail.ts';

/** So many appends share a commit at most; each holds at most `recordBytesMax`. */
const appendsTogetherMax = 16;

export type Call =
  | { readonly kind: 'append'; readonly append: Append }
  | { readonly kind: 'head' }
  | { readonly kind: 'proves'; readonly cursor: Cursor }
  | { readonly kind: 'forget'; readonly floor: Revision }
  | { readonly kind: 'page'; readonly request: PageRequest }
  | { readonly kind: 'close' };

export type Result =
  | { readonly kind: 'append'; readonly outcome: AppendOutcome }
  | { readonly kind: 'head'; readonly head: Cursor }
  | { readonly kind: 'proves'; readonly proven: boolean }
  | { readonly kind: 'forget' }
  | { readonly kind: 'page'; readonly page: Page }
  | { readonly kind: 'close' };

export type NumberedCall = { readonly id: number; readonly call: Call };

export type Message =
  | { readonly kind: 'open'; readonly head: Cursor }
  | { readonly kind: 'answers'; readonly answers: readonly { id: number; result: Result }[] }
  /** The last word of this thread. */
  | { readonly kind: 'failed'; readonly failure: Failure };

function work(options: StoreOptions): void {
  const port = parentPort;
  if (port === null) throw new Error('this module is the start of a worker thread');
  const say = (message: Message): void => port.postMessage(message);
  const fail = (thrown: unknown): void => {
    say({ kind: 'failed', failure: explainFailure(thrown, options.directory ?? '') });
    port.close();
  };

  let store: EmbeddedStore;
  try {
    store = new EmbeddedStore(options);
    say({ kind: 'open', head: store.head() });
  } catch (thrown) {
    return fail(thrown);
  }
  port.on('message', (first: NumberedCall) => {
    const waiting = [first];
    for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
      waiting.push(next.message);
    }
    try {
      for (const together of runs(waiting)) {
        say({ kind: 'answers', answers: answer(store, together) });
      }
      if (waiting.some(({ call }) => call.kind === 'close')) port.close();
    } catch (thrown) {
      fail(thrown);
    }
  });
}

/** Cuts the calls into runs: appends next to each other are one, all else stands alone. */
function runs(calls: readonly NumberedCall[]): readonly (readonly NumberedCall[])[] {
  const cut: NumberedCall[][] = [];
  for (const numbered of calls) {
    const last = cut.at(-1);
    const joins =
      numbered.call.kind === 'append' &&
      last?.[0]?.call.kind === 'append' &&
      last.length < appendsTogetherMax;
    if (joins) last.push(numbered);
    else cut.push([numbered]);
  }
  return cut;
}

function answer(store: EmbeddedStore, run: readonly NumberedCall[]) {
  const appends = run.flatMap(({ call }) => (call.kind === 'append' ? [call.append] : []));
  const outcomes = appends.length > 0 ? store.appendAll(appends) : [];
  return run.map(({ id, call }, index) => {
    const outcome = outcomes[index];
    const result: Result =
      outcome === undefined ? answerOne(store, call) : { kind: 'append', outcome };
    return { id, result };
  });
}

function answerOne(store: EmbeddedStore, call: Call): Result {
  switch (call.kind) {
    case 'append':
      throw new Error('appends are answered together');
    case 'head':
      return { kind: 'head', head: store.head() };
    case 'proves':
      return { kind: 'proves', proven: store.proves(call.cursor) };
    case 'forget':
      store.forget(call.floor);
      return { kind: 'forget' };
    case 'page':
      return { kind: 'page', page: store.readPage(call.request) };
    case 'close':
      store.close();
      return { kind: 'close' };
  }
  return call satisfies never;
}

work(workerData);
