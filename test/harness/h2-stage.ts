/** What scenarios of HTTP/2 begin with: an edge that speaks TLS, with a distribution that speaks h2. */
import assert from 'node:assert/strict';
import { type ClientHttp2Session, connect } from 'node:http2';
import { connect as connectTls } from 'node:tls';
import { testAuthority } from './certificates.ts';
import { RawH2 } from './raw-h2.ts';
import { domain, host, type Setting, type Stage } from './scenario.ts';

export const authority = await testAuthority('Test Authority');

export const https = {
  host: '127.0.0.1',
  port: 0,
  ...(await authority.issue([`*.${domain}`])),
  ticketKeys: new Uint8Array(48),
  sealingKey: new Uint8Array(32),
};

/** `more` in its own members takes nothing of these away. */
export function h2Setting(more: Setting = {}): Setting {
  return {
    ...more,
    settings: { ...more.settings, https },
    config: { ...more.config, httpVersion: 'http2' },
  };
}

export function rawOptions({ httpsPort }: Stage, name = host) {
  assert(httpsPort !== undefined, 'the edge speaks TLS');
  return { port: httpsPort, host: name, authority: authority.certificate };
}

export function openRaw(
  stage: Stage,
  ...settings: readonly (readonly [id: number, value: number])[]
): Promise<RawH2> {
  return RawH2.open(rawOptions(stage), ...settings);
}

/** Node's own client, which reads fields as they come. */
export class H2Client {
  readonly session: ClientHttp2Session;
  readonly #host: string;

  constructor(stage: Stage, name = host) {
    const { port } = rawOptions(stage, name);
    this.#host = name;
    this.session = connect(`https://${name}:${port}`, {
      createConnection: () =>
        connectTls({
          port,
          host: '127.0.0.1',
          servername: name,
          ca: authority.certificate,
          ALPNProtocols: ['h2'],
        }),
    });
    this.session.on('error', () => undefined);
  }

  gets(path: string, more: Readonly<Record<string, string | string[]>> = {}): Promise<H2Answered> {
    return this.asks({ ':path': path, ...more });
  }

  /** `:authority` is the host without a port, unless it is given. */
  async asks(
    headers: Readonly<Record<string, string | string[]>>,
    body?: Uint8Array | string,
  ): Promise<H2Answered> {
    const stream = this.session.request(
      { ':authority': this.#host, ...headers },
      { endStream: body === undefined },
    );
    if (body !== undefined) stream.end(body);
    const interim: number[] = [];
    stream.on('headers', (fields) => interim.push(fields[':status'] ?? 0));
    const fields = await new Promise<Readonly<Record<string, unknown>>>((resolve, reject) => {
      stream.once('response', resolve);
      stream.once('error', reject);
      stream.once('close', () => reject(new Error(`reset with ${stream.rstCode}`)));
    });
    const pieces: Buffer[] = [];
    for await (const piece of stream) pieces.push(Buffer.from(piece));
    return {
      status: Number(fields[':status']),
      fields,
      body: Buffer.concat(pieces),
      interim,
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.session.destroy();
    return Promise.resolve();
  }
}

export type H2Answered = {
  readonly status: number;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
  readonly interim: readonly number[];
};
