/**
 * A viewer that writes HTTP/2 frame by frame over TLS, right or wrong as the test says, and reads the
 * frames that come back. Field blocks are written as HPACK literals without indexing or Huffman (RFC
 * 7541 §6.2.2); of those that come it knows no more than the status, where that stands in the static
 * table.
 */
import assert from 'node:assert/strict';
import { connect, type TLSSocket } from 'node:tls';
import { until } from './until.ts';

export const frame = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const flag = { ack: 1, endStream: 1, endHeaders: 4, padded: 8, priority: 32 } as const;

/** RFC 9113 §7. */
export const code = {
  noError: 0,
  protocolError: 1,
  internalError: 2,
  flowControlError: 3,
  streamClosed: 5,
  frameSizeError: 6,
  refusedStream: 7,
  cancel: 8,
  compressionError: 9,
  enhanceYourCalm: 11,
} as const;

export const setting = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
} as const;

export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

export type Frame = {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
};

export type Fields = readonly (readonly [name: string, value: string])[];

export type RawH2Options = {
  readonly port: number;
  readonly host: string;
  /** PEM. */
  readonly authority: string;
};

/** By the static table of HPACK: 0x88 is `:status: 200`. */
const statuses = [200, 204, 206, 304, 400, 404, 500];
const firstStatus = 0x88;

export function bytesOf({ flags, payload, stream, type }: Frame): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Of 32 bits, as WINDOW_UPDATE and RST_STREAM carry one. */
export function number32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function settingsOf(...values: readonly (readonly [id: number, value: number])[]): Buffer {
  const bytes = Buffer.alloc(values.length * 6);
  for (const [index, [id, value]] of values.entries()) {
    bytes.writeUInt16BE(id, index * 6);
    bytes.writeUInt32BE(value, index * 6 + 2);
  }
  return bytes;
}

/** RFC 7541 §5.1, with the prefix of seven bits that lengths of strings have. */
function lengthOf(length: number): Buffer {
  if (length < 127) return Buffer.from([length]);
  const bytes = [127];
  let rest = length - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
  return Buffer.from(bytes);
}

export function literal(name: string, value: string, first = 0): Buffer {
  const nameBytes = Buffer.from(name, 'latin1');
  const valueBytes = Buffer.from(value, 'latin1');
  return Buffer.concat([
    Buffer.from([first]),
    lengthOf(nameBytes.length),
    nameBytes,
    lengthOf(valueBytes.length),
    valueBytes,
  ]);
}

export function block(fields: Fields): Buffer {
  return Buffer.concat(fields.map(([name, value]) => literal(name, value)));
}

export class RawH2 {
  readonly host: string;
  readonly #socket: TLSSocket;
  readonly frames: Frame[] = [];
  #bytes: Buffer = Buffer.alloc(0);
  #ended = false;

  private constructor(socket: TLSSocket, host: string) {
    this.host = host;
    this.#socket = socket;
    socket.on('data', (piece: Buffer) => this.#take(piece));
    socket.on('error', () => undefined);
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.#ended = true;
      });
    }
  }

  /** Nothing is sent yet. */
  static async connect({ authority, host, port }: RawH2Options): Promise<RawH2> {
    const socket = connect({
      port,
      host: '127.0.0.1',
      ca: authority,
      servername: host,
      ALPNProtocols: ['h2'],
    });
    const raw = new RawH2(socket, host);
    await new Promise((resolve, reject) => {
      socket.once('secureConnect', resolve);
      socket.once('error', reject);
    });
    assert.equal(socket.alpnProtocol, 'h2');
    return raw;
  }

  /** Preface and SETTINGS are sent, and those of the far side confirmed. */
  static async open(
    options: RawH2Options,
    ...settings: readonly (readonly [id: number, value: number])[]
  ): Promise<RawH2> {
    const raw = await RawH2.connect(options);
    raw.write(preface);
    raw.send(frame.settings, 0, 0, settingsOf(...settings));
    await raw.sees('SETTINGS', ({ flags, type }) => type === frame.settings && flags === 0);
    raw.send(frame.settings, flag.ack, 0);
    await raw.sees('its ACK', ({ flags, type }) => type === frame.settings && flags === flag.ack);
    return raw;
  }

  get isClosed(): boolean {
    return this.#ended;
  }

  /** What was given to it and is not taken by the far side yet. */
  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  write(bytes: Uint8Array): void {
    if (!this.#ended) this.#socket.write(bytes);
  }

  send(type: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): void {
    this.write(bytesOf({ type, flags, stream, payload: Buffer.from(payload) }));
  }

  /** Stops taking what comes. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** The fields of a plain request for `path`, and more. */
  fields(path = '/', more: Fields = [], method = 'GET'): Fields {
    return [
      [':method', method],
      [':scheme', 'https'],
      [':authority', this.host],
      [':path', path],
      ...more,
    ];
  }

  asks(stream: number, fields: Fields = this.fields(), flags: number = flag.endStream): void {
    this.send(frame.headers, flags | flag.endHeaders, stream, block(fields));
  }

  /** Resolves with the first frame that `is` is true of. */
  sees(what: string, is: (frame: Frame) => boolean): Promise<Frame> {
    return until(`${what} comes`, () => this.frames.find(is) ?? this.#none(what), {
      seen: () => this.said(),
    });
  }

  /** The status of the answer on the stream, where it is one of the static table. */
  async answered(stream: number): Promise<number | undefined> {
    const { payload } = await this.sees(
      `an answer on stream ${stream}`,
      (one) => one.type === frame.headers && one.stream === stream,
    );
    return statuses[(payload[0] ?? 0) - firstStatus];
  }

  /** The body on the stream, once it has ended. */
  async body(stream: number): Promise<Buffer> {
    await this.sees(
      `the end of stream ${stream}`,
      (one) =>
        one.stream === stream &&
        (one.type === frame.data || one.type === frame.headers) &&
        (one.flags & flag.endStream) !== 0,
    );
    return this.received(stream);
  }

  received(stream: number): Buffer {
    const pieces = this.frames.filter((one) => one.type === frame.data && one.stream === stream);
    return Buffer.concat(pieces.map(({ payload }) => payload));
  }

  /** The error code of the stream's RST_STREAM. */
  async reset(stream: number): Promise<number> {
    const { payload } = await this.sees(
      `RST_STREAM of ${stream}`,
      (one) => one.type === frame.rstStream && one.stream === stream,
    );
    return payload.readUInt32BE(0);
  }

  /** The error code of its GOAWAY, once the connection is over. */
  async goneAway(): Promise<number> {
    const { payload } = await this.sees('GOAWAY', ({ type }) => type === frame.goAway);
    await this.closed();
    return payload.readUInt32BE(4);
  }

  async closed(): Promise<void> {
    await until('the connection is closed', () => (this.#ended ? true : undefined), {
      seen: () => this.said(),
    });
  }

  /** The connection works: what comes next over it is answered. */
  async lives(): Promise<void> {
    const payload = Buffer.from(`ping${String(this.frames.length).padStart(4, '0')}`);
    this.send(frame.ping, 0, 0, payload);
    await this.sees(
      'the answer to PING',
      (one) => one.type === frame.ping && one.flags === flag.ack && one.payload.equals(payload),
    );
  }

  said(): string {
    const shown = this.frames.map(
      ({ flags, payload, stream, type }) =>
        `${type}/${flags}@${stream}:${payload.subarray(0, 16).toString('hex')}`,
    );
    return `${shown.slice(-12).join(' ')}${this.#ended ? ' and the end' : ''}`;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    return Promise.resolve();
  }

  #none(what: string): undefined {
    if (this.#ended) throw new Error(`the connection ended before ${what}: ${this.said()}`);
    return undefined;
  }

  #take(piece: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, piece]);
    while (this.#bytes.length >= 9) {
      const end = 9 + this.#bytes.readUIntBE(0, 3);
      if (this.#bytes.length < end) return;
      this.frames.push({
        type: this.#bytes.readUInt8(3),
        flags: this.#bytes.readUInt8(4),
        stream: this.#bytes.readUInt32BE(5) & 0x7fffffff,
        payload: Buffer.from(this.#bytes.subarray(9, end)),
      });
      this.#bytes = this.#bytes.subarray(end);
    }
  }
}
