/**
 * One HTTP/1.x connection of a viewer: reads heads strictly, has each answered before the next one is
 * taken, and keeps the bounds of time. How much is held is bounded too: no more than a head and a
 * piece is read ahead while an answer is under way, and nothing more is answered while the viewer
 * does not take what was written.
 *
 *            first byte              whole head             answer whole, may go on
 *   idle ───────────────► head ───────────────► answering ──────────────────────────► idle
 *    │ idleMsMax           │ headMsMax: 408       │ fault, close, or viewer's end
 *    ▼                     ▼                      ▼
 *   closed ◄──────────── lingering: what still comes is read and dropped, lingerMsMax at most, so that
 *                        the answer is not torn away by the reset that unread bytes cause
 *   answering ──► handed over: a WebSocket, whose bytes are read elsewhere until it is closed
 */
import type { Socket } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { framingOf } from '../http/body-framing.ts';
import { headerValue, joinedValue, withoutNominated } from '../http/header-list.ts';
import {
  findEarlyFault,
  findHeadEnd,
  parseRequestHead,
  type RequestHead,
} from '../http/request-head.ts';
import { parseRequestUrl } from '../http/request-target.ts';
import { Allowance } from './allowance.ts';
import type { EdgeBounds } from './bounds.ts';
import { H1Body } from './h1-body.ts';
import { faultArrival, type ViewerWhence, whenceOf } from './whence.ts';
import { H1Answer, wantsKeepAlive } from './h1-answer.ts';
import type { Lane } from './lane/lane.ts';
import type { ViewerTunnel } from './tunnel.ts';
import {
  type Arrival,
  type ViewerAnswer,
  type ViewerConnection,
  type ViewerFault,
  ViewerGone,
} from './viewer.ts';

export type ConnectionParts = {
  readonly socket: Socket;
  readonly scheme: 'http' | 'https';
  readonly bounds: EdgeBounds;
  readonly clock: Clock;
  /** Answers; done when it returns, or when its promise resolves. It never rejects. */
  readonly serve: (arrival: Arrival, answer: ViewerAnswer) => Promise<void> | undefined;
  readonly onClose: (connection: H1Connection) => void;
  /** Answers what it can before a request is read here. */
  readonly lane?: Lane | undefined;
};

type Waiting = { readonly resolve: () => void; readonly reject: (gone: ViewerGone) => void };

const noBytes: Buffer = Buffer.alloc(0);
const goOn = 'HTTP/1.1 100 Continue\r\n\r\n';
const carriageReturn = 13;
const lineFeed = 10;

export class H1Connection implements ViewerConnection {
  readonly #parts: ConnectionParts;
  readonly #socket: Socket;
  readonly #whence: ViewerWhence;
  /** It has brought a request before. */
  #isUsed = false;
  #state: 'idle' | 'head' | 'answering' | 'lingering' | 'handed-over' | 'closed' = 'idle';
  /** What has come and is not taken yet: `#bytes` up to `#length`. */
  #bytes: Buffer = noBytes;
  #length = 0;
  /** So many of them were looked at for the end of a head. */
  #scanned = 0;
  #mayBeginWithEmptyLine = true;
  #viewerEnded = false;
  #isRetiring = false;
  #isLast = false;
  #paused = false;
  #answer: H1Answer | undefined;
  /** Of the request that is being answered. */
  #body: H1Body | undefined;
  /** How long its viewer may still be waited for. */
  #allowance: Allowance | undefined;
  #waiting: Waiting[] = [];
  /** On the monotonic clock; undefined while nothing is waited for. */
  #deadlineMs: number | undefined;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.#socket = parts.socket;
    this.#whence = whenceOf(parts.socket, parts.scheme);
    this.#expectIn(parts.bounds.idleMsMax);
    this.#socket.on('data', (piece: Buffer) => this.#onData(piece));
    this.#socket.on('end', () => this.#onEnd());
    this.#socket.on('drain', () => this.#onDrain());
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('close', () => this.#onClose());
  }

  get isAnswering(): boolean {
    return this.#state === 'answering';
  }

  expire(nowMs: number): void {
    if (this.#deadlineMs === undefined || nowMs < this.#deadlineMs) return;
    this.#deadlineMs = undefined;
    if (this.#state === 'head') this.#answerFault({ status: 408, why: 'the head came too slowly' });
    else this.#socket.destroy();
  }

  /** An answer that has said already that the connection goes on is not the last one. */
  retire(): void {
    this.#isRetiring = true;
  }

  finish(): void {
    this.#isLast = true;
    // Between requests there is nothing to lose, and no answer to wait for.
    if (this.#state === 'idle' || this.#state === 'head') this.#socket.destroySoon();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #onData(piece: Buffer): void {
    if (this.#state === 'lingering' || this.#state === 'closed') return;
    const taken = this.#answerByLane(piece);
    if (taken === piece.length) return;
    this.#append(taken === 0 ? piece : piece.subarray(taken));
    if (this.#state !== 'answering') {
      this.#takeNext();
      return;
    }
    if (this.#body?.arrive() === true) {
      this.#deadlineMs = undefined;
      this.#allowance?.end(this.#parts.clock.monotonicMs());
    }
    this.#allowance?.earn(piece.length);
    if (this.#length >= this.#parts.bounds.headBytesMax) this.#pause();
  }

  /** How many of the bytes were requests that are answered now. */
  #answerByLane(piece: Buffer): number {
    const { bounds, lane } = this.#parts;
    if (lane === undefined || this.#state !== 'idle' || this.#length > 0) return 0;
    if (this.#isRetiring || this.#isLast) return 0;
    const taken = lane.answer(piece, this.#socket, this.#whence);
    if (taken === 0) return 0;
    this.#isUsed = true;
    this.#mayBeginWithEmptyLine = true;
    this.#expectIn(bounds.idleMsMax);
    if (this.#socket.writableNeedDrain) {
      this.#state = 'answering';
      void this.#finishDraining().then(() => this.#takeNext());
    }
    return taken;
  }

  #onEnd(): void {
    this.#viewerEnded = true;
    if (this.#state === 'answering') {
      this.#body?.leave();
      return;
    }
    if (this.#state === 'lingering') this.#socket.destroy();
    else this.#linger();
  }

  #onDrain(): void {
    this.#deadlineMs = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { resolve } of waiting) resolve();
  }

  #onClose(): void {
    this.#state = 'closed';
    this.#deadlineMs = undefined;
    this.#answer?.leave();
    this.#body?.leave();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { reject } of waiting) reject(new ViewerGone('the viewer has gone'));
    this.#bytes = noBytes;
    this.#length = 0;
    this.#parts.onClose(this);
  }

  /** Answers as many requests as have come; goes on by itself where one takes longer. */
  #takeNext(): void {
    while (this.#state === 'idle' || this.#state === 'head') {
      const arrival = this.#takeArrival();
      if (arrival === undefined) {
        // What has begun will never be whole.
        if (this.#viewerEnded) this.#linger();
        return;
      }
      const answered = this.#begin(arrival);
      if (answered === undefined) continue;
      void answered.then(() => this.#takeNext());
      return;
    }
  }

  /** Undefined: done already, and ready for what comes next. */
  #begin(arrival: Arrival): Promise<void> | undefined {
    this.#state = 'answering';
    this.#deadlineMs = undefined;
    const { request } = arrival;
    const httpVersion = request.httpVersion === '1.0' ? '1.0' : '1.1';
    const answer = new H1Answer({
      socket: this.#socket,
      isHead: request.method === 'HEAD',
      httpVersion,
      clock: this.#parts.clock,
      mayKeepAlive: () =>
        arrival.fault === undefined &&
        !this.#isLast &&
        !this.#isRetiring &&
        !this.#hasSaidAll() &&
        (this.#body?.isComplete ?? true) &&
        wantsKeepAlive(httpVersion, joinedValue(request.headers, 'connection')),
      drained: () => this.#drained(),
      handOver: () => this.#handOver(),
    });
    this.#answer = answer;
    const served = this.#parts.serve(arrival, answer);
    if (served === undefined) return this.#finishAnswer(answer);
    return served.then(() => this.#finishAnswer(answer));
  }

  #finishAnswer(answer: H1Answer): Promise<void> | undefined {
    this.#answer = undefined;
    this.#body = undefined;
    this.#allowance = undefined;
    if (this.#state === 'closed' || this.#state === 'handed-over') return undefined;
    if (!answer.isWhole) {
      this.#socket.destroy();
      return undefined;
    }
    if (!answer.keepsAlive) {
      this.#linger();
      return undefined;
    }
    if (!this.#socket.writableNeedDrain) {
      this.#rest();
      return undefined;
    }
    return this.#finishDraining();
  }

  /** What was answered is taken before the next request is. */
  #finishDraining(): Promise<void> {
    return this.#drained().then(
      () => this.#rest(),
      () => undefined,
    );
  }

  #rest(): void {
    if (this.#state !== 'answering') return;
    if (this.#isLast || this.#hasSaidAll()) {
      this.#linger();
      return;
    }
    this.#state = 'idle';
    this.#mayBeginWithEmptyLine = true;
    this.#expectIn(this.#parts.bounds.idleMsMax);
    this.#resume();
  }

  /** The next request, or what makes it none; undefined while neither is clear. */
  #takeArrival(): Arrival | undefined {
    const { bounds } = this.#parts;
    this.#dropEmptyLine();
    if (this.#length === 0) return undefined;
    const bytes = this.#bytes.subarray(0, this.#length);
    const end = findHeadEnd(bytes, this.#scanned);
    if (end === undefined) {
      const fault = this.#isHalfAnEmptyLine()
        ? undefined
        : findEarlyFault(bytes, this.#scanned, bounds);
      if (fault !== undefined) return this.#faultArrival(fault);
      this.#scanned = this.#length;
      if (this.#state === 'idle') {
        this.#state = 'head';
        this.#expectIn(bounds.headMsMax);
      }
      return undefined;
    }
    const head = parseRequestHead(bytes.subarray(0, end), bounds);
    if ('status' in head) return this.#faultArrival(head);
    this.#consume(end);
    return this.#requestArrival(head, end);
  }

  #requestArrival(head: RequestHead, headBytes: number): Arrival {
    const url = parseRequestUrl(head);
    if (url === undefined) {
      return this.#faultArrival({ status: 400, why: 'the target or the Host has another form' });
    }
    this.#body = this.#bodyOf(head);
    const isLater = this.#isUsed;
    this.#isUsed = true;
    return {
      fault: undefined,
      request: {
        ...url,
        ...this.#whence,
        method: head.method,
        httpVersion: head.version,
        headers: withoutNominated(head.headers),
        hasBody: head.body.kind !== 'none',
        body: this.#body,
        headBytes,
        isLater,
      },
    };
  }

  #bodyOf({ body, headers, version }: RequestHead): H1Body | undefined {
    if (body.kind === 'none') return undefined;
    const { bodyBytesPerS, bodyMsMax } = this.#parts.bounds;
    const allowance = new Allowance(bodyMsMax, bodyBytesPerS);
    this.#allowance = allowance;
    const waits = version === '1.1' && headerValue(headers, 'expect') !== undefined;
    return new H1Body(framingOf(body), body.kind === 'length' ? body.bytes : undefined, {
      peek: () => this.#bytes.subarray(0, this.#length),
      consume: (count) => {
        this.#consume(count);
        if (this.#length < this.#parts.bounds.headBytesMax) this.#resume();
      },
      wait: () => this.#expectIn(allowance.begin(this.#parts.clock.monotonicMs())),
      tellToGoOn: waits ? () => void this.#socket.write(goOn, 'latin1') : undefined,
    });
  }

  #faultArrival(fault: ViewerFault): Arrival {
    return faultArrival(fault, this.#whence, '1.1');
  }

  #answerFault(fault: ViewerFault): void {
    void this.#begin(this.#faultArrival(fault));
  }

  /** One empty line before a request is passed over (RFC 9112 §2.2); more are no request. */
  #dropEmptyLine(): void {
    if (!this.#mayBeginWithEmptyLine || this.#length < 2) return;
    this.#mayBeginWithEmptyLine = false;
    if (this.#bytes[0] === carriageReturn && this.#bytes[1] === lineFeed) this.#consume(2);
  }

  /** The viewer has ended its side, and each of its requests was taken. */
  #hasSaidAll(): boolean {
    return this.#viewerEnded && this.#length === 0;
  }

  #isHalfAnEmptyLine(): boolean {
    return this.#mayBeginWithEmptyLine && this.#length === 1 && this.#bytes[0] === carriageReturn;
  }

  #append(piece: Buffer): void {
    if (this.#length === 0) {
      // Nobody else has the piece, so it is kept as it is instead of being copied.
      this.#bytes = piece;
      this.#length = piece.length;
      return;
    }
    const needed = this.#length + piece.length;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    piece.copy(this.#bytes, this.#length);
    this.#length = needed;
  }

  #consume(count: number): void {
    this.#bytes = this.#bytes.subarray(count);
    this.#length -= count;
    this.#scanned = 0;
    if (this.#length === 0) this.#bytes = noBytes;
  }

  #drained(): Promise<void> {
    if (this.#state === 'closed' || this.#socket.destroyed) {
      return Promise.reject(new ViewerGone('the viewer has gone'));
    }
    if (!this.#socket.writableNeedDrain) return Promise.resolve();
    this.#expectIn(this.#parts.bounds.drainMsMax);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  /** Nothing is read here any more; the connection is counted, and closed with the others. */
  #handOver(): ViewerTunnel {
    const early = this.#bytes.subarray(0, this.#length);
    if (this.#state !== 'closed') this.#state = 'handed-over';
    this.#deadlineMs = undefined;
    this.#bytes = noBytes;
    this.#length = 0;
    this.#socket.pause();
    for (const event of ['data', 'end', 'drain']) this.#socket.removeAllListeners(event);
    return { socket: this.#socket, early };
  }

  /** Sends what is written and an end, then waits for the viewer's own. */
  #linger(): void {
    if (this.#state === 'lingering' || this.#state === 'closed') return;
    this.#state = 'lingering';
    this.#bytes = noBytes;
    this.#length = 0;
    this.#expectIn(this.#parts.bounds.drainMsMax);
    this.#socket.end(() => {
      if (this.#viewerEnded) this.#socket.destroy();
      else if (this.#state === 'lingering') this.#expectIn(this.#parts.bounds.lingerMsMax);
    });
    this.#resume();
  }

  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#socket.pause();
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket.resume();
  }

  #expectIn(ms: number): void {
    this.#deadlineMs = this.#parts.clock.monotonicMs() + ms;
  }
}
