/**
 * One HTTP/2 connection of a viewer, over TLS (RFC 9113). Frames, fields and flow control are the work
 * of `node:http2`; here stand what of its streams the pipeline is given, and the bounds: of time for
 * each stream and for the connection, and those that `FrameWatch` keeps.
 *
 *            preface, SETTINGS                GOAWAY: asked to finish, or idleMsMax without a stream
 *   opened ───────────────────► open ───────────────────────────────────────► finishing ──► closed
 *                                └── GOAWAY with a code: a bound was passed, or HTTP/2 was broken ──┘
 *
 * There is no push and no cleartext HTTP/2 (edge contract 1.3). docs/decisions/0019
 */
import { constants, performServerHandshake, type ServerHttp2Session } from 'node:http2';
import type { ServerHttp2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import { type HeaderList, headerValue } from '../http/header-list.ts';
import { listBytes, parseH2Head } from '../http/h2-request.ts';
import type { EdgeBounds } from './bounds.ts';
import { H2Answer } from './h2-answer.ts';
import { H2Body } from './h2-body.ts';
import { type FrameFault, FrameWatch } from './h2-frame-watch.ts';
import { H2Transport } from './h2-transport.ts';
import type { Arrival, ViewerAnswer, ViewerConnection } from './viewer.ts';
import { faultArrival, type ViewerWhence, whenceOf } from './whence.ts';

export type H2ConnectionParts = {
  readonly socket: TLSSocket;
  readonly bounds: EdgeBounds;
  readonly clock: Clock;
  /** Answers; done when it returns, or when its promise resolves. It never rejects. */
  readonly serve: (arrival: Arrival, answer: ViewerAnswer) => Promise<void> | undefined;
  readonly onClose: (connection: H2Connection) => void;
};

/** A request that is being answered. */
type Answering = {
  readonly stream: ServerHttp2Stream;
  readonly answer: H2Answer;
  readonly body: H2Body | undefined;
};

/**
 * GOAWAY with the highest id that a stream can have and no error: no further requests, and none that
 * is on its way is lost (RFC 9113 §6.8). The engine would take none itself once it had said so.
 */
const shutdownNotice = Buffer.from('0000080700000000007fffffff00000000', 'hex');
/** The smallest field is counted with so many bytes, so a list within its bound has no more fields. */
const fieldBytesMin = 33;
/** In one frame of SETTINGS. */
const settingsMax = 32;

export class H2Connection implements ViewerConnection {
  readonly #parts: H2ConnectionParts;
  readonly #socket: TLSSocket;
  readonly #whence: ViewerWhence;
  /** It has brought a request before. */
  #isUsed = false;
  readonly #session: ServerHttp2Session;
  readonly #transport: H2Transport;
  readonly #watch: FrameWatch;
  readonly #answering = new Set<Answering>();
  #state: 'open' | 'finishing' | 'failed' | 'released' = 'open';
  /** On the monotonic clock: when a connection without streams is closed, or one that is over is cut. */
  #deadlineMs: number | undefined;

  constructor(parts: H2ConnectionParts) {
    const { bounds, socket } = parts;
    this.#parts = parts;
    this.#socket = socket;
    this.#whence = whenceOf(socket, 'https');
    this.#watch = new FrameWatch(bounds);
    this.#expectIn(bounds.idleMsMax);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#onClose());
    this.#transport = new H2Transport({
      socket,
      isBetweenFrames: () => this.#watch.isBetweenLeaving,
      onArriving: (bytes) => this.#judge(this.#watch.take(bytes, this.#nowMs())),
      onLeaving: (bytes) => void this.#judge(this.#watch.send(bytes, this.#nowMs())),
      // Who has said all it will say is answered, and then the connection is over.
      onEnd: () => this.finish(),
      onRelease: () => this.#release(),
    });
    this.#session = performServerHandshake(this.#transport, {
      settings: {
        enablePush: false,
        maxConcurrentStreams: bounds.h2StreamsMax,
        maxHeaderListSize: bounds.headBytesMax,
      },
      maxHeaderListPairs: Math.ceil(bounds.headBytesMax / fieldBytesMin),
      maxSettings: settingsMax,
      // The edge sees to it that answers are well formed; what origins send twice goes on twice.
      strictSingleValueFields: false,
    });
    this.#session.on('stream', (stream, _headers, flags, fields: HeaderList) => {
      this.#onStream(stream, fields, (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0);
    });
    // What the engine finds wrong it tells the viewer itself, and closes.
    this.#session.on('error', () => undefined);
  }

  expire(nowMs: number): void {
    for (const { answer, body, stream } of this.#answering) {
      const deadlineMs = Math.min(answer.deadlineMs ?? nowMs + 1, body?.deadlineMs ?? nowMs + 1);
      if (nowMs < deadlineMs) continue;
      if (answer.begun) stream.destroy(new Error('the viewer took too long'));
      else stream.close(constants.NGHTTP2_CANCEL);
    }
    const since = this.#watch.unfinishedSinceMs;
    if (since !== undefined && nowMs - since >= this.#parts.bounds.headMsMax) {
      this.#fail({ code: constants.NGHTTP2_ENHANCE_YOUR_CALM, why: 'a frame came too slowly' });
    }
    if (this.#deadlineMs === undefined || nowMs < this.#deadlineMs) return;
    if (this.#state === 'open') this.finish();
    else this.#socket.destroy();
  }

  retire(): void {
    if (this.#state === 'open') this.#transport.putIn(shutdownNotice);
  }

  finish(): void {
    if (this.#state !== 'open') return;
    this.#state = 'finishing';
    // With nothing under way this ends the session at once; the viewer gets as long as any other.
    this.#expectIn(this.#parts.bounds.lingerMsMax);
    if (this.#answering.size > 0) this.#deadlineMs = undefined;
    this.#session.close();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #judge(fault: FrameFault | undefined): boolean {
    if (fault !== undefined) this.#fail(fault);
    return this.#state === 'open' || this.#state === 'finishing';
  }

  /** GOAWAY with the code, and no more. */
  #fail({ code, why }: FrameFault): void {
    if (this.#state === 'failed' || this.#state === 'released') return;
    this.#state = 'failed';
    this.#expectIn(this.#parts.bounds.lingerMsMax);
    // Not within a call of the engine's own.
    process.nextTick(() => this.#session.destroy(new Error(why), code));
  }

  /** The engine is done with the connection, which ends once the viewer has what was written. */
  #release(): void {
    this.#state = 'released';
    this.#expectIn(this.#parts.bounds.lingerMsMax);
    this.#socket.end();
    this.#socket.resume();
  }

  #onClose(): void {
    this.#state = 'released';
    this.#deadlineMs = undefined;
    if (!this.#session.destroyed) this.#session.destroy();
    for (const answering of this.#answering) this.#leave(answering);
    this.#parts.onClose(this);
  }

  #onStream(stream: ServerHttp2Stream, fields: HeaderList, endsStream: boolean): void {
    stream.on('error', () => undefined);
    // Given up before it was looked at: nothing is begun for it.
    if (stream.destroyed || stream.closed || this.#state === 'failed') return;
    const { bounds, clock } = this.#parts;
    if (listBytes(fields) > bounds.headBytesMax) {
      this.#fail({ code: constants.NGHTTP2_ENHANCE_YOUR_CALM, why: 'the fields are too large' });
      return;
    }
    const head = parseH2Head(fields, bounds);
    const body =
      'status' in head || endsStream || head.contentLength === 0
        ? undefined
        : new H2Body({
            stream,
            length: head.contentLength,
            waits: headerValue(head.headers, 'expect') !== undefined,
            clock,
            bounds,
          });
    const isLater = this.#isUsed;
    this.#isUsed = true;
    const arrival: Arrival =
      'status' in head
        ? faultArrival(head, this.#whence, '2.0')
        : {
            fault: undefined,
            request: {
              ...this.#whence,
              method: head.method,
              httpVersion: '2.0',
              hostText: head.hostText,
              path: head.path,
              query: head.query,
              headers: head.headers,
              hasBody: body !== undefined,
              body,
              headBytes: head.bytes,
              isLater,
            },
          };
    this.#answer(arrival, stream, body);
  }

  #answer(arrival: Arrival, stream: ServerHttp2Stream, body: H2Body | undefined): void {
    const { bounds, clock, serve } = this.#parts;
    const isHead = arrival.request.method === 'HEAD';
    const answer = new H2Answer({ stream, isHead, clock, drainMsMax: bounds.drainMsMax });
    const answering = { stream, answer, body };
    this.#answering.add(answering);
    if (this.#state === 'open') this.#deadlineMs = undefined;
    stream.once('close', () => this.#leave(answering));
    // A body that nobody has read to its end is not waited for (RFC 9113 §8.1).
    stream.once('finish', () => {
      if (body?.begun === true && !body.isComplete) stream.close(constants.NGHTTP2_NO_ERROR);
    });
    const finish = (): void => {
      if (!answer.isWhole) answer.cut();
    };
    const served = serve(arrival, answer);
    if (served === undefined) finish();
    else void served.then(finish);
  }

  #leave(answering: Answering): void {
    if (!this.#answering.delete(answering)) return;
    answering.answer.leave();
    answering.body?.leave();
    if (this.#answering.size > 0) return;
    if (this.#state === 'open') this.#expectIn(this.#parts.bounds.idleMsMax);
    else if (this.#state === 'finishing') this.#expectIn(this.#parts.bounds.lingerMsMax);
  }

  #nowMs(): number {
    return this.#parts.clock.monotonicMs();
  }

  #expectIn(ms: number): void {
    this.#deadlineMs = this.#nowMs() + ms;
  }
}
