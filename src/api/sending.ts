/**
 * Putting an answer on the wire. Every answer carries the request id under both of its names, and a
 * date from our own clock (API 2010-11-01, section 1.7). A sender who is still busy with a large
 * body gets the answer at once; the connection then stays open for a moment, since closing it under
 * the sender's hands would reset it and lose the answer.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../base/clock.ts';
import { formatHttpDate } from '../http/dates.ts';
import type { Answer } from './operation.ts';
import { drainBody } from './request-body.ts';

/** A body that is declared no larger is read to its end behind the answer, and the connection kept. */
const keptBodyBytesMax = 65_536;
const drain = { bytesMax: 33_554_432, timeMsMax: 2_000 };
/** So much may wait for a listener that reads slowly. */
const pendingBytesMax = 262_144;
const heartbeatMs = 15_000;

export type Sending = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly clock: Clock;
  /** Aborted when the server stops: streams end then, connections after their next answer. */
  readonly closing: AbortSignal;
};

/** Resolves when all is handed over or the receiver is gone; nothing is sent twice. */
export async function sendAnswer(answer: Answer, sending: Sending): Promise<void> {
  const { clock, closing, request, requestId, response } = sending;
  // Already answered by the guard of the connection, or nobody is there.
  if (response.headersSent || response.destroyed) return;
  response.setHeader('x-amz-request-id', requestId);
  response.setHeader('x-amzn-RequestId', requestId);
  response.setHeader('Date', formatHttpDate(clock.now()));
  for (const [name, value] of Object.entries(answer.headers ?? {})) {
    response.setHeader(wireName(name), value);
  }
  response.statusCode = answer.status;
  if ('stream' in answer) return sendStream(answer.stream, sending);
  const isLarge = hasLargeRest(request);
  // A server that stops answers what is under way, and takes nothing more on its connections.
  if (isLarge || closing.aborted) response.setHeader('Connection', 'close');
  if (answer.body !== undefined) {
    const bytes = Buffer.from(answer.body.text);
    response.setHeader('Content-Type', answer.body.type);
    response.setHeader('Content-Length', bytes.length);
    response.write(bytes);
  }
  if (isLarge) await drainBody(request, drain, clock);
  response.end();
}

function hasLargeRest(request: IncomingMessage): boolean {
  if (request.complete) return false;
  const { 'content-length': length, 'transfer-encoding': coding } = request.headers;
  return coding !== undefined || Number(length ?? 0) > keptBodyBytesMax;
}

/** Names are written as the service writes them, for those who read traces. */
function wireName(name: string): string {
  return name === 'etag' ? 'ETag' : name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}

type Stream = Extract<Answer, { stream: unknown }>['stream'];

function sendStream(stream: Stream, sending: Sending): Promise<void> {
  const { clock, closing, response } = sending;
  response.setHeader('Content-Type', stream.type);
  return new Promise((resolve) => {
    const afterwards: (() => void)[] = [resolve];
    let isOver = false;
    let cancelHeartbeat: (() => void) | undefined;
    const finish = (): void => {
      if (isOver) return;
      isOver = true;
      cancelHeartbeat?.();
      closing.removeEventListener('abort', finish);
      response.end();
      for (const act of afterwards) act();
    };
    const write = (text: string): void => {
      if (isOver) return;
      response.write(text);
      if (response.writableLength <= pendingBytesMax) return;
      finish();
      response.destroy();
    };
    const beat = (): void => {
      write(': heartbeat\n\n');
      if (!isOver) cancelHeartbeat = clock.after(heartbeatMs, beat);
    };
    response.on('close', finish);
    closing.addEventListener('abort', finish);
    const stop = stream.begin({ write });
    if (isOver) return stop();
    afterwards.push(stop);
    cancelHeartbeat = clock.after(heartbeatMs, beat);
    if (closing.aborted) finish();
  });
}
