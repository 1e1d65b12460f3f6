/**
 * Bytes both ways between a viewer and an origin, unread and unchanged, once both have agreed to
 * speak WebSocket (edge contract 1.8, rules 30 and 31). Neither side is read faster than the other
 * takes it, an end of one is an end for the other, and a death of one the death of both, after what
 * it had said. An origin that is silent for too long ends it.
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../base/clock.ts';

/** A viewer's side, from the moment its connection is no longer one of HTTP. */
export type ViewerTunnel = {
  readonly socket: Duplex;
  /** What the viewer has sent already. */
  readonly early: Uint8Array;
};

export type TunnelAccount = {
  readonly toViewerBytes: number;
  readonly toOriginBytes: number;
  /** For the record. */
  readonly why: 'ended' | 'the origin was silent';
};

export type TunnelParts = {
  readonly viewer: ViewerTunnel;
  readonly origin: Duplex;
  readonly clock: Clock;
  /** How long the origin may send nothing. */
  readonly idleMsMax: number;
};

/** Resolves when both sides are closed; never rejects. */
export async function joinBothWays(parts: TunnelParts): Promise<TunnelAccount> {
  const { clock, idleMsMax, origin, viewer } = parts;
  let toViewerBytes = 0;
  let toOriginBytes = viewer.early.length;
  let heardMs = clock.monotonicMs();
  let why: TunnelAccount['why'] = 'ended';
  let cancel: (() => void) | undefined;
  const watch = (): void => {
    const leftMs = heardMs + idleMsMax - clock.monotonicMs();
    if (leftMs > 0) {
      cancel = clock.after(leftMs, watch);
      return;
    }
    why = 'the origin was silent';
    viewer.socket.destroy();
    origin.destroy();
  };
  watch();
  const bothClosed = Promise.all([closed(viewer.socket, origin), closed(origin, viewer.socket)]);
  if (viewer.early.length > 0) origin.write(viewer.early);
  pass(viewer.socket, origin, (bytes) => {
    toOriginBytes += bytes;
  });
  pass(origin, viewer.socket, (bytes) => {
    toViewerBytes += bytes;
    heardMs = clock.monotonicMs();
  });
  await bothClosed;
  cancel?.();
  return { toViewerBytes, toOriginBytes, why };
}

function pass(from: Duplex, to: Duplex, count: (bytes: number) => void): void {
  from.on('data', (piece: Uint8Array) => {
    count(piece.length);
    if (to.writable && !to.write(piece)) from.pause();
  });
  from.on('end', () => to.end());
  to.on('drain', () => from.resume());
  // The viewer may have ended its side before the origin agreed.
  if (from.readableEnded) to.end();
  // Whoever had it before may have told it to wait.
  from.resume();
}

/** Resolves when `side` is closed; the other one is then closed too, after what it is still to send. */
function closed(side: Duplex, other: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      if (other instanceof Socket) other.destroySoon();
      else other.destroy();
      resolve();
    };
    if (side.destroyed) over();
    else side.once('close', over);
  });
}
