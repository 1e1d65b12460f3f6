/**
 * The life of an access log under everything that may come between a request and its line: the bucket
 * is gone for a while, and the whole server is killed in between and once more under load. What comes
 * to the bucket in the end is read by the AWS SDK, parsed by a parser that knows nothing of this
 * program, and compared line by line with what viewers saw.
 *
 * Every request has a number in its query and gets an id in its answer, so a line that is lost, comes
 * twice or was made up is told apart from the others.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiCaller } from '../harness/api-caller.ts';
import { create, download, untilDeployed } from '../harness/kinds.ts';
import { LogBucket } from '../harness/log-bucket.ts';
import { s3StoreKey, startS3Store, type S3Store } from '../harness/s3-store.ts';
import {
  edgesOnFreePorts,
  freePorts,
  type ServerProcess,
  startServerProcess,
} from '../harness/server-process.ts';
import { pause, until } from '../harness/until.ts';

export type LifeAsked = {
  /** In three parts: the bucket takes files, it is gone, the server was killed and the bucket is gone. */
  readonly requests: number;
  /** Kill the server under load as well, and count what that loses. */
  readonly killUnderLoad: boolean;
  readonly tell?: (line: string) => void;
};

export type LifeSeen = {
  readonly requests: number;
  readonly lines: number;
  readonly objects: number;
  /** Of the kill under load. */
  readonly answeredUnderLoad: number;
  readonly lostUnderLoad: number;
  /** The oldest of the lost ones was answered so long before the kill. */
  readonly oldestLostMs: number;
};

/** What a viewer knows of a request once it has its answer. */
type Answered = { readonly id: string; readonly atMs: number };

const connections = 8;
/** A line waits so long in memory at most, and on a busy machine somewhat longer. */
const inMemoryMsMax = 250;
const slackMs = 1_000;

export async function liveThrough(asked: LifeAsked): Promise<LifeSeen> {
  const folder = await mkdtemp(join(tmpdir(), 'warmfront-access-log-'));
  const tell = asked.tell ?? ((): void => undefined);
  const life = new Life(folder, tell);
  try {
    return await life.run(asked);
  } finally {
    await life.end();
    await rm(folder, { recursive: true, force: true });
  }
}

class Life {
  readonly #folder: string;
  readonly #tell: (line: string) => void;
  readonly #answered = new Map<number, Answered>();
  #store: S3Store | undefined;
  #server: ServerProcess | undefined;
  #host = '';
  #distribution = '';
  #next = 0;

  constructor(folder: string, tell: (line: string) => void) {
    this.#folder = folder;
    this.#tell = tell;
  }

  async run({ killUnderLoad, requests }: LifeAsked): Promise<LifeSeen> {
    const store = await this.#startStore();
    const { port } = new URL(store.url);
    await writeFile(
      join(this.#folder, 'store-keys.json'),
      JSON.stringify({ ...s3StoreKey, region: 'us-east-1' }),
    );
    await this.#startServer(store.url);
    await this.#distribute();

    const part = Math.floor(requests / 3);
    await this.#send(part);
    this.#tell(`${part} requests while the bucket takes files`);

    await this.#stopStore();
    await this.#send(part);
    // After it nothing of these is in memory only.
    await pause(inMemoryMsMax + slackMs);
    await this.#server?.kill();
    this.#tell(`${part} requests while the bucket is gone, then kill -9`);

    await this.#startServer(store.url);
    await this.#send(requests - 2 * part);
    this.#tell(`${requests - 2 * part} requests after it, the bucket still gone`);

    let underLoad = { answered: 0, killedAtMs: 0, first: this.#next };
    if (killUnderLoad) {
      underLoad = await this.#killUnderLoad();
      this.#tell(`${underLoad.answered} requests under which the server was killed once more`);
      await this.#startServer(store.url);
    }
    await this.#startStore(Number(port));
    this.#tell('the bucket is back');
    return this.#compare(requests, underLoad);
  }

  async end(): Promise<void> {
    await this.#server?.kill();
    await this.#stopStore();
  }

  async #startStore(port?: number): Promise<S3Store> {
    const store = await startS3Store({
      folder: join(this.#folder, 'store'),
      buckets: ['logs'],
      addressed: 'by-path',
      ...(port === undefined ? {} : { port }),
    });
    this.#store = store;
    return store;
  }

  async #stopStore(): Promise<void> {
    await this.#store?.stop();
    this.#store = undefined;
  }

  async #startServer(store: string): Promise<void> {
    const site = await mkdtemp(join(this.#folder, 'site-'));
    await writeFile(join(site, 'a.txt'), 'hello');
    const settings = {
      data: join(this.#folder, 'data'),
      'edge-workers': '2',
      bucket: `site=${site}`,
      'log-store': store,
      'log-store-credentials': join(this.#folder, 'store-keys.json'),
      'access-log-interval': '400ms',
    };
    this.#server = await startServerProcess([
      ...freePorts,
      ...edgesOnFreePorts('paris'),
      ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`),
    ]);
  }

  async #distribute(): Promise<void> {
    assert(this.#server !== undefined);
    const api = new ApiCaller(this.#server.addresses.api);
    const made = await create(api, download, {
      reference: 'access logs',
      origin: '<S3Origin><DNSName>site.s3.amazonaws.com</DNSName></S3Origin>',
      more: '<Logging><Bucket>logs.s3.amazonaws.com</Bucket><Prefix>cdn/</Prefix></Logging>',
    });
    await untilDeployed(api, made.path);
    api.close();
    this.#host = made.domain;
    this.#distribution = made.id;
  }

  /** So many requests, over several connections, every one of which must be answered. */
  async #send(count: number): Promise<void> {
    const end = this.#next + count;
    const agent = new Agent({ keepAlive: true, maxSockets: connections });
    const viewer = async (): Promise<void> => {
      while (this.#next < end) await this.#request(agent);
    };
    await Promise.all(Array.from({ length: connections }, viewer));
    agent.destroy();
  }

  async #request(agent: Agent): Promise<void> {
    const number = this.#next;
    this.#next += 1;
    const edge = this.#server?.addresses.edges[0]?.http ?? '';
    const id = await new Promise<string>((resolve, reject) => {
      const options = { agent, headers: { host: this.#host } };
      get(`${edge}/a.txt?n=${number}`, options, (answer) => {
        answer.resume();
        answer.once('error', reject);
        answer.once('end', () => {
          if (answer.statusCode !== 200) reject(new Error(`${answer.statusCode}`));
          else resolve(String(answer.headers['x-amz-cf-id']));
        });
      }).once('error', reject);
    });
    this.#answered.set(number, { id, atMs: performance.now() });
  }

  async #killUnderLoad(): Promise<{ answered: number; killedAtMs: number; first: number }> {
    const first = this.#next;
    const agent = new Agent({ keepAlive: true, maxSockets: connections });
    let killedAtMs = Number.POSITIVE_INFINITY;
    const viewer = async (): Promise<void> => {
      try {
        for (;;) await this.#request(agent);
      } catch {
        assert(killedAtMs < Number.POSITIVE_INFINITY, 'viewers are answered until the kill');
      }
    };
    const viewers = Promise.all(Array.from({ length: connections }, viewer));
    await pause(inMemoryMsMax + slackMs + 500);
    killedAtMs = performance.now();
    await this.#server?.kill();
    await viewers;
    agent.destroy();
    const answered = [...this.#answered.keys()].filter((number) => number >= first).length;
    return { answered, killedAtMs, first };
  }

  async #compare(
    requests: number,
    underLoad: { answered: number; killedAtMs: number; first: number },
  ): Promise<LifeSeen> {
    assert(this.#store !== undefined && this.#server !== undefined);
    const bucket = new LogBucket(this.#store.url, 'logs');
    const mustBeThere = [...this.#answered]
      .filter(([number, { atMs }]) =>
        number < underLoad.first ? true : atMs < underLoad.killedAtMs - inMemoryMsMax - slackMs,
      )
      .map(([number]) => number);
    const read = async () => {
      const objects = await bucket.objects();
      const numbers = objects.flatMap(({ lines }) =>
        lines.map((line) => Number(/^n=(\d+)$/.exec(line['cs-uri-query'] ?? '')?.[1])),
      );
      return { objects, numbers };
    };
    await until(
      'every line is in the bucket',
      async () => {
        const seen = new Set((await read()).numbers);
        return mustBeThere.every((number) => seen.has(number)) ? true : undefined;
      },
      { msMax: 60_000, seen: () => this.#server?.output().slice(-2_000) ?? '' },
    );
    // An orderly stop brings what is left, and nothing for a second time.
    const exit = await this.#server.stop();
    assert.deepEqual(exit, { code: 0, signal: null });
    const { numbers, objects } = await read();
    bucket.close();

    for (const { key, lines, text } of objects) {
      const form = new RegExp(
        `^cdn/${this.#distribution}\\.\\d{4}-\\d\\d-\\d\\d-\\d\\d\\.[0-9A-Z]{8,11}\\.gz$`,
      );
      assert.match(key, form);
      assert(text.startsWith('#Version: 1.0\n#Fields: date time x-edge-location '));
      assert.equal(text.split('\n').length, lines.length + 3, 'every line was parsed');
      for (const line of lines) {
        const number = Number(line['cs-uri-query']?.slice(2));
        const answered = this.#answered.get(number);
        if (answered !== undefined) assert.equal(line['x-edge-request-id'], answered.id);
        else assert(number >= underLoad.first, 'only what the kill cut has no answer');
        assert.equal(line['cs-host'], this.#host);
        assert.equal(line['sc-status'], '200');
        assert(key.includes(`.${line['date']}-${line['time']?.slice(0, 2)}.`));
      }
    }
    assert.equal(new Set(numbers).size, numbers.length, 'no line is there twice');
    const seen = new Set(numbers);
    const settled = numbers.filter((number) => number < underLoad.first).length;
    assert.equal(settled, requests, 'as many lines as requests');
    const lost = [...this.#answered].filter(([number]) => !seen.has(number));
    return {
      requests,
      lines: settled,
      objects: objects.length,
      answeredUnderLoad: underLoad.answered,
      lostUnderLoad: lost.length,
      oldestLostMs: Math.max(0, ...lost.map(([, { atMs }]) => underLoad.killedAtMs - atMs)),
    };
  }
}
