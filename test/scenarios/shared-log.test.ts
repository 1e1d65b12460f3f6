/**
 * Two API processes on one log in etcd, with edges in both: whoever is asked, one service answers.
 * One that is cut off refuses changes, keeps answering what it knows, says since when that may be
 * old, and never says `Deployed`; its edges go on serving.
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { Driver, text } from '../clients/driver.ts';
import { ApiCaller, assertRefused, assertStatus, etagOf, textAt } from '../harness/api-caller.ts';
import { runCli } from '../harness/cli-process.ts';
import { Etcd } from '../harness/etcd.ts';
import { configXml, create, download, untilDeployed } from '../harness/kinds.ts';
import { needs, program } from '../harness/programs.ts';
import {
  edgesOnFreePorts,
  freePorts,
  NotReady,
  type ServerProcess,
  startServerProcess,
} from '../harness/server-process.ts';
import { until } from '../harness/until.ts';
import { view } from '../harness/viewing.ts';

const body = 'an object\n';

class World {
  readonly etcd: Etcd;
  readonly #folder: string;
  readonly #open = new Set<ServerProcess>();

  static async start(): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'warmfront-shared-'));
    await mkdir(join(folder, 'pics'));
    await writeFile(join(folder, 'pics', 'a.txt'), body);
    return new World(await Etcd.start(), folder);
  }

  private constructor(etcd: Etcd, folder: string) {
    this.etcd = etcd;
    this.#folder = folder;
  }

  /** An API process with one edge of its own. */
  async process(prefix: string, edge: string): Promise<ServerProcess> {
    const server = await startServerProcess([
      '--memory',
      `--log=${this.etcd.url(prefix)}`,
      `--bucket=pics=${join(this.#folder, 'pics')}`,
      '--edge-lease=2s',
      ...freePorts,
      ...edgesOnFreePorts(edge),
    ]);
    this.#open.add(server);
    return server;
  }

  async end(): Promise<void> {
    await Promise.all([...this.#open].map((server) => server.kill()));
    await this.etcd.remove();
    await rm(this.#folder, { recursive: true });
  }
}

suite('API processes on one log', needs('etcd', 'etcdctl'), () => {
  let world: World;
  before(async () => {
    world = await World.start();
  });
  after(() => world.end());

  test('each answers with what the other has just taken', async () => {
    const servers = [await world.process('life', 'paris'), await world.process('life', 'lima')];
    const apis = servers.map(({ addresses }) => new ApiCaller(addresses.api));
    let turn = 0;
    const next = (): ApiCaller => apis[(turn += 1) % apis.length] ?? assert.fail();

    const created = await create(next(), download, { reference: 'one', cnames: ['a.example.com'] });
    for (let change = 1; change <= 10; change += 1) {
      const config = await next().get(`${created.path}/config`);
      const changed = config.body.replace(
        /<Comment>.*<\/Comment>|(?=<Enabled>)/,
        `<Comment>${change}</Comment>`,
      );
      const put = await next().put(`${created.path}/config`, etagOf(config), changed);
      assertStatus(put, 200);
      const read = await next().get(`${created.path}/config`);
      assert.equal(etagOf(read), etagOf(put));
      assert.equal(textAt(read, 'Comment'), String(change));
      const stale = await next().put(`${created.path}/config`, etagOf(config), changed);
      assertRefused(stale, 412, 'PreconditionFailed');
    }
    const taken = { reference: 'two', cnames: ['a.example.com'] };
    assertRefused(
      await next().post(download.path, configXml(download, taken)),
      409,
      'CNAMEAlreadyExists',
    );

    // `Deployed` by one of them holds at the edges of both.
    await untilDeployed(next(), created.path);
    for (const { addresses } of servers) {
      for (const { http } of addresses.edges) {
        const seen = await view(http, created.domain, '/a.txt');
        assert.deepEqual([seen.status, seen.body], [200, body]);
      }
    }
    const config = await next().get(`${created.path}/config`);
    const off = config.body.replace('<Enabled>true<', '<Enabled>false<');
    const put = await next().put(`${created.path}/config`, etagOf(config), off);
    await untilDeployed(next(), created.path);
    assertStatus(await next().delete(created.path, etagOf(put)), 204);
    for (const api of apis) assertRefused(await api.get(created.path), 404, 'NoSuchDistribution');
    for (const api of apis) api.close();
  });

  test('boto lives a distribution through both, alternately', needs('boto'), async () => {
    const servers = [await world.process('boto', 'paris'), await world.process('boto', 'lima')];
    const script = join(import.meta.dirname, '../clients/boto_driver.py');
    const drivers = servers.map(({ addresses }) => {
      const args = [script, 'http', '127.0.0.1', new URL(addresses.api).port];
      return new Driver(program('boto'), [...args, 'warmfront', 'warmfront-secret'], {});
    });
    let turn = 0;
    const next = (): Driver => drivers[(turn += 1) % drivers.length] ?? assert.fail();
    const origin = { type: 's3', name: 'pics.s3.amazonaws.com' };
    const order = { kind: 'download', origin, enabled: true, reference: 'boto', comment: 'one' };
    const { id } = await next().does('create', order);
    const one = { kind: 'download', id };
    const deployed = () =>
      until('it is Deployed', async () => {
        const { status } = await next().does('info', one);
        return status === 'Deployed' || undefined;
      });
    await deployed();
    const { etag } = await next().does('config', one);
    await next().does('put', { ...order, id, etag, enabled: false });
    await deployed();
    const last = await next().does('config', one);
    await next().does('delete', { ...one, etag: text(last['etag']) });
    await next().isRefused('info', one, 404, 'NoSuchDistribution');
    await Promise.all(drivers.map((driver) => driver.stop()));
  });

  test('the demo holds on it, step for step', async () => {
    const { code, err, out } = await runCli(['demo', `--log=${world.etcd.url('demo')}`]);
    assert.equal(code, 0, out + err);
    assert.match(out, /All 15 steps held/);
    assert.match(world.etcd.control('get', '/demo/log/head'), /\["[0-9a-f]{32}",\d+,/);
  });

  test('a change waits for the edges of every process', async () => {
    const [a, b] = [await world.process('held', 'paris'), await world.process('held', 'lima')];
    const [first, second] = [new ApiCaller(a.addresses.api), new ApiCaller(b.addresses.api)];
    assertStatus(await first.post('/_warmfront/edges/lima/hold', ''), 200);
    const created = await create(second, download, { reference: 'held' });
    await until('paris has taken it', async () => {
      const reply = await view(a.addresses.edges[0]?.http ?? '', created.domain, '/a.txt');
      return reply.status === 200 || undefined;
    });
    for (const api of [first, second]) {
      assert.equal(textAt(await api.get(created.path), 'Status'), 'InProgress');
    }
    assertStatus(await second.post('/_warmfront/edges/lima/release', ''), 200);
    await untilDeployed(first, created.path);
    await untilDeployed(second, created.path);
    first.close();
    second.close();
  });

  test('what one has called Deployed the other does too, when no edge is left', async () => {
    const [a, b] = [
      await world.process('latched', 'paris'),
      await world.process('latched', 'lima'),
    ];
    const [first, second] = [new ApiCaller(a.addresses.api), new ApiCaller(b.addresses.api)];
    const created = await create(first, download, { reference: 'latched' });
    await untilDeployed(first, created.path);
    world.etcd.control('del', '--prefix', '/latched/live/edge/');
    // The edges report each half second, so that this holds for a moment only, or for none.
    for (const api of [second, first]) {
      assert.equal(textAt(await api.get(created.path), 'Status'), 'Deployed');
    }
    first.close();
    second.close();
  });

  test('one that dies takes nothing with it, and its edge holds nobody up for long', async () => {
    const [a, b] = [await world.process('dies', 'paris'), await world.process('dies', 'lima')];
    const [first, second] = [new ApiCaller(a.addresses.api), new ApiCaller(b.addresses.api)];
    const created = await create(first, download, { reference: 'dies' });
    first.close();
    await a.kill();
    assert.equal(etagOf(await second.get(created.path)), created.etag);
    const other = await create(second, download, { reference: 'after' });
    await untilDeployed(second, other.path);
    second.close();
  });
});

suite('an API process that is cut off from its log', needs('etcd', 'etcdctl'), () => {
  let world: World;
  before(async () => {
    world = await World.start();
  });
  after(() => world.end());

  test('refuses changes, answers reads with their age, and never says Deployed', async () => {
    const server = await world.process('cut', 'paris');
    const api = new ApiCaller(server.addresses.api);
    const created = await create(api, download, { reference: 'cut' });
    const deployed = await untilDeployed(api, created.path);
    assert.equal(deployed.headers['warmfront-as-of'], undefined);
    const [etcd] = world.etcd.servers;
    assert(etcd);
    await etcd.stop();
    const refused = await until(
      'changes are refused',
      async () => {
        const said = configXml(download, { reference: 'never' });
        const reply = await api.post(download.path, said);
        return reply.status === 503 ? reply : undefined;
      },
      { msMax: 25_000 },
    );
    assertRefused(refused, 503, 'ServiceUnavailable');
    assert.match(String(refused.headers['retry-after']), /^\d+$/);
    const old = await api.get(created.path);
    assertStatus(old, 200);
    assert.equal(etagOf(old), created.etag);
    assert.equal(textAt(old, 'Status'), 'InProgress');
    const asOf = Date.parse(String(old.headers['warmfront-as-of']));
    assert(Math.abs(Date.now() - asOf) < 60_000, String(old.headers['warmfront-as-of']));
    const { addresses } = server;
    const seen = await view(addresses.edges[0]?.http ?? '', created.domain, '/a.txt');
    assert.deepEqual([seen.status, seen.body], [200, body]);

    etcd.goOn();
    await untilDeployed(api, created.path);
    await until('changes are taken again', async () => {
      const said = configXml(download, { reference: 'later' });
      return (await api.post(download.path, said)).status === 201 || undefined;
    });
    const { headers } = await api.get(created.path);
    assert.equal(headers['warmfront-as-of'], undefined);
    api.close();
  });

  test('does not start where nothing answers, and says what to do', async () => {
    const { addresses } = world.etcd;
    await world.etcd.servers[0]?.kill();
    await assert.rejects(world.process('none', 'paris'), (error) => {
      assert(error instanceof NotReady);
      assert.equal(error.exit?.code, 1);
      assert(error.output.includes(addresses[0] ?? '?'), error.output);
      assert.match(error.output, /cannot be reached .*Check that it runs/s);
      return true;
    });
  });
});
