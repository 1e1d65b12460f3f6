/**
 * One request to one endpoint: head and body as they come, with back-pressure (docs/decisions/0007).
 * Connections are kept and used again, a pool for each endpoint; how many requests may be under way
 * to one is bounded, and so is how many pools there are.
 *
 * This is the only file that knows the HTTP client. Its errors become `OriginFailure` here.
 */
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { type Duplex, Readable } from 'node:stream';
import type {
  buildConnector,
  Dispatcher,
  errors as UndiciErrors,
  Pool as UndiciPool,
} from 'undici';
import type { Clock } from '../base/clock.ts';
import { type HeaderList, isFieldValue, isToken, joinedValue } from '../http/header-list.ts';
import { isBodiless } from '../http/status.ts';
import type { Connector, Endpoint } from './connector.ts';
import { swallowNoMore } from './continue-filter.ts';
import type { OriginAnswer, OriginRequest } from './origin-answer.ts';
import { OriginFailure } from './origin-failure.ts';
import { StreamedBody } from './streamed-body.ts';

// Two files of undici, since its index loads a hundred others (fetch, WebSocket, mocks, caches) that
// cost each edge worker 70 ms of CPU time at its start and 10 MB for good. They are no documented
// paths; the release is pinned exactly, and every test of an origin fails where they move.
const load = createRequire(import.meta.url);
const Pool: typeof UndiciPool = load('undici/lib/dispatcher/pool.js');
const errors: typeof UndiciErrors = load('undici/lib/core/errors.js');

export type ClientParts = {
  readonly clock: Clock;
  readonly connector: Connector;
  readonly bounds: ClientBounds;
};

export type ClientBounds = {
  readonly connectionsPerEndpointMax: number;
  /** Under way or waiting for a connection. */
  readonly requestsPerEndpointMax: number;
  /** The same over all endpoints. */
  readonly originRequestsMax: number;
  readonly endpointsMax: number;
  readonly responseHeadBytesMax: number;
};

/** How long one request may take, and its connection afterwards. */
export type Pacing = {
  /** Before the first byte, and between any two packets. */
  readonly readMs: number;
  /** From the moment it is sent to the last byte of its answer; 0: without an end. */
  readonly completionMs: number;
  /** An idle connection is kept for so long. */
  readonly keepAliveMs: number;
};

type EndpointPool = { readonly pool: UndiciPool; underWay: number };

export class OriginClient {
  readonly #parts: ClientParts;
  /** In the order of their last use, the oldest first. */
  readonly #pools = new Map<string, EndpointPool>();

  #underWay = 0;

  constructor(parts: ClientParts) {
    this.#parts = parts;
  }

  /**
   * Rejects with an `OriginFailure`; `headers` is complete but for `Connection`.
   */
  async ask(endpoint: Endpoint, request: OriginRequest, pacing: Pacing): Promise<OriginAnswer> {
    const { bounds, clock } = this.#parts;
    const { completionMs, keepAliveMs, readMs } = pacing;
    const used = this.#pool(endpoint, keepAliveMs);
    const isFull =
      used.underWay >= bounds.requestsPerEndpointMax || this.#underWay >= bounds.originRequestsMax;
    if (isFull) {
      throw new OriginFailure('connect', 'capacity', { retryable: false });
    }
    used.underWay += 1;
    this.#underWay += 1;
    const call = new Call(request, {
      headBytesMax: bounds.responseHeadBytesMax,
      clock,
      completionMs,
      over: () => {
        used.underWay -= 1;
        this.#underWay -= 1;
      },
    });
    used.pool.dispatch(
      {
        method: request.method,
        path: request.path,
        headers: [...request.headers],
        body:
          request.body === undefined
            ? null
            : Readable.from(untouched(request.body), { objectMode: false }),
        ...(request.upgrade === undefined ? {} : { upgrade: request.upgrade }),
        headersTimeout: readMs,
        bodyTimeout: readMs,
      },
      call,
    );
    return call.answer;
  }

  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map(({ pool }) => pool.destroy()));
  }

  #pool(endpoint: Endpoint, keepAliveMs: number): EndpointPool {
    const key = [...Object.values(endpoint), keepAliveMs].join(' ');
    const known = this.#pools.get(key);
    if (known !== undefined) {
      this.#pools.delete(key);
      this.#pools.set(key, known);
      return known;
    }
    this.#forgetIdle();
    const { bounds, connector } = this.#parts;
    const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host;
    const pool = new Pool(`${endpoint.scheme}://${host}:${endpoint.port}`, {
      connections: bounds.connectionsPerEndpointMax,
      pipelining: 1,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveMs,
      maxHeaderSize: bounds.responseHeadBytesMax,
      connect: (_options, done) => {
        void connectFor(connector, endpoint, done);
      },
    });
    const made = { pool, underWay: 0 };
    this.#pools.set(key, made);
    return made;
  }

  #forgetIdle(): void {
    if (this.#pools.size < this.#parts.bounds.endpointsMax) return;
    for (const [key, { pool, underWay }] of this.#pools) {
      if (underWay > 0) continue;
      this.#pools.delete(key);
      void pool.destroy();
      return;
    }
    throw new OriginFailure('connect', 'capacity', { retryable: false });
  }
}

/** A generator that was not begun leaves its body alone, so an attempt without a connection does too. */
async function* untouched(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* body;
}

/** `done` is called outside of the `try`: what it throws is not the origin's failure. */
async function connectFor(
  connector: Connector,
  endpoint: Endpoint,
  done: buildConnector.Callback,
): Promise<void> {
  let socket: Socket;
  try {
    socket = await connector.connect(endpoint);
  } catch (failure) {
    done(failure instanceof Error ? failure : new Error(String(failure)), null);
    return;
  }
  done(null, socket);
}

type CallParts = {
  readonly headBytesMax: number;
  readonly clock: Clock;
  readonly completionMs: number;
  readonly over: () => void;
};

/** One request, from the moment it is given to the client to the end of its answer. */
class Call implements Dispatcher.DispatchHandler {
  readonly answer: Promise<OriginAnswer>;
  readonly #request: OriginRequest;
  readonly #parts: CallParts;
  readonly #onAbort = (): void => this.#abort('closed');
  #cancelCompletion: () => void = () => undefined;
  #resolve: (answer: OriginAnswer) => void = () => undefined;
  #reject: (failure: Error) => void = () => undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #body: StreamedBody | undefined;
  #isOver = false;

  constructor(request: OriginRequest, parts: CallParts) {
    this.#request = request;
    this.#parts = parts;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    request.signal.addEventListener('abort', this.#onAbort);
  }

  /** A connection was found and the request is about to be sent on it. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#request.signal.aborted) this.#abort('closed');
    const { clock, completionMs } = this.#parts;
    if (completionMs > 0 && !this.#isOver) {
      this.#cancelCompletion = clock.after(completionMs, () => this.#abort('timeout'));
    }
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    // Interim answers are for the next hop alone (edge contract 1.7, rule 27).
    if (status < 200) return;
    const headers = readHeaders(controller.rawHeaders);
    const fault = headers === undefined ? 'invalid' : faultOf(headers, this.#parts.headBytesMax);
    if (headers === undefined || fault !== undefined) {
      controller.abort(new OriginFailure('headers', fault ?? 'invalid', { retryable: false }));
      return;
    }
    const hasBody = this.#request.method !== 'HEAD' && !isBodiless(status);
    this.#body = hasBody ? new StreamedBody(controller) : undefined;
    this.#resolve({ status, headers, body: this.#body });
  }

  /** The connection is the caller's from here on, and counts as a request under way until its end. */
  onRequestUpgrade(
    controller: Dispatcher.DispatchController,
    status: number,
    _headers: unknown,
    socket: Duplex,
  ): void {
    this.#request.signal.removeEventListener('abort', this.#onAbort);
    this.#cancelCompletion();
    socket.once('close', () => this.#end());
    const headers = readHeaders(controller.rawHeaders);
    const fault = headers === undefined ? 'invalid' : faultOf(headers, this.#parts.headBytesMax);
    if (headers === undefined || fault !== undefined || status !== 101) {
      socket.destroy();
      this.#reject(new OriginFailure('headers', fault ?? 'invalid', { retryable: false }));
      return;
    }
    // Each side ends its own half.
    socket.allowHalfOpen = true;
    this.#resolve({ status, headers, body: undefined, tunnel: swallowNoMore(socket) });
  }

  onResponseData(_controller: Dispatcher.DispatchController, piece: Buffer): void {
    this.#body?.push(piece);
  }

  onResponseEnd(): void {
    this.#end();
    this.#body?.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#end();
    const failure = asFailure(error, this.#body !== undefined, this.#controller !== undefined);
    if (this.#body !== undefined) this.#body.fail(failure);
    this.#reject(failure);
  }

  #abort(reason: 'closed' | 'timeout'): void {
    const at = this.#body === undefined ? 'headers' : 'body';
    const failure = new OriginFailure(at, reason, { retryable: false });
    // Before a connection is found there is nothing to abort yet: it happens at onRequestStart.
    this.#controller?.abort(failure);
    this.#reject(failure);
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#request.signal.removeEventListener('abort', this.#onAbort);
    this.#cancelCompletion();
    this.#parts.over();
  }
}

function readHeaders(raw: unknown): HeaderList | undefined {
  if (!Array.isArray(raw)) return undefined;
  const headers: string[] = [];
  for (const text of raw) {
    if (Buffer.isBuffer(text)) headers.push(text.toString('latin1'));
    else if (typeof text === 'string') headers.push(text);
    else return undefined;
  }
  return headers;
}

/** What the client lets pass and this edge does not (edge contract 1.6 and 6.3, rule 17). */
function faultOf(
  headers: HeaderList,
  bytesMax: number,
): 'invalid' | 'headers-too-large' | undefined {
  let bytes = 0;
  for (const [index, text] of headers.entries()) {
    bytes += text.length + 2;
    if (index % 2 === 0 ? !isToken(text) : !isFieldValue(text)) return 'invalid';
  }
  if (bytes > bytesMax) return 'headers-too-large';
  const coding = joinedValue(headers, 'transfer-encoding');
  return coding === undefined || coding.toLowerCase() === 'chunked' ? undefined : 'invalid';
}

/** An error that is no failure of the origin is a bug, and goes on as it is. */
function asFailure(error: Error, inBody: boolean, sent: boolean): Error {
  if (error instanceof OriginFailure || error instanceof errors.InvalidArgumentError) return error;
  const at = inBody ? 'body' : sent ? 'headers' : 'connect';
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError) {
    return new OriginFailure(at, 'timeout', { retryable: !inBody, cause: error });
  }
  if (error instanceof errors.HeadersOverflowError) {
    return new OriginFailure(at, 'headers-too-large', { retryable: false, cause: error });
  }
  if (error instanceof errors.HTTPParserError) {
    return new OriginFailure(at, 'invalid', { retryable: false, cause: error });
  }
  return new OriginFailure(at, 'closed', { retryable: !inBody, cause: error });
}
