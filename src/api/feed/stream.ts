/**
 * One stream of the feed: a tail of the log, written as lines for as long as the edge reads. There is
 * no queue: the tail is asked for the next record once the socket took the one before, so an edge
 * that reads slowly costs its place in the log and what the socket holds. One that takes nothing for
 * a while is cut, and comes back with its cursor.
 */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type Clock, pause } from '../../base/clock.ts';
import type { Cursor } from '../../base/log-record.ts';
import { type FeedLine, feedProtocol, writeLine } from '../../feed/lines.ts';
import type { LogReader } from '../../log/log.ts';
import { edgeTokenKey } from '../../model/edge-token.ts';
import type { RecordLines } from './for-edges.ts';

export type StreamParts = {
  readonly response: ServerResponse;
  readonly reader: Pick<LogReader, 'tail'>;
  readonly from: Cursor | undefined;
  readonly edge: string;
  readonly sealingKey: Uint8Array;
  readonly lines: RecordLines;
  /** Whether the token or certificate is still the edge's. */
  readonly isAllowed: () => boolean;
  readonly hello: { readonly leaseMs: number; readonly domain: string };
  readonly clock: Clock;
  /** Ends the stream with a word; its reason is told. */
  readonly ending: AbortSignal;
};

/** Records that follow each other go out together. */
const togetherCharacters = 16_384;
export const heartbeatMs = 2_000;
/** Nothing was taken for so long: the edge is gone, or never reads. */
export const undrainedMsMax = 30_000;

/** Resolves when the stream is over. */
export async function streamFeed(parts: StreamParts): Promise<void> {
  const { clock, edge, ending, from, hello, isAllowed, lines, reader, response, sealingKey } =
    parts;
  const gone = new AbortController();
  response.once('close', () => gone.abort(new Error('the edge went away')));
  const over = new AbortController();
  const signal = AbortSignal.any([gone.signal, ending, over.signal]);
  const say = (line: FeedLine): void => void response.write(writeLine(line));
  const revoked = new Error('the token of this edge is revoked, or its certificate has ended');
  const ownToken = edgeTokenKey(edge);
  let records = '';
  let cancelBeat: (() => void) | undefined;

  function flush(): void {
    if (records !== '') response.write(records);
    records = '';
  }

  function beat(): void {
    cancelBeat = clock.after(heartbeatMs, () => {
      if (!isAllowed()) return over.abort(revoked);
      if (!response.writableNeedDrain) say({ kind: 'heartbeat' });
      beat();
    });
  }

  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
  say({ kind: 'hello', protocol: feedProtocol, heartbeatMs, ...hello });
  beat();
  try {
    for await (const event of reader.tail(from, signal)) {
      if (event.kind === 'record') {
        const token = event.record.changes.find(({ key }) => key === ownToken);
        if (token?.value === null) over.abort(revoked);
        records += lines.lineFor(event.record, sealingKey);
        // What ends such a row is never long in coming: the end of the log is told.
        if (records.length < togetherCharacters && !signal.aborted) continue;
        flush();
      } else {
        flush();
        say(event.kind === 'detached' ? { kind: 'detached', why: event.cause.message } : event);
      }
      if (signal.aborted) break;
      if (response.writableNeedDrain) await drained(response, clock, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    cancelBeat?.();
    if (!response.destroyed) {
      flush();
      const why = signal.aborted ? reasonOf(signal) : 'the log is closed';
      response.end(writeLine({ kind: 'bye', why }));
      // A reader that never reads would hold the connection.
      const cut = clock.after(undrainedMsMax, () => response.destroy());
      response.once('close', cut);
    }
  }
}

async function drained(response: ServerResponse, clock: Clock, signal: AbortSignal): Promise<void> {
  const waiting = new AbortController();
  const either = AbortSignal.any([waiting.signal, signal]);
  try {
    const late = pause(clock, undrainedMsMax, either).then(() => response.destroy());
    await Promise.race([once(response, 'drain', { signal: either }), late]);
  } finally {
    waiting.abort();
  }
}

function reasonOf({ reason }: AbortSignal): string {
  return reason instanceof Error ? reason.message : String(reason);
}
