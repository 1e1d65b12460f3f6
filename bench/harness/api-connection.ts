/**
 * One connection to the API, one call at a time, with as little work on our side as can be: the
 * caller shares the machine with the server, and its work would count as the server's latency.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { defaultKey, signatureOf } from '../../test/harness/api-caller.ts';

export type Answer = {
  readonly status: number;
  /** '' where there is none. */
  readonly etag: string;
  readonly body: string;
};

export type Sent = { readonly body?: string; readonly ifMatch?: string };

type Waiting = {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (cause: Error) => void;
};

const headEnd = Buffer.from('\r\n\r\n');

export class ApiConnection {
  #socket: Socket;
  readonly #endpoint: URL;
  #received: Buffer = Buffer.alloc(0);
  #waiting: Waiting | undefined;
  #signedAt = 0;
  #signature = '';

  /** `endpoint`: an http URL. */
  static async open(endpoint: string): Promise<ApiConnection> {
    const connection = new ApiConnection(new URL(endpoint));
    await connection.warm();
    return connection;
  }

  private constructor(endpoint: URL) {
    this.#endpoint = endpoint;
    this.#socket = this.#connect();
  }

  /** Connects anew where the API has closed a connection that was idle, so that no call waits for that. */
  async warm(): Promise<void> {
    if (this.#socket.destroyed) this.#socket = this.#connect();
    if (this.#socket.connecting) await once(this.#socket, 'connect');
  }

  #connect(): Socket {
    const { hostname, port } = this.#endpoint;
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    socket.on('data', (piece) => this.#receive(piece));
    socket.on('error', (cause) => this.#fail(cause));
    socket.on('close', () => this.#fail(new Error('the API closed the connection')));
    this.#received = Buffer.alloc(0);
    return socket;
  }

  /** With its port. */
  get host(): string {
    return this.#endpoint.host;
  }

  /** A request as it goes over the wire; rejects where no whole answer came. */
  send(request: Uint8Array): Promise<Answer> {
    if (this.#waiting !== undefined) throw new Error('one call at a time on a connection');
    if (this.#socket.destroyed) throw new Error('the API has closed the connection');
    const answered = new Promise<Answer>((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
    this.#socket.write(request);
    return answered;
  }

  /** The same, and the answer has to be a success. */
  async mustSend(request: Uint8Array): Promise<Answer> {
    const answer = await this.send(request);
    if (answer.status < 300) return answer;
    throw new Error(`status ${answer.status}\n${answer.body}`);
  }

  /** A call of API 2010-11-01; rejects where no whole answer came. */
  call(method: string, path: string, { body, ifMatch }: Sent = {}): Promise<Answer> {
    const length = body === undefined ? '' : `Content-Length: ${Buffer.byteLength(body)}\r\n`;
    const type = body === undefined ? '' : 'Content-Type: text/xml\r\n';
    const condition = ifMatch === undefined ? '' : `If-Match: ${ifMatch}\r\n`;
    const head = `${method} ${path} HTTP/1.1\r\nHost: ${this.host}\r\n${this.#sign()}`;
    return this.send(Buffer.from(`${head}${type}${length}${condition}\r\n${body ?? ''}`));
  }

  /** The same, and the answer has to have this status. */
  async must(status: number, method: string, path: string, sent?: Sent): Promise<Answer> {
    const answer = await this.call(method, path, sent);
    if (answer.status === status) return answer;
    throw new Error(`${method} ${path}: ${answer.status}, not ${status}\n${answer.body}`);
  }

  close(): void {
    this.#socket.destroy();
  }

  /** A date has seconds, so a signature holds for all calls within one. */
  #sign(): string {
    const second = Math.floor(Date.now() / 1_000);
    if (second !== this.#signedAt) {
      const date = new Date(second * 1_000).toUTCString();
      const signature = signatureOf(defaultKey.secretAccessKey, date);
      this.#signature = `Date: ${date}\r\nAuthorization: AWS ${defaultKey.accessKeyId}:${signature}\r\n`;
      this.#signedAt = second;
    }
    return this.#signature;
  }

  #receive(piece: Buffer): void {
    this.#received = this.#received.length === 0 ? piece : Buffer.concat([this.#received, piece]);
    const end = this.#received.indexOf(headEnd);
    if (end < 0) return;
    const head = this.#received.toString('latin1', 0, end);
    const bodyStart = end + headEnd.length;
    const bodyEnd = bodyStart + Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
    if (this.#received.length < bodyEnd) return;
    const body = this.#received.toString('utf8', bodyStart, bodyEnd);
    this.#received = this.#received.subarray(bodyEnd);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve({
      status: Number(head.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length)),
      etag: /^etag: (\S+)/im.exec(head)?.[1] ?? '',
      body,
    });
  }

  #fail(cause: Error): void {
    this.#waiting?.reject(cause);
    this.#waiting = undefined;
  }
}
