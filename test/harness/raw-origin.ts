/**
 * An origin that reads requests by the narrowest reading of RFC 9112 and answers each with what it
 * has read of it. Whatever does not fit that reading is kept as a fault, so what an edge sends can be
 * held against what it was sent.
 */
import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import { type HeaderList, headerValue, headerValues } from '../../src/http/header-list.ts';

export type RawRequest = {
  readonly method: string;
  readonly target: string;
  readonly headers: HeaderList;
  readonly body: string;
};

type Read = { readonly request: RawRequest; readonly end: number };

export class RawOrigin {
  readonly requests: RawRequest[] = [];
  /** What came and is no request, or not a whole one. */
  readonly faults: string[] = [];
  readonly #server: Server;
  readonly #cacheControl: string;
  readonly #open = new Map<Socket, string>();

  private constructor(cacheControl: string) {
    this.#cacheControl = cacheControl;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** `cacheControl` is said with each answer. */
  static async start(cacheControl = 'no-store'): Promise<RawOrigin> {
    const origin = new RawOrigin(cacheControl);
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

  /** Bytes on open connections that belong to no request that was read. */
  get leftOver(): readonly string[] {
    return [...this.#open.values()].filter((rest) => rest !== '');
  }

  forget(): void {
    this.requests.length = 0;
    this.faults.length = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open.keys()) socket.destroy();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  #accept(socket: Socket): void {
    this.#open.set(socket, '');
    socket.on('error', () => undefined);
    socket.on('close', () => this.#open.delete(socket));
    socket.on('data', (piece) => {
      let text = (this.#open.get(socket) ?? '') + piece.toString('latin1');
      for (let read = this.#read(socket, text); read !== undefined; ) {
        text = text.slice(read.end);
        this.requests.push(read.request);
        const { method, target, body } = read.request;
        const said = `${method} ${target} ${body}`.slice(0, 1_000);
        const shown = method === 'HEAD' ? '' : said;
        const length = Buffer.byteLength(said, 'latin1');
        socket.write(
          Buffer.from(
            `HTTP/1.1 200 OK\r\nCache-Control: ${this.#cacheControl}\r\nContent-Length: ${length}\r\n\r\n${shown}`,
            'latin1',
          ),
        );
        read = this.#read(socket, text);
      }
      this.#open.set(socket, text);
    });
  }

  #read(socket: Socket, text: string): Read | undefined {
    if (text === '') return undefined;
    const outcome = readRequest(text);
    if (outcome !== 'fault') return outcome;
    this.faults.push(text.slice(0, 500));
    socket.destroy();
    return undefined;
  }
}

/** Undefined: it is not whole yet. */
function readRequest(text: string): Read | 'fault' | undefined {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [line = '', ...fields] = text.slice(0, headEnd).split('\r\n');
  const [, method, target] = /^([A-Z]+) (\/[!-~\x80-\xff]*) HTTP\/1\.1$/.exec(line) ?? [];
  if (method === undefined || target === undefined) return 'fault';
  const headers: string[] = [];
  for (const field of fields) {
    const [, name, value] =
      /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([\t\x20-\x7e\x80-\xff]*)$/.exec(field) ?? [];
    if (name === undefined || value === undefined) return 'fault';
    headers.push(name, value);
  }
  const body = readBody(text, headEnd + 4, headers);
  if (body === 'fault' || body === undefined) return body;
  return { request: { method, target, headers, body: body.body }, end: body.end };
}

type Body = { readonly body: string; readonly end: number };

function readBody(text: string, at: number, headers: HeaderList): Body | 'fault' | undefined {
  const lengths = headerValues(headers, 'content-length');
  const codings = headerValues(headers, 'transfer-encoding');
  if (headerValues(headers, 'host').length !== 1) return 'fault';
  if (codings.length > 0) {
    return codings.length === 1 && codings[0] === 'chunked' && lengths.length === 0
      ? readChunks(text, at)
      : 'fault';
  }
  if (lengths.length > 1 || !/^\d{1,15}$/.test(headerValue(headers, 'content-length') ?? '0')) {
    return 'fault';
  }
  const end = at + Number(lengths[0] ?? '0');
  return text.length < end ? undefined : { body: text.slice(at, end), end };
}

function readChunks(text: string, from: number): Body | 'fault' | undefined {
  let body = '';
  for (let at = from; ; ) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    if (!/^[0-9a-f]{1,8}$/i.test(text.slice(at, lineEnd))) return 'fault';
    const size = Number.parseInt(text.slice(at, lineEnd), 16);
    at = lineEnd + 2 + size + 2;
    if (text.length < at) return undefined;
    if (text.slice(at - 2, at) !== '\r\n') return 'fault';
    body += text.slice(lineEnd + 2, at - 2);
    if (size === 0) return { body, end: at };
  }
}
