/**
 * Speaking to etcd: one channel a server, one server at a time. A call that a server does not
 * answer goes wrong after its time; the next one is made to the next server. Nothing is repeated
 * here that could have been done: only reads are asked again, of each server once.
 *
 * Time is counted on our clock and ends a call by cancelling it, since a deadline in gRPC is a time
 * of day, which may be set while one waits.
 */
import {
  Client,
  type ClientDuplexStream,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import type { Clock } from '../base/clock.ts';
import { LogClosed, errorOf } from './log-closed.ts';
import type { Method } from './etcd-schema.ts';

/** The codes of gRPC that etcd answers with (grpc.io/docs/guides/status-codes). */
const codes = {
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  outOfRange: 11,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** A server that has not answered for so long is given up for this call. */
export const callMsMax = 2_000;
/** So many calls may be under way at once; more fail at once. */
const callsMax = 1_000;
/** A watch may bring, and a page hold, several records of 1 MiB at once. */
const receivedBytesMax = 128 * 1_048_576;
/** A server hangs up on a client that pings oftener than each 5 s. */
const pingMs = 6_000;
const pingAnswerMsMax = 3_000;
const reconnectMsMin = 100;
const reconnectMsMax = 1_000;

export type EtcdTls = {
  /** PEM; undefined: the public authorities. */
  readonly authorities: string | undefined;
  /** PEM; its common name is the user that etcd gives rights to. */
  readonly client: { readonly certificate: string; readonly key: string } | undefined;
};

export type EtcdConnectionOptions = {
  /** `host:port`, at least one. */
  readonly servers: readonly string[];
  /** Undefined: in the clear. */
  readonly tls: EtcdTls | undefined;
  readonly clock: Clock;
};

/** A call that etcd refused or did not answer. */
export class EtcdFailure extends Error {
  override readonly name = 'EtcdFailure';
  readonly server: string;
  readonly code: number;
  readonly detail: string;

  constructor(server: string, code: number, detail: string) {
    super(`etcd at ${server}: ${detail === '' ? `code ${code}` : detail}`);
    this.server = server;
    this.code = code;
    this.detail = detail;
  }

  /** Full: puts and leases are refused until there is room again and the alarm is disarmed. */
  get isFull(): boolean {
    return this.code === codes.resourceExhausted && /space exceeded/.test(this.detail);
  }

  get isDenied(): boolean {
    return this.code === codes.permissionDenied || this.code === codes.unauthenticated;
  }

  /** What was asked for as it stood earlier is compacted away. */
  get isCompacted(): boolean {
    return this.code === codes.outOfRange;
  }

  get isLeaseGone(): boolean {
    return this.code === codes.notFound;
  }

  /** Whether another server may answer better. */
  get isOfServer(): boolean {
    return !answersOfAll.has(this.code);
  }
}

/** What every server would say too. */
const answersOfAll: ReadonlySet<number> = new Set([
  codes.invalidArgument,
  codes.notFound,
  codes.permissionDenied,
  codes.unauthenticated,
  codes.resourceExhausted,
  codes.failedPrecondition,
  codes.outOfRange,
  codes.unimplemented,
]);

type Server = { readonly name: string; readonly client: Client };

/** As if a server had not answered: another one may. */
export function unavailable(server: string, detail: string): EtcdFailure {
  return new EtcdFailure(server, codes.unavailable, detail);
}

export class EtcdConnection {
  readonly #servers: readonly Server[];
  readonly #clock: Clock;
  /** How to give up each call and stream that is under way. */
  readonly #underWay = new Set<(cause: Error) => void>();
  #current = 0;
  #closed = false;

  constructor({ clock, servers, tls }: EtcdConnectionOptions) {
    this.#clock = clock;
    this.#servers = servers.map((name) => ({
      name,
      client: new Client(name, credentialsOf(tls), {
        'grpc.enable_retries': 0,
        'grpc.enable_http_proxy': 0,
        'grpc.service_config_disable_resolution': 1,
        'grpc.max_receive_message_length': receivedBytesMax,
        'grpc.keepalive_time_ms': pingMs,
        'grpc.keepalive_timeout_ms': pingAnswerMsMax,
        'grpc.initial_reconnect_backoff_ms': reconnectMsMin,
        'grpc.max_reconnect_backoff_ms': reconnectMsMax,
      }),
    }));
  }

  get servers(): readonly string[] {
    return this.#servers.map(({ name }) => name);
  }

  /** The one that the next call goes to. */
  get server(): string {
    return this.#server().name;
  }

  /** One call to one server, never repeated. Rejects with EtcdFailure, LogClosed or the signal's reason. */
  call<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    signal: AbortSignal,
    msMax = callMsMax,
  ): Promise<Response> {
    return this.#call(this.#server(), method, request, signal, msMax);
  }

  /** Asks one server after another until one answers; for what may be asked twice. */
  async read<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    signal: AbortSignal,
    msMax = callMsMax,
  ): Promise<Response> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.call(method, request, signal, msMax);
      } catch (thrown) {
        const again = thrown instanceof EtcdFailure && thrown.isOfServer;
        if (!again || tries >= this.#servers.length) throw thrown;
      }
    }
  }

  /** The same call to each server, with what each answered. */
  each<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    signal: AbortSignal,
  ): Promise<readonly PromiseSettledResult<Response>[]> {
    return Promise.allSettled(
      this.#servers.map((server) => this.#call(server, method, request, signal, callMsMax)),
    );
  }

  /**
   * A stream of answers, ended by whoever asks through `signal`. A server without a leader ends it
   * by itself, where `hasleader` is asked for; else it would stay silent for ever.
   */
  async *stream<Request, Response>(
    method: Method<Request, Response>,
    requests: readonly Request[],
    signal: AbortSignal,
  ): AsyncGenerator<Response, void> {
    const server = this.#server();
    if (this.#closed) throw new LogClosed();
    signal.throwIfAborted();
    const metadata = new Metadata();
    metadata.set('hasleader', 'true');
    const { path, serialize, deserialize } = method;
    const stream: ClientDuplexStream<Request, Response> = server.client.makeBidiStreamRequest(
      path,
      serialize,
      deserialize,
      metadata,
    );
    let givenUp: Error | undefined;
    const giveUp = (cause: Error): void => {
      givenUp ??= cause;
      stream.cancel();
    };
    const onAbort = (): void => giveUp(errorOf(signal.reason));
    signal.addEventListener('abort', onAbort, { once: true });
    this.#underWay.add(giveUp);
    try {
      for (const request of requests) stream.write(request);
      const answers: AsyncIterable<Response> = stream;
      for await (const answer of answers) {
        if (givenUp !== undefined) break;
        yield answer;
      }
      if (givenUp !== undefined) throw givenUp;
      throw unavailable(server.name, 'it ended a stream');
    } catch (thrown) {
      throw this.#failed(server, givenUp ?? thrown);
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#underWay.delete(giveUp);
      stream.on('error', () => undefined);
      stream.cancel();
    }
  }

  /** The server in use does not do what it should: the next call goes to the next one. */
  moveOn(): void {
    this.#current = (this.#current + 1) % this.#servers.length;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const giveUp of this.#underWay) giveUp(new LogClosed());
    for (const { client } of this.#servers) client.close();
  }

  #server(): Server {
    const server = this.#servers[this.#current];
    if (server === undefined) throw new Error('there is no server of etcd');
    return server;
  }

  #call<Request, Response>(
    server: Server,
    { deserialize, path, serialize }: Method<Request, Response>,
    request: Request,
    signal: AbortSignal,
    msMax: number,
  ): Promise<Response> {
    if (this.#closed) return Promise.reject(new LogClosed());
    if (signal.aborted) return Promise.reject(errorOf(signal.reason));
    if (this.#underWay.size >= callsMax) {
      return Promise.reject(new Error(`more than ${callsMax} calls to etcd are under way`));
    }
    return new Promise((resolve, reject) => {
      let givenUp: Error | undefined;
      const call = server.client.makeUnaryRequest(
        path,
        serialize,
        deserialize,
        request,
        (error, response) => {
          end();
          if (error === null && response !== undefined) resolve(response);
          else reject(this.#failed(server, givenUp ?? error));
        },
      );
      const giveUp = (cause: Error): void => {
        givenUp ??= cause;
        call.cancel();
      };
      const onAbort = (): void => giveUp(errorOf(signal.reason));
      const late = `no answer within ${msMax} ms`;
      const cancel = this.#clock.after(msMax, () =>
        giveUp(new EtcdFailure(server.name, codes.deadlineExceeded, late)),
      );
      const end = (): void => {
        cancel();
        signal.removeEventListener('abort', onAbort);
        this.#underWay.delete(giveUp);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#underWay.add(giveUp);
    });
  }

  #failed(server: Server, thrown: unknown): Error {
    const error =
      isServiceError(thrown) && !(thrown instanceof EtcdFailure)
        ? new EtcdFailure(server.name, thrown.code, saidBy(thrown.details))
        : errorOf(thrown);
    const failedNow = this.#servers[this.#current] === server;
    if (failedNow && error instanceof EtcdFailure && error.isOfServer) this.moveOn();
    return error;
  }
}

function bytes(pem: string | undefined): Buffer | null {
  return pem === undefined ? null : Buffer.from(pem);
}

function credentialsOf(tls: EtcdTls | undefined) {
  if (tls === undefined) return credentials.createInsecure();
  return credentials.createSsl(
    bytes(tls.authorities),
    bytes(tls.client?.key),
    bytes(tls.client?.certificate),
  );
}

/** The client of gRPC ends some of its sentences with a note that is empty. */
function saidBy(details: string): string {
  return details.replace(/\.? Resolution note: $/, '');
}

function isServiceError(thrown: unknown): thrown is ServiceError {
  return thrown instanceof Error && 'code' in thrown && 'details' in thrown;
}
