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
  readonly #socket: Socket;
  readonly #host: string;
  #received: Buffer = Buffer.alloc(0);
  #waiting: Waiting | undefined;
  #signedAt = 0;
  #signature = '';

  /** `endpoint`: an http URL. */
  static async open(endpoint: string): Promise<ApiConnection> {
    const { host, hostname, port } = new URL(endpoint);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await once(socket, 'connect');
    return new ApiConnection(socket, host);
  }

  private constructor(socket: Socket, host: string) {
    this.#socket = socket;
    this.#host = host;
    socket.on('data', (piece) => this.#receive(piece));
    socket.on('error', (cause) => this.#fail(cause));
    socket.on('close', () => this.#fail(new Error('the API closed the connection')));
  }

  /** Rejects where no whole answer came. */
  call(method: string, path: string, { body, ifMatch }: Sent = {}): Promise<Answer> {
    if (this.#waiting !== undefined) throw new Error('one call at a time on a connection');
    const length = body === undefined ? '' : `Content-Length: ${Buffer.byteLength(body)}\r\n`;
    const type = body === undefined ? '' : 'Content-Type: text/xml\r\n';
    const condition = ifMatch === undefined ? '' : `If-Match: ${ifMatch}\r\n`;
    const answered = new Promise<Answer>((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
    this.#socket.write(
      `${method} ${path} HTTP/1.1\r\nHost: ${this.#host}\r\n${this.#sign()}` +
        `${type}${length}${condition}\r\n${body ?? ''}`,
    );
    return answered;
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
