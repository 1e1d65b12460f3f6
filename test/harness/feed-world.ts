/**
 * The feed as an API process serves it, over a log in memory and on a real socket, with a clock that
 * moves when told; and a client of it that hides nothing.
 */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { createServer as createTlsServer, request as requestOverTls } from 'node:https';
import type { TestContext } from 'node:test';
import { createFeedHandler } from '../../src/api/feed/handler.ts';
import { apiServerOptions, apiTlsOptions, guardApiServer } from '../../src/api/listener.ts';
import type { Authority } from '../../src/authority/authority.ts';
import { type Change, encodeKey, writeId } from '../../src/base/log-record.ts';
import { silentRecorder } from '../../src/base/recorder.ts';
import { sealingKeyBytes } from '../../src/base/sealing.ts';
import { type ControlPlane, createControl } from '../../src/control/control-plane.ts';
import { type FeedLine, LineSplitter, readLine } from '../../src/feed/lines.ts';
import { LeaseTable } from '../../src/log/lease-table.ts';
import { MemoryLog } from '../../src/log/memory.ts';
import { accountId } from '../../src/model/ids.ts';
import { createLimits } from '../../src/model/limits.ts';
import { ManualClock } from './manual-clock.ts';
import { SeededRandomness } from './seeded-randomness.ts';
import { until } from './until.ts';

export const account = accountId('111111111111');
export const leaseMs = 10_000;

/** What a client shows of itself in the handshake; PEM. */
export type Shown = { readonly cert: string; readonly key: string };

export class FeedWorld {
  readonly clock: ManualClock;
  readonly randomness = new SeededRandomness(3);
  readonly sealingKey = new Uint8Array(sealingKeyBytes).fill(7);
  readonly log: MemoryLog;
  readonly certified: (readonly string[])[] = [];
  control!: ControlPlane;
  port = 0;
  readonly #closing = new AbortController();
  #server: Server | undefined;
  #writes = 0;

  readonly #authority: Authority | undefined;

  /** `authority`: over TLS, with certificates of that one, and a clock that begins now. */
  static async start(t: TestContext, authority?: Authority): Promise<FeedWorld> {
    const world = new FeedWorld(authority);
    await world.#start();
    t.after(() => world.stop());
    return world;
  }

  private constructor(authority: Authority | undefined) {
    this.#authority = authority;
    this.clock = authority === undefined ? new ManualClock() : new ManualClock(Date.now());
    this.log = new MemoryLog({ clock: this.clock, randomness: this.randomness });
  }

  get url(): string {
    return `${this.#authority === undefined ? 'http' : 'https'}://127.0.0.1:${this.port}`;
  }

  async #start(): Promise<void> {
    const { clock, log, randomness, sealingKey } = this;
    const presence = new LeaseTable({
      log,
      clock,
      leaseMs,
      registered: () => this.control.registeredEdges(),
    });
    this.control = await createControl({
      log,
      presence,
      clock,
      randomness,
      recorder: silentRecorder,
      limits: createLimits(),
      domain: 'cloudfront.localhost',
      accounts: new Set([account]),
      sealingKey,
    });
    const handler = createFeedHandler(
      {
        log,
        presence,
        clock,
        randomness,
        recorder: silentRecorder,
        leaseMs,
        domain: 'cloudfront.localhost',
        sealingKey,
        edgeOfToken: (hash) => this.control.edgeOfToken(hash),
        agreeWith: (publicKey) => this.#authority?.agreeWith(publicKey) ?? assert.fail(),
        serves: (name) => this.control.serves(name),
        certificateFor: async (names) => {
          this.certified.push(names);
          return { certificate: `certificate of ${names.join()}`, key: 'key' };
        },
        closing: this.#closing.signal,
      },
      (_, response) => response.writeHead(404).end(),
    );
    const server =
      this.#authority === undefined
        ? createServer(apiServerOptions, handler)
        : createTlsServer(
            {
              ...apiServerOptions,
              ...apiTlsOptions(
                await this.#authority.certificateFor(['127.0.0.1']),
                this.#authority.certificate,
              ),
            },
            handler,
          );
    guardApiServer(server, { clock, randomness, recorder: silentRecorder });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    assert(typeof address === 'object' && address !== null);
    this.#server = server;
    this.port = address.port;
  }

  connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server?.getConnections((error, count) => (error ? reject(error) : resolve(count)));
    });
  }

  async stop(): Promise<void> {
    this.#closing.abort(new Error('the server stops'));
    this.#server?.closeAllConnections();
    this.#server?.close();
    await this.control.close();
    await this.log.close();
  }

  /** The secret of a new token. */
  async join(name: string): Promise<string> {
    return (await this.control.createEdgeToken(name)).secret;
  }

  /** Appends what the catalog passes over, so that documents may be of any size. */
  async append(bytes: number, id = 'x'): Promise<void> {
    const { signal } = this.#closing;
    const value = new TextEncoder().encode(JSON.stringify('v'.repeat(bytes)));
    const changes: Change[] = [{ key: encodeKey({ account, kind: 'unknown', id }), value }];
    this.#writes += 1;
    const id16 = new Uint8Array(16).fill(this.#writes % 256);
    const append = { at: await this.log.head(signal), changes, writeId: writeId(id16) };
    assert.equal((await this.log.append(append, signal)).kind, 'appended');
  }

  async ask(
    method: string,
    path: string,
    {
      body = '',
      edge,
      secret,
      shown,
    }: { body?: string; edge?: string; secret?: string; shown?: Shown } = {},
  ): Promise<{ readonly status: number; readonly form: Readonly<Record<string, unknown>> }> {
    const answer = await this.#send(method, path, { body, edge, secret, shown });
    const pieces: Buffer[] = [];
    for await (const piece of answer) pieces.push(Buffer.from(piece));
    const form: Record<string, unknown> = JSON.parse(Buffer.concat(pieces).toString('utf8'));
    return { status: answer.statusCode ?? 0, form };
  }

  async follow(edge: string, by: string | Shown, query = ''): Promise<FeedFollower> {
    const own = typeof by === 'string' ? { secret: by } : { shown: by };
    const answer = await this.#send('GET', `/_warmfront/feed${query}`, { edge, ...own });
    assert.equal(answer.statusCode, 200);
    return new FeedFollower(answer);
  }

  #send(
    method: string,
    path: string,
    {
      body = '',
      edge,
      secret,
      shown,
    }: {
      readonly body?: string | undefined;
      edge?: string | undefined;
      secret?: string | undefined;
      shown?: Shown | undefined;
    },
  ): Promise<IncomingMessage> {
    const headers = {
      ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
      ...(edge === undefined ? {} : { 'warmfront-edge': edge }),
      'content-length': String(Buffer.byteLength(body)),
    };
    return new Promise((resolve, reject) => {
      const options = { method, headers, agent: false } as const;
      const url = `${this.url}${path}`;
      const sent =
        this.#authority === undefined
          ? request(url, options, resolve)
          : requestOverTls(url, { ...options, ...shown, ca: this.#authority.certificate }, resolve);
      sent.once('error', reject);
      sent.end(body);
    });
  }
}

/** Reads a stream, and keeps every line. */
export class FeedFollower {
  readonly lines: FeedLine[] = [];
  readonly answer: IncomingMessage;
  isOver = false;
  readonly #splitter = new LineSplitter();

  constructor(answer: IncomingMessage) {
    this.answer = answer;
    answer.on('error', () => undefined);
    answer.once('close', () => {
      this.isOver = true;
    });
  }

  reads(): this {
    this.answer.on('data', (piece: Buffer) => {
      for (const text of this.#splitter.push(piece)) {
        const line = readLine(text);
        if (line !== undefined) this.lines.push(line);
      }
    });
    return this;
  }

  ofKind<Kind extends FeedLine['kind']>(kind: Kind): Extract<FeedLine, { kind: Kind }>[] {
    return this.lines.filter((line): line is Extract<FeedLine, { kind: Kind }> => {
      return line.kind === kind;
    });
  }

  has(kind: FeedLine['kind'], count = 1): Promise<true> {
    return until(`there are ${count} lines of ${kind}`, () =>
      this.ofKind(kind).length >= count ? true : undefined,
    );
  }

  ends(): Promise<true> {
    return until('the stream is over', () => (this.isOver ? true : undefined));
  }
}
