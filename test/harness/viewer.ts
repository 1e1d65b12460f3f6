/**
 * A viewer over a raw socket: what is sent is exactly what the test says, and every byte of the
 * answer is read by rules of its own, so that no client hides a fault of the framing.
 */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { headerValue, headerValues, type HeaderList } from '../../src/http/header-list.ts';

export type Answer = {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: string;
  readonly bytes: Buffer;
  readonly framing: 'none' | 'length' | 'chunked' | 'until-close';
};

export type Expected = {
  readonly status?: number;
  /** The first word of `X-Cache`. */
  readonly xCache?: string;
  readonly body?: string | RegExp;
  /** undefined: must be absent. */
  readonly headers?: Readonly<Record<string, string | RegExp | undefined>>;
};

export type ViewerOptions = {
  readonly port: number;
  readonly host: string;
  /** PEM: speaks TLS and trusts this authority. */
  readonly authority?: string;
  /** Of the loopback network, from which it comes. */
  readonly address?: string;
};

const answerMsMax = 20_000;

export class Viewer {
  readonly #options: ViewerOptions;

  constructor(options: ViewerOptions) {
    this.#options = options;
  }

  /** One that asks for another host. */
  for(host: string): Viewer {
    return new Viewer({ ...this.#options, host });
  }

  /** One that comes from another address of the loopback network. */
  from(address: string): Viewer {
    return new Viewer({ ...this.#options, address });
  }

  gets(path: string, headers: Readonly<Record<string, string>> = {}): Asking {
    return this.asks('GET', path, headers);
  }

  heads(path: string, headers: Readonly<Record<string, string>> = {}): Asking {
    return this.asks('HEAD', path, headers);
  }

  asks(method: string, path: string, headers: Readonly<Record<string, string>> = {}): Asking {
    const all = { Host: this.#options.host, ...headers };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    return this.sends(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, method === 'HEAD');
  }

  /** Sends bytes on a connection of their own and reads one answer. */
  sends(bytes: string, isHead = false): Asking {
    return new Asking(
      (async () => {
        await using connection = await this.connects();
        connection.write(bytes);
        return await connection.answer(isHead);
      })(),
    );
  }

  async connects(): Promise<ViewerConnection> {
    const { address, authority, host, port } = this.#options;
    const from = address === undefined ? {} : { localAddress: address };
    const at = { port, host: '127.0.0.1', noDelay: true, ...from };
    const socket =
      authority === undefined
        ? connect(at)
        : connectTls({ ...at, ca: authority, servername: host });
    await new Promise((resolve, reject) => {
      socket.once(authority === undefined ? 'connect' : 'secureConnect', resolve);
      socket.once('error', reject);
    });
    return new ViewerConnection(socket);
  }
}

/** An answer that is awaited, and what is expected of it. */
export class Asking {
  readonly answer: Promise<Answer>;

  constructor(answer: Promise<Answer>) {
    this.answer = answer;
    // Whoever asks looks at the outcome later, perhaps after other things have happened.
    answer.catch(() => undefined);
  }

  async sees(expected: Expected): Promise<Answer> {
    const answer = await this.answer;
    const shown = `HTTP ${answer.status} ${JSON.stringify(answer.headers)} ${answer.body.slice(0, 400)}`;
    if (expected.status !== undefined) assert.equal(answer.status, expected.status, shown);
    if (expected.xCache !== undefined) {
      const said = headerValue(answer.headers, 'x-cache');
      assert.equal(said, `${expected.xCache} from cloudfront`, shown);
    }
    if (typeof expected.body === 'string') assert.equal(answer.body, expected.body, shown);
    if (expected.body instanceof RegExp) assert.match(answer.body, expected.body);
    for (const [name, value] of Object.entries(expected.headers ?? {})) {
      const given = headerValues(answer.headers, name.toLowerCase());
      if (value === undefined) assert.deepEqual(given, [], `${name} in ${shown}`);
      else if (typeof value === 'string') assert.deepEqual(given, [value], `${name} in ${shown}`);
      else assert.match(given.join(' | '), value, `${name} in ${shown}`);
    }
    return answer;
  }
}

export class ViewerConnection {
  readonly socket: Socket;
  /** Resolves when the far side has ended the connection, with true when it was torn off. */
  readonly closed: Promise<boolean>;
  #bytes: Buffer = Buffer.alloc(0);
  #ended = false;
  #torn = false;
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (piece: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, piece]);
      this.#wake();
    });
    socket.on('error', () => {
      this.#torn = true;
    });
    this.closed = new Promise((resolve) => {
      const end = (): void => {
        this.#ended = true;
        this.#wake();
        resolve(this.#torn);
      };
      socket.on('end', end);
      socket.on('close', end);
    });
  }

  get isClosed(): boolean {
    return this.#ended;
  }

  /** What has come and was not read as part of an answer. */
  get unread(): Buffer {
    return this.#bytes;
  }

  write(bytes: string | Uint8Array): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** The next answer; rejects where the connection ends before it is whole. */
  async answer(isHead = false): Promise<Answer> {
    const headEnd = await this.#find('\r\n\r\n', 0);
    const [statusLine = '', ...lines] = this.#bytes.toString('latin1', 0, headEnd).split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]);
    assert(status >= 100, `no status line: ${statusLine}`);
    const headers = lines.flatMap((line) => {
      const colon = line.indexOf(': ');
      assert(colon > 0, `no field: ${line}`);
      return [line.slice(0, colon), line.slice(colon + 2)];
    });
    const at = headEnd + 4;
    const { bytes, end, framing } = await this.#body(at, { headers, isHead, status });
    this.#bytes = this.#bytes.subarray(end);
    return { status, headers, body: bytes.toString('utf8'), bytes, framing };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
    return Promise.resolve();
  }

  async #body(
    at: number,
    { headers, isHead, status }: { headers: HeaderList; isHead: boolean; status: number },
  ): Promise<{ bytes: Buffer; end: number; framing: Answer['framing'] }> {
    if (isHead || status === 204 || status === 304) {
      return { bytes: Buffer.alloc(0), end: at, framing: 'none' };
    }
    const lengths = headerValues(headers, 'content-length');
    if (headerValues(headers, 'transfer-encoding').length > 0) {
      assert.deepEqual(headerValues(headers, 'transfer-encoding'), ['chunked']);
      assert.deepEqual(lengths, [], 'never both framings');
      return { ...(await this.#chunks(at)), framing: 'chunked' };
    }
    if (lengths.length > 0) {
      assert.equal(lengths.length, 1);
      const end = at + Number(lengths[0]);
      await this.has(end);
      return { bytes: this.#bytes.subarray(at, end), end, framing: 'length' };
    }
    await this.#wait(() => this.#ended);
    assert(!this.#torn, 'the connection was torn off');
    const end = this.#bytes.length;
    return { bytes: this.#bytes.subarray(at), end, framing: 'until-close' };
  }

  async #chunks(from: number): Promise<{ bytes: Buffer; end: number }> {
    const pieces: Buffer[] = [];
    let at = from;
    for (;;) {
      const lineEnd = await this.#find('\r\n', at);
      const size = Number.parseInt(this.#bytes.toString('latin1', at, lineEnd), 16);
      await this.has(lineEnd + 2 + size + 2);
      pieces.push(this.#bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
      at = lineEnd + 2 + size + 2;
      assert.equal(this.#bytes.toString('latin1', at - 2, at), '\r\n');
      if (size === 0) return { bytes: Buffer.concat(pieces), end: at };
    }
  }

  async #find(text: string, from: number): Promise<number> {
    await this.#wait(() => this.#bytes.indexOf(text, from) >= 0);
    return this.#bytes.indexOf(text, from);
  }

  /** Resolves once so many bytes have come that were not read as part of an answer. */
  has(length: number): Promise<void> {
    return this.#wait(() => this.#bytes.length >= length);
  }

  async #wait(isSo: () => boolean): Promise<void> {
    const tooLate = AbortSignal.timeout(answerMsMax);
    while (!isSo()) {
      if (this.#ended) throw new Error(`the answer is cut after ${this.#bytes.length} bytes`);
      await new Promise<void>((resolve, reject) => {
        this.#wake = resolve;
        tooLate.addEventListener('abort', () => reject(new Error('no answer came')));
      });
    }
  }
}
