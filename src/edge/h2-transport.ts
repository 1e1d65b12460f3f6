/**
 * The bytes between a viewer's TLS connection and the HTTP/2 engine. They pass through here so that
 * every frame is seen in both directions, and so that the last thing said, a GOAWAY, is not torn away
 * by the end of the connection: the engine may drop its side at once, the connection is ended in order.
 */
import { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';

export type TransportParts = {
  readonly socket: TLSSocket;
  /** False: what came is not handed on. */
  readonly onArriving: (bytes: Buffer) => boolean;
  readonly onLeaving: (bytes: Buffer) => void;
  /** Whether all frames that have left are whole, and there was one. */
  readonly isBetweenFrames: () => boolean;
  /** The viewer has ended its side. */
  readonly onEnd: () => void;
  /** The engine has let go of it. */
  readonly onRelease: () => void;
};

type Chunk = { readonly chunk: Buffer };
type Done = (error?: Error | null) => void;

export class H2Transport extends Duplex {
  readonly #parts: TransportParts;
  /** A frame that is not the engine's, and has not left. */
  #due: Buffer | undefined;

  constructor(parts: TransportParts) {
    super({ decodeStrings: true });
    this.#parts = parts;
    const { socket } = parts;
    socket.on('data', (bytes: Buffer) => {
      if (this.destroyed || !parts.onArriving(bytes)) return;
      if (!this.push(bytes)) socket.pause();
    });
    socket.on('end', parts.onEnd);
    socket.pause();
  }

  /** Puts a frame between those of the engine, as soon as there is such a place. */
  putIn(frame: Buffer): void {
    this.#due = frame;
    this.#putInDue();
  }

  #putInDue(): void {
    const { isBetweenFrames, socket } = this.#parts;
    if (this.#due === undefined || this.destroyed || !isBetweenFrames()) return;
    socket.write(this.#due);
    this.#due = undefined;
  }

  override _read(): void {
    this.#parts.socket.resume();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#parts.onLeaving(bytes);
    this.#parts.socket.write(bytes, done);
    this.#putInDue();
  }

  override _writev(chunks: readonly Chunk[], done: Done): void {
    const { onLeaving, socket } = this.#parts;
    socket.cork();
    for (const [index, { chunk }] of chunks.entries()) {
      onLeaving(chunk);
      if (index < chunks.length - 1) socket.write(chunk);
      else socket.write(chunk, done);
    }
    this.#putInDue();
    socket.uncork();
  }

  override _final(done: Done): void {
    this.#parts.socket.end();
    done();
  }

  /** Its errors are the connection's, which is watched by itself. */
  override _destroy(_error: Error | null, done: Done): void {
    this.#parts.onRelease();
    done();
  }
}
