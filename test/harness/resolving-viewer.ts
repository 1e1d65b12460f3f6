/**
 * A viewer as browsers and tools are, behind DNS: it asks name servers for addresses and keeps them for
 * their TTL, goes to the next address where it cannot connect, keeps connections as long as it may, and
 * asks once more on a new connection where a kept one ended before a byte of the answer came (RFC 9112
 * §9.3.1), or where HTTP/2 says that a request was not begun (RFC 9113 §8.7). Everything else is an
 * error that it shows.
 */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectH2, constants } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { decode, encode } from 'dns-packet';
import { ViewerConnection } from './viewer.ts';

export type ResolvingViewerOptions = {
  /** `HOST:PORT` of each, asked in turn. */
  readonly nameServers: readonly string[];
  readonly host: string;
  readonly port: number;
  /** What the edges' certificates are signed by, in PEM; undefined: over HTTP. */
  readonly authority?: string;
  readonly speaks: 'h1' | 'h1-once' | 'h2';
};

/** What it had to do that a viewer of a fleet that rests has not. */
export type Detours = {
  nextAddress: number;
  askedAgain: number;
  nextNameServer: number;
  /** Sessions of HTTP/2 that the edge asked to end. */
  goneAway: number;
};

/** `isLast`: over HTTP/1.1, the edge ends the connection with this answer. */
export type Seen = { readonly status: number; readonly body: string; readonly isLast: boolean };

const resolveMsMax = 1_000;
const roundsMax = 5;
const connectMsMax = 5_000;
/** Without a whole answer by then its connection is cut, which is an error. */
const answerMsMax = 30_000;

/** The connection ended, and nothing of an answer had come. */
class NotBegun extends Error {
  override readonly name = 'NotBegun';
}

export class ResolvingViewer {
  readonly detours: Detours = { nextAddress: 0, askedAgain: 0, nextNameServer: 0, goneAway: 0 };
  readonly #options: ResolvingViewerOptions;
  #known: { readonly addresses: readonly string[]; readonly untilMs: number } | undefined;
  #server = 0;
  #kept: ViewerConnection | undefined;
  #session: ClientHttp2Session | undefined;

  constructor(options: ResolvingViewerOptions) {
    this.#options = options;
  }

  async gets(path: string): Promise<Seen> {
    const isReused = this.#mayReuse();
    const late = setTimeout(() => this.close(), answerMsMax);
    try {
      return await this.#getsOnce(path);
    } catch (error) {
      if (!(error instanceof NotBegun) || !isReused) throw error;
      this.detours.askedAgain += 1;
      return await this.#getsOnce(path);
    } finally {
      clearTimeout(late);
    }
  }

  close(): void {
    this.#kept?.socket.destroy();
    this.#session?.destroy();
  }

  #mayReuse(): boolean {
    const { speaks } = this.#options;
    if (speaks === 'h2') return this.#session !== undefined && !this.#session.closed;
    return this.#kept !== undefined && !this.#kept.isClosed;
  }

  #getsOnce(path: string): Promise<Seen> {
    return this.#options.speaks === 'h2' ? this.#getsByH2(path) : this.#getsByH1(path);
  }

  async #getsByH1(path: string): Promise<Seen> {
    const { host, speaks } = this.#options;
    const connection =
      this.#mayReuse() && this.#kept !== undefined
        ? this.#kept
        : new ViewerConnection(await this.#connects(['http/1.1']));
    this.#kept = connection;
    const close = speaks === 'h1-once' ? 'Connection: close\r\n' : '';
    connection.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${close}\r\n`);
    const answer = await connection.answer().catch((error: unknown) => {
      throw connection.unread.length === 0 ? new NotBegun('nothing came', { cause: error }) : error;
    });
    const at = answer.headers.findIndex((name) => name.toLowerCase() === 'connection');
    const isLast = answer.headers[at + 1] === 'close';
    if (isLast) connection.socket.destroy();
    return { status: answer.status, body: answer.body, isLast };
  }

  async #getsByH2(path: string): Promise<Seen> {
    const { host, port } = this.#options;
    if (!this.#mayReuse()) {
      const socket = await this.#connects(['h2']);
      const session = connectH2(`https://${host}:${port}`, { createConnection: () => socket });
      session.on('error', () => undefined);
      session.on('goaway', () => {
        this.detours.goneAway += 1;
      });
      this.#session = session;
    }
    const session = this.#session;
    assert(session);
    const stream = session.request({ ':path': path, ':authority': host });
    let fields: Readonly<Record<string, unknown>> | undefined;
    try {
      [fields] = await once(stream, 'response');
      const pieces: Buffer[] = [];
      for await (const piece of stream) {
        pieces.push(Buffer.from(piece));
      }
      const body = Buffer.concat(pieces).toString('utf8');
      return { status: Number(fields?.[':status']), body, isLast: false };
    } catch (error) {
      const isRefused = stream.rstCode === constants.NGHTTP2_REFUSED_STREAM || session.destroyed;
      if (fields !== undefined || !isRefused) throw error;
      throw new NotBegun('the request was not begun', { cause: error });
    }
  }

  /** At the first address that takes a connection. */
  async #connects(protocols: readonly string[]): Promise<Socket> {
    const { authority, host, port } = this.#options;
    let last: unknown;
    for (const address of await this.#addresses()) {
      const socket =
        authority === undefined
          ? connect({ host: address, port, noDelay: true })
          : connectTls({
              host: address,
              port,
              servername: host,
              ca: authority,
              ALPNProtocols: [...protocols],
            });
      try {
        const signal = AbortSignal.timeout(connectMsMax);
        await once(socket, authority === undefined ? 'connect' : 'secureConnect', { signal });
        return socket;
      } catch (error) {
        socket.destroy();
        last = error;
        this.detours.nextAddress += 1;
      }
    }
    throw new Error('no address takes a connection', { cause: last });
  }

  async #addresses(): Promise<readonly string[]> {
    const now = performance.now();
    if (this.#known !== undefined && now < this.#known.untilMs) return this.#known.addresses;
    const { host, nameServers } = this.#options;
    for (let tried = 0; tried < nameServers.length * roundsMax; tried += 1) {
      const server = nameServers[this.#server % nameServers.length] ?? '';
      const answers = await asked(server, host);
      if (answers !== undefined) {
        const addresses = answers.map(({ address }) => address);
        const ttlS = Math.min(...answers.map(({ ttl }) => ttl));
        this.#known = { addresses, untilMs: performance.now() + ttlS * 1_000 };
        return addresses;
      }
      this.#server += 1;
      this.detours.nextNameServer += 1;
    }
    throw new Error(`no name server knows ${host}`);
  }
}

type Address = { readonly address: string; readonly ttl: number };

/** Undefined: the server does not answer, or has no address for the name. */
async function asked(server: string, name: string): Promise<readonly Address[] | undefined> {
  const [host = '', port = ''] = server.split(':');
  const socket = createSocket('udp4');
  try {
    const id = Math.floor(Math.random() * 65_536);
    const query = encode({ type: 'query', id, flags: 256, questions: [{ type: 'A', name }] });
    socket.connect(Number(port), host);
    await once(socket, 'connect');
    const heard = once(socket, 'message', { signal: AbortSignal.timeout(resolveMsMax) });
    socket.send(query);
    const [message]: Buffer[] = await heard;
    assert(message);
    const found = decode(message).answers?.flatMap((answer) =>
      answer.type === 'A' ? [{ address: answer.data, ttl: answer.ttl ?? 0 }] : [],
    );
    return found === undefined || found.length === 0 ? undefined : found;
  } catch {
    return undefined;
  } finally {
    socket.close();
  }
}
