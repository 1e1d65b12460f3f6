/**
 * The answer to one HTTP/1.x request, written to its connection (RFC 9112 §6 and §7). Framing is
 * decided here: by length where the head tells it, else in chunks, else by the end of the connection
 * for a viewer of HTTP/1.0. Never more is sent than the head promised, and where less was, the
 * connection ends without the sign of a whole answer.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import { headerValue, isToken } from '../http/header-list.ts';
import { isBodiless, reasonPhrase } from '../http/status.ts';
import { headerLines, headText } from './h1-head.ts';
import type { ViewerTunnel } from './tunnel.ts';
import { type AnswerAccount, type AnswerHead, type ViewerAnswer, ViewerGone } from './viewer.ts';

export type AnswerParts = {
  readonly socket: Socket;
  readonly isHead: boolean;
  readonly httpVersion: '1.0' | '1.1';
  readonly clock: Clock;
  /** Whether the connection may go on after this answer; asked when the head is written. */
  readonly mayKeepAlive: () => boolean;
  /** Resolves when the socket has room again; rejects with `ViewerGone`. */
  readonly drained: () => Promise<void>;
  /** The connection is HTTP no more. */
  readonly handOver: () => ViewerTunnel;
};

type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'until-close' };

/**
 * So small a body is copied behind its head, since one write costs less than two; but not for TLS,
 * which copies by itself what was written together, and does so for less.
 */
const copiedBytesMax = 16_384;
const lastChunk = '0\r\n\r\n';

export class H1Answer implements ViewerAnswer {
  readonly #parts: AnswerParts;
  #gone: AbortController | undefined;
  #viewerHasGone = false;
  #framing: Framing | undefined;
  #head: AnswerHead | undefined;
  /** Of the body, and beside it of head and framing. */
  #sentBytes = 0;
  #framingBytes = 0;
  readonly #arrivedMs: number;
  #begunMs = 0;
  #state: 'waiting' | 'begun' | 'ended' | 'cut' = 'waiting';
  #keepsAlive = false;

  constructor(parts: AnswerParts) {
    this.#parts = parts;
    this.#arrivedMs = parts.clock.monotonicMs();
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

  /** The whole answer was written, and the connection may go on. */
  get keepsAlive(): boolean {
    return this.#state === 'ended' && this.#keepsAlive;
  }

  get isWhole(): boolean {
    return this.#state === 'ended';
  }

  /** Called when the connection is over. */
  leave(): void {
    this.#viewerHasGone = true;
    this.#gone?.abort(new ViewerGone('the viewer has gone'));
  }

  whole(head: AnswerHead, body: Uint8Array | undefined): void {
    const { socket } = this.#parts;
    const text = this.#beginText(head);
    const length = body?.length ?? 0;
    if (
      this.#framing?.kind === 'length' &&
      this.#framing.bytes === length &&
      length <= copiedBytesMax &&
      !(socket instanceof TLSSocket)
    ) {
      const bytes = Buffer.allocUnsafe(text.length + length);
      bytes.write(text, 'latin1');
      if (body !== undefined) bytes.set(body, text.length);
      socket.write(bytes);
      this.#sentBytes = length;
      this.#state = 'ended';
      return;
    }
    socket.cork();
    socket.write(text, 'latin1');
    if (body !== undefined && body.length > 0) this.write(body);
    this.end();
    socket.uncork();
  }

  switchProtocol(head: AnswerHead): ViewerTunnel {
    this.#state = 'ended';
    this.#head = head;
    this.#begunMs = this.#parts.clock.monotonicMs();
    const fields = `${headerLines(head.headers)}Connection: Upgrade\r\nUpgrade: websocket\r\n`;
    const text = `HTTP/1.1 101 ${reasonPhrase(101)}\r\n${fields}${headerLines(head.ownHeaders)}\r\n`;
    this.#framingBytes = text.length;
    this.#parts.socket.write(text, 'latin1');
    return this.#parts.handOver();
  }

  begin(head: AnswerHead): void {
    const { socket } = this.#parts;
    // A first piece that is here already leaves in one write with the head.
    socket.cork();
    process.nextTick(() => socket.uncork());
    socket.write(this.#beginText(head), 'latin1');
  }

  #beginText(head: AnswerHead): string {
    if (this.begun) throw new Error('an answer begins once');
    this.#state = 'begun';
    this.#head = head;
    this.#begunMs = this.#parts.clock.monotonicMs();
    const framing = this.#frame(head);
    this.#framing = framing;
    this.#keepsAlive = !head.close && framing.kind !== 'until-close' && this.#parts.mayKeepAlive();
    const text = headText(head, {
      isChunked: framing.kind === 'chunked',
      keepsAlive: this.#keepsAlive,
    });
    this.#framingBytes = text.length;
    return text;
  }

  write(piece: Uint8Array): boolean {
    const { socket } = this.#parts;
    const framing = this.#framing;
    if (this.#state !== 'begun' || framing === undefined || framing.kind === 'none') return true;
    if (framing.kind === 'length' && this.#sentBytes + piece.length > framing.bytes) {
      // What is beyond the declared length is dropped (edge contract 5.10, rule 50).
      this.#keepsAlive = false;
      const rest = piece.subarray(0, framing.bytes - this.#sentBytes);
      this.#sentBytes = framing.bytes;
      return rest.length === 0 || socket.write(rest);
    }
    this.#sentBytes += piece.length;
    if (framing.kind !== 'chunked') return socket.write(piece);
    if (piece.length === 0) return true;
    const size = `${piece.length.toString(16)}\r\n`;
    this.#framingBytes += size.length + 2;
    socket.cork();
    socket.write(size, 'latin1');
    socket.write(piece);
    const hasRoom = socket.write('\r\n', 'latin1');
    socket.uncork();
    return hasRoom;
  }

  drained(): Promise<void> {
    return this.#parts.drained();
  }

  end(): void {
    if (this.#state !== 'begun') return;
    if (this.#framing?.kind === 'length' && this.#sentBytes < this.#framing.bytes) {
      this.cut();
      return;
    }
    if (this.#framing?.kind === 'chunked') {
      this.#framingBytes += lastChunk.length;
      this.#parts.socket.write(lastChunk, 'latin1');
    }
    this.#state = 'ended';
  }

  cut(): void {
    if (this.#state === 'ended' || this.#state === 'cut') return;
    this.#state = 'cut';
    const { socket } = this.#parts;
    // What was given so far is given, so that the viewer sees an answer that is not whole.
    socket.uncork();
    // The end of the connection would be the end of the body, so it has to be torn off instead; in
    // TLS a connection that ends without its closing alert is torn off as it is (RFC 8446 §6.1).
    if (this.#framing?.kind === 'until-close' && !(socket instanceof TLSSocket)) {
      socket.resetAndDestroy();
    } else socket.destroy();
  }

  account(): AnswerAccount {
    const isWhole = this.#state === 'ended';
    const head = this.#head;
    return {
      head,
      outcome: isWhole ? 'whole' : this.#state === 'cut' ? 'cut' : 'left',
      sentBytes: this.#framingBytes + this.#sentBytes,
      firstByteMs: head === undefined ? undefined : this.#begunMs - this.#arrivedMs,
      takenMs: this.#parts.clock.monotonicMs() - this.#arrivedMs,
    };
  }

  #frame({ headers, status }: AnswerHead): Framing {
    if (this.#parts.isHead || isBodiless(status)) return { kind: 'none' };
    const length = headerValue(headers, 'content-length');
    if (length !== undefined) return { kind: 'length', bytes: Number(length) };
    return this.#parts.httpVersion === '1.1' ? { kind: 'chunked' } : { kind: 'until-close' };
  }
}

/** Whether a request lets its connection go on after the answer (RFC 9112 §9.3). */
export function wantsKeepAlive(
  httpVersion: '1.0' | '1.1',
  connection: string | undefined,
): boolean {
  const options = (connection ?? '')
    .toLowerCase()
    .split(',')
    .map((option) => option.trim())
    .filter(isToken);
  if (options.includes('close')) return false;
  return httpVersion === '1.1' || options.includes('keep-alive');
}
