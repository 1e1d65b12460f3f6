/**
 * API processes that have edges of their own, under faults: three servers of etcd, two API processes
 * with an edge each, two writers of one distribution that ask either, and one that believes no
 * status without a look at the edges. Meanwhile the leader of etcd is killed, then stopped in place, and each API process is
 * killed in the middle of writes. Afterwards all that was answered is held together: each accepted
 * write follows the one before it, none is lost, and no ETag was accepted twice.
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { ApiCaller, etagOf, type Reply, textAt } from '../harness/api-caller.ts';
import { Etcd } from '../harness/etcd.ts';
import { configXml, create, type Created, download } from '../harness/kinds.ts';
import { needs } from '../harness/programs.ts';
import {
  edgesOnFreePorts,
  freePorts,
  type ServerProcess,
  startServerProcess,
} from '../harness/server-process.ts';
import { pause, until } from '../harness/until.ts';
import { view } from '../harness/viewing.ts';

/** A write that was sent; `made` is its ETag where it was answered with one. */
type Write = { readonly follows: string; readonly number: number; made: string | undefined };

class Service {
  readonly etcd: Etcd;
  readonly #folder: string;
  readonly #servers: (ServerProcess | undefined)[] = [undefined, undefined];
  readonly #flags: readonly string[];
  #turn = 0;

  static async start(): Promise<Service> {
    const folder = await mkdtemp(join(tmpdir(), 'warmfront-service-'));
    await mkdir(join(folder, 'site'));
    for (let number = 0; number <= objectsMax; number += 1) {
      await writeFile(join(folder, 'site', `${number}.txt`), String(number));
    }
    const service = new Service(await Etcd.start({ servers: 3 }), folder);
    await Promise.all([service.startApi(0), service.startApi(1)]);
    return service;
  }

  private constructor(etcd: Etcd, folder: string) {
    this.etcd = etcd;
    this.#folder = folder;
    const bucket = `--bucket=pics=${join(folder, 'site')}`;
    this.#flags = [`--log=${etcd.url('service')}`, '--edge-lease=6s', bucket, ...freePorts];
  }

  async startApi(index: 0 | 1): Promise<void> {
    const data = ['--data', join(this.#folder, `data${index}`)];
    const edge = edgesOnFreePorts(`edge${index}`);
    this.#servers[index] = await startServerProcess([...data, ...this.#flags, ...edge]);
  }

  async killApi(index: 0 | 1): Promise<void> {
    const server = this.#servers[index];
    this.#servers[index] = undefined;
    await server?.kill();
  }

  /** Asks one after the other, each time another one; undefined where no answer came. */
  async ask(act: (api: ApiCaller) => Promise<Reply>): Promise<Reply | undefined> {
    const running = this.#servers.filter((server) => server !== undefined);
    this.#turn += 1;
    const server = running[this.#turn % running.length];
    if (server === undefined) return undefined;
    const api = new ApiCaller(server.addresses.api);
    try {
      return await act(api);
    } catch {
      return undefined;
    } finally {
      api.close();
    }
  }

  /** What each edge that runs serves at the root. */
  async seen(domain: string): Promise<readonly number[]> {
    const edges = this.#servers.flatMap((server) => server?.addresses.edges ?? []);
    const bodies = await Promise.all(
      edges.map(async ({ http }) => (await view(http, domain, '/').catch(() => undefined))?.body),
    );
    return bodies.flatMap((body) => (body === undefined ? [] : [Number(body)]));
  }

  async end(): Promise<void> {
    await Promise.all([this.killApi(0), this.killApi(1)]);
    await this.etcd.remove();
    await rm(this.#folder, { recursive: true });
  }
}

const objectsMax = 3_000;

function configOf(number: number): string {
  const more = `<DefaultRootObject>${number}.txt</DefaultRootObject>`;
  return configXml(download, { reference: 'site', more });
}

function numberIn(reply: Reply): number {
  return Number(/<DefaultRootObject>(\d+)\.txt</.exec(reply.body)?.[1]);
}

suite('API processes with edges of their own, under faults', needs('etcd', 'etcdctl'), () => {
  let service: Service;
  before(async () => {
    service = await Service.start();
  });
  after(() => service.end());

  test('no answered write is lost, and what is Deployed is served', {
    timeout: 120_000,
  }, async () => {
    const first = await service.ask((api) => api.get('/_warmfront/health'));
    assert.equal(first?.status, 200);
    let made: Created | undefined;
    await service.ask(async (api) => {
      made = await create(api, download, {
        reference: 'site',
        more: '<DefaultRootObject>0.txt</DefaultRootObject>',
      });
      return made.reply;
    });
    assert(made !== undefined);
    const { domain, etag, path } = made;
    const writes: Write[] = [];
    let isOver = false;
    let looks = 0;
    const answered = (): number => writes.filter((one) => one.made !== undefined).length;

    const write = async (): Promise<void> => {
      while (!isOver) {
        const config = await service.ask((api) => api.get(`${path}/config`));
        if (config?.status !== 200) {
          await pause(20);
          continue;
        }
        const one: Write = {
          follows: etagOf(config),
          number: numberIn(config) + 1,
          made: undefined,
        };
        assert(one.number <= objectsMax);
        const reply = await service.ask((api) =>
          api.put(`${path}/config`, one.follows, configOf(one.number)),
        );
        // Refused for good: another one came first, so this one is in no history.
        if (reply?.status === 412) continue;
        assert([undefined, 200, 503].includes(reply?.status), `${reply?.status} ${reply?.body}`);
        writes.push(one);
        if (reply?.status === 200) one.made = etagOf(reply);
      }
    };
    const look = async (): Promise<void> => {
      while (!isOver) {
        const reply = await service.ask((api) => api.get(path));
        if (reply?.status === 200 && textAt(reply, 'Status') === 'Deployed') {
          const deployed = numberIn(reply);
          for (const number of await service.seen(domain)) {
            assert(number >= deployed, `${deployed} is Deployed, and an edge serves ${number}`);
            looks += 1;
          }
        }
        await pause(5);
      }
    };
    const more = (count: number): Promise<unknown> => {
      const enough = answered() + count;
      const seen = (): string => `${answered()} answered, ${looks} looks`;
      return until(
        `${enough} writes are answered`,
        () => isOver || answered() >= enough || undefined,
        {
          msMax: 60_000,
          seen,
        },
      );
    };
    const looked = (): Promise<unknown> => {
      const enough = looks + 2;
      return until(
        'Deployed was said and looked at',
        () => isOver || looks >= enough || undefined,
        {
          msMax: 60_000,
        },
      );
    };
    const play = async (): Promise<void> => {
      await more(10);
      const leader = await service.etcd.leader();
      await leader.kill();
      await more(10);
      leader.start();
      await leader.ready();
      await service.killApi(0);
      await more(10);
      await service.startApi(0);
      await more(10);
      await service.killApi(1);
      await more(5);
      await service.startApi(1);
      const next = await service.etcd.leader();
      await next.stop();
      await more(10);
      next.goOn();
      await more(10);
    };
    const workers = [write(), write(), look()];
    try {
      await Promise.race([
        play(),
        Promise.all(workers).then(() => assert.fail('they go on until told')),
      ]);
      isOver = true;
      await Promise.all(workers);
      isOver = false;
      const lastLook = look();
      await looked();
      isOver = true;
      await lastLook;
    } finally {
      isOver = true;
    }

    const last = await service.ask((api) => api.get(`${path}/config`));
    assert(last?.status === 200);
    assertChain(writes, { first: etag, last: etagOf(last), number: numberIn(last) });
  });
});

/** Every answered write has its one place between the first ETag and the last. */
function assertChain(
  writes: readonly Write[],
  {
    first,
    last,
    number,
  }: { readonly first: string; readonly last: string; readonly number: number },
): void {
  const accepted = writes.filter(({ made }) => made !== undefined);
  const followed = accepted.map(({ follows }) => follows);
  assert.equal(new Set(followed).size, followed.length, 'no ETag was accepted twice');
  // A write without an answer may have been made, so it counts as one that followed.
  const known = new Set([...writes.map(({ follows }) => follows), last]);
  for (const { made } of accepted) {
    assert(made !== undefined && known.has(made), `the write ${made} was answered and is lost`);
  }
  for (const one of accepted) assert(one.number <= number, 'numbers only rise');
  const numbers = accepted.map((one) => one.number);
  assert.equal(new Set(numbers).size, numbers.length, 'no number was written twice');
  assert(known.has(first), 'the first one was followed');
}
