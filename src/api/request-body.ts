/**
 * The body of a request, held whole but within bounds of bytes and of time: nothing past the bound
 * is kept, and a sender who dawdles is told so.
 */
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../base/clock.ts';
import { Refusal } from '../model/refusal.ts';

export type Body =
  | { readonly kind: 'whole'; readonly bytes: Uint8Array }
  /** More came than `bytesMax`; the rest is left unread. */
  | { readonly kind: 'tooLarge'; readonly bytesMax: number };

/** The connection broke before the request was whole: there is nobody to answer. */
export class SenderGone extends Error {
  override readonly name = 'SenderGone';
}

/** Rejects with SenderGone, or with `InvalidHTTPRequest` when time runs out. */
export function readBody(
  request: IncomingMessage,
  bounds: { readonly bytesMax: number; readonly timeMsMax: number },
  clock: Clock,
): Promise<Body> {
  const { bytesMax, timeMsMax } = bounds;
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) {
    return Promise.resolve({ kind: 'tooLarge', bytesMax });
  }
  const { socket } = request;
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    const finish = (settle: () => void): void => {
      cancel();
      request.off('data', onData).off('end', onEnd).off('close', onClose);
      socket.off('close', onClose);
      request.pause();
      settle();
    };
    const onData = (piece: Buffer): void => {
      bytes += piece.length;
      if (bytes > bytesMax) finish(() => resolve({ kind: 'tooLarge', bytesMax }));
      else pieces.push(piece);
    };
    const onEnd = (): void => {
      finish(() => resolve({ kind: 'whole', bytes: Buffer.concat(pieces) }));
    };
    const onClose = (): void => {
      finish(() => reject(new SenderGone('the connection closed before the body was whole')));
    };
    const cancel = clock.after(timeMsMax, () => {
      const why = `its body did not come within ${timeMsMax / 1_000} s.`;
      finish(() => reject(new Refusal('InvalidHTTPRequest', { why })));
    });
    // An error of the stream is always followed by `close`; unheard, it would end the process.
    request.on('error', () => undefined);
    request.on('data', onData).on('end', onEnd).on('close', onClose);
    // A request that the guard of the connection has answered is not closed by itself.
    socket.on('close', onClose);
  });
}

/**
 * Reads and drops what is left of a body, so that its sender comes to read the answer instead of
 * meeting a reset. Resolves when nothing is left or a bound is reached.
 */
export function drainBody(
  request: IncomingMessage,
  bounds: { readonly bytesMax: number; readonly timeMsMax: number },
  clock: Clock,
): Promise<void> {
  if (request.complete || request.destroyed) return Promise.resolve();
  const { socket } = request;
  return new Promise((resolve) => {
    let bytes = 0;
    const finish = (): void => {
      cancel();
      request.off('data', onData).off('end', finish).off('close', finish);
      socket.off('close', finish);
      resolve();
    };
    const onData = (piece: Buffer): void => {
      bytes += piece.length;
      if (bytes > bounds.bytesMax) finish();
    };
    const cancel = clock.after(bounds.timeMsMax, finish);
    request.on('error', () => undefined);
    request.on('data', onData).on('end', finish).on('close', finish);
    socket.on('close', finish);
    request.resume();
  });
}
