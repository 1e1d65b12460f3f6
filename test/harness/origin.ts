/**
 * An origin that does what a test tells it, byte for byte where need be: it is no HTTP server, so it
 * can also answer as none should. It remembers what it was asked.
 */
import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions, TLSSocket } from 'node:tls';
import type { Clock } from '../../src/base/clock.ts';
import { formatHttpDate } from '../../src/http/dates.ts';
import { headerValue, type HeaderList } from '../../src/http/header-list.ts';
import { until } from './until.ts';

/** In PEM. */
export type ShownCertificate = {
  readonly certificate: string;
  readonly key: string;
  /** What else its TLS is to be like. */
  readonly tls?: TlsOptions;
};

export type OriginAsked = {
  readonly method: string;
  readonly target: string;
  readonly headers: HeaderList;
  /** The connection it came on: 1 for the first one. */
  readonly connection: number;
  /** The name that TLS asked for. */
  readonly tlsName: string | undefined;
};

/** Gives the answer to one request; the connection goes on unless it is ended here. */
export type Answering = (socket: Socket, asked: OriginAsked) => void;

export type GivenHeaders = Readonly<Record<string, string>>;

type Rule = { readonly wanted: GivenHeaders; readonly answering: Answering };

export class TestOrigin {
  readonly asked: OriginAsked[] = [];
  readonly #clock: Clock;
  readonly #server: Server;
  /** By number, the first one is 1. */
  readonly #open = new Map<number, Socket>();
  readonly #rules: Rule[] = [];
  #answering: Answering = () => undefined;
  #connections = 0;
  #counted = 0;

  private constructor(clock: Clock, shown: ShownCertificate | undefined) {
    this.#clock = clock;
    const accept = (socket: Socket): void => this.#accept(socket);
    this.#server =
      shown === undefined
        ? createServer(accept)
        : createTlsServer({ ...shown.tls, cert: shown.certificate, key: shown.key }, accept);
    this.answers(404, {}, 'nothing was said about this');
  }

  /** Speaks TLS when it has a certificate to show. */
  static async start(clock: Clock, shown?: ShownCertificate): Promise<TestOrigin> {
    const origin = new TestOrigin(clock, shown);
    await new Promise<void>((resolve) => {
      origin.#server.listen(0, '127.0.0.1', resolve);
    });
    return origin;
  }

  get port(): number {
    const at = this.#server.address();
    assert(at !== null && typeof at === 'object');
    return at.port;
  }

  /** So many connections have been opened to it. */
  get connections(): number {
    return this.#connections;
  }

  isOpen(connection: number): boolean {
    return this.#open.has(connection);
  }

  /** Resolves when the connection with that number is over. */
  async isLeft(connection: number): Promise<void> {
    await until(`connection ${connection} of the origin is over`, () =>
      this.#connections >= connection && !this.#open.has(connection) ? true : undefined,
    );
  }

  get last(): OriginAsked {
    const last = this.asked.at(-1);
    assert(last, 'the origin was asked');
    return last;
  }

  /** From now on, with `Date` and `Content-Length` unless they are given or named `''`. */
  answers(status: number, headers: GivenHeaders = {}, body = ''): void {
    this.does(this.#ordinary(status, headers, body));
  }

  /** From now on: these bytes, then as `end` says. */
  sends(bytes: string, end: 'keep' | 'end' | 'reset' = 'keep'): void {
    this.does((socket) => {
      socket.write(Buffer.from(bytes, 'latin1'), () => {
        if (end === 'end') socket.end();
        if (end === 'reset') socket.resetAndDestroy();
      });
    });
  }

  does(answering: Answering): void {
    this.#rules.length = 0;
    this.#answering = answering;
  }

  /** Before what was said so far, for requests with these fields. */
  whenAsked(wanted: GivenHeaders): {
    answers(status: number, headers?: GivenHeaders, body?: string): void;
  } {
    return {
      answers: (status, headers = {}, body = '') => {
        this.#rules.unshift({ wanted, answering: this.#ordinary(status, headers, body) });
      },
    };
  }

  /** Since the last time this was said, or since the start. */
  wasAsked(times: number): void {
    assert.equal(this.asked.length - this.#counted, times, 'times the origin was asked');
    this.#counted = this.asked.length;
  }

  /** Resolves when it was asked `times` in all. */
  async hears(times: number): Promise<void> {
    await until(`the origin is asked ${times} times`, () =>
      this.asked.length >= times ? true : undefined,
    );
  }

  dropConnections(): void {
    for (const socket of this.#open.values()) socket.destroy();
  }

  async close(): Promise<void> {
    this.dropConnections();
    if (!this.#server.listening) return;
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  #accept(socket: Socket): void {
    this.#connections += 1;
    const connection = this.#connections;
    const name = socket instanceof TLSSocket ? socket.servername : undefined;
    let text = '';
    this.#open.set(connection, socket);
    socket.on('close', () => this.#open.delete(connection));
    socket.on('error', () => undefined);
    socket.on('data', (piece) => {
      text += piece.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const asked = {
          ...readAsked(text.slice(0, end)),
          connection,
          tlsName: typeof name === 'string' ? name : undefined,
        };
        text = text.slice(end + 4);
        this.asked.push(asked);
        this.#answer(socket, asked);
      }
    });
  }

  #ordinary(status: number, headers: GivenHeaders, body: string): Answering {
    return (socket, { method }) => {
      const hasBody = status !== 304 && status !== 204;
      const given: Record<string, string> = {
        date: formatHttpDate(this.#clock.now()),
        ...(hasBody ? { 'content-length': String(Buffer.byteLength(body)) } : {}),
        ...headers,
      };
      const lines = Object.entries(given)
        .filter(([, value]) => value !== '')
        .map(([name, value]) => `${name}: ${value}\r\n`);
      const sent = given['transfer-encoding'] === 'chunked' ? chunked(body) : body;
      const shown = hasBody && method !== 'HEAD' ? sent : '';
      socket.write(`HTTP/1.1 ${status} Said\r\n${lines.join('')}\r\n${shown}`);
    };
  }

  #answer(socket: Socket, asked: OriginAsked): void {
    const rule = this.#rules.find(({ wanted }) =>
      Object.entries(wanted).every(([name, value]) => headerValue(asked.headers, name) === value),
    );
    (rule?.answering ?? this.#answering)(socket, asked);
  }
}

function readAsked(head: string): Pick<OriginAsked, 'method' | 'target' | 'headers'> {
  const [requestLine = '', ...lines] = head.split('\r\n');
  const [method = '', target = ''] = requestLine.split(' ');
  const headers = lines.flatMap((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  return { method, target, headers };
}

export function chunked(body: string): string {
  const length = Buffer.byteLength(body);
  return length === 0 ? '0\r\n\r\n' : `${length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
}
