/**
 * A status is a fact: `Deployed` says that every live edge serves the change, and nothing is deleted
 * before every live edge refuses its viewers. The real server, its edges, and viewers at each of them.
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { ApiCaller, assertRefused, assertStatus, etagOf, textAt } from '../harness/api-caller.ts';
import {
  bothKinds,
  configXml,
  create,
  download,
  type KindWords,
  untilDeployed,
} from '../harness/kinds.ts';
import {
  edgesOnFreePorts,
  freePorts,
  type ServerProcess,
  startServerProcess,
} from '../harness/server-process.ts';
import { until } from '../harness/until.ts';
import type { Answer } from '../harness/viewer.ts';
import { view } from '../harness/viewing.ts';

const body = 'an object\n';

class World {
  readonly server: ServerProcess;
  readonly api: ApiCaller;
  readonly #folder: string;

  static async start(edges: readonly string[], ...args: readonly string[]): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'warmfront-status-'));
    await mkdir(join(folder, 'pics'));
    await writeFile(join(folder, 'pics', 'a.txt'), body);
    const bucket = ['--bucket', `pics=${join(folder, 'pics')}`];
    const listeners = [...freePorts, ...edgesOnFreePorts(...edges)];
    const server = await startServerProcess(['--memory', ...bucket, ...listeners, ...args]);
    return new World(server, folder);
  }

  private constructor(server: ServerProcess, folder: string) {
    this.server = server;
    this.api = new ApiCaller(server.addresses.api);
    this.#folder = folder;
  }

  at(name: string, domain: string, path = '/a.txt'): Promise<Answer> {
    const edge = this.server.addresses.edges.find((one) => one.name === name);
    assert(edge !== undefined);
    return view(edge.http, domain, path);
  }

  async statusesAtEdges(domain: string): Promise<Readonly<Record<string, number>>> {
    const seen = await Promise.all(
      this.server.addresses.edges.map(async ({ name }) => {
        const { status } = await this.at(name, domain);
        return [name, status] as const;
      }),
    );
    return Object.fromEntries(seen);
  }

  async hold(edge: string): Promise<void> {
    assertStatus(await this.api.post(`/_warmfront/edges/${edge}/hold`, ''), 200);
  }

  async release(edge: string): Promise<void> {
    assertStatus(await this.api.post(`/_warmfront/edges/${edge}/release`, ''), 200);
  }

  /** Resolves with the ETag of the disabled configuration. */
  async disable(path: string): Promise<string> {
    const config = await this.api.get(`${path}/config`);
    const off = config.body.replace('<Enabled>true<', '<Enabled>false<');
    const put = await this.api.put(`${path}/config`, etagOf(config), off);
    assertStatus(put, 200);
    return etagOf(put);
  }

  async stop(): Promise<void> {
    this.api.close();
    await this.server.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

suite('status, with three edges', () => {
  let world: World;

  before(async () => {
    world = await World.start(['a', 'b', 'c']);
  });

  after(() => world.stop());

  test('a held edge serves what it had, and keeps status and delete back until it is released', async () => {
    const { domain, etag, path } = await create(world.api, download, { reference: 'held' });
    await untilDeployed(world.api, path);
    assert.deepEqual(await world.statusesAtEdges(domain), { a: 200, b: 200, c: 200 });

    await world.hold('b');
    const off = await world.disable(path);
    await until('the edges that are not held refuse viewers', async () => {
      const { a, c } = await world.statusesAtEdges(domain);
      return a === 403 && c === 403 ? true : undefined;
    });
    const held = await world.at('b', domain);
    assert.deepEqual([held.status, held.body], [200, body], 'the held edge serves on');
    assert.equal(textAt(await world.api.get(path), 'Status'), 'InProgress');
    assertRefused(await world.api.delete(path, off), 409, 'DistributionNotDisabled');
    assertRefused(await world.api.delete(path, etag), 412, 'PreconditionFailed');
    assert.deepEqual(await positions(world), { a: 'head', b: 'behind', c: 'head' });

    await world.release('b');
    const deployed = await untilDeployed(world.api, path);
    assert.equal(etagOf(deployed), off);
    assert.deepEqual(await world.statusesAtEdges(domain), { a: 403, b: 403, c: 403 });
    assertStatus(await world.api.delete(path, off), 204);
    assertRefused(await world.api.get(path), 404, 'NoSuchDistribution');
    assert.deepEqual(await world.statusesAtEdges(domain), { a: 403, b: 403, c: 403 });
  });

  test('what is created while an edge is held is InProgress, and unknown to that edge alone', async () => {
    await world.hold('c');
    const { domain, path } = await create(world.api, download, { reference: 'new while held' });
    await until('the edges that are not held serve it', async () => {
      const { a, b } = await world.statusesAtEdges(domain);
      return a === 200 && b === 200 ? true : undefined;
    });
    assert.equal((await world.at('c', domain)).status, 403);
    assert.equal(textAt(await world.api.get(path), 'Status'), 'InProgress');
    await world.release('c');
    await untilDeployed(world.api, path);
    assert.equal((await world.at('c', domain)).status, 200);
  });

  test('holding and releasing change nothing that was Deployed', async () => {
    for (const words of bothKinds) {
      const { etag, path } = await create(world.api, words, { reference: 'stays' });
      const deployed = await untilDeployed(world.api, path);
      await world.hold('a');
      assert.equal((await world.api.get(path)).body, deployed.body);
      await world.hold('a');
      await world.release('a');
      await world.release('a');
      assert.equal((await world.api.get(path)).body, deployed.body);
      assert.equal(etagOf(await world.api.get(path)), etag);
    }
    const missing = await world.api.post('/_warmfront/edges/nowhere/hold', '');
    assert.equal(missing.status, 404);
    assert.match(missing.body, /"code":"NoSuchEdge"/);
  });

  test('Deployed once read is true at every edge at once, through many updates', async () => {
    const said = { reference: 'flips' };
    const { domain, path } = await create(world.api, download, said);
    await untilDeployed(world.api, path);
    let etag = etagOf(await world.api.get(path));
    for (let turn = 0; turn < 20; turn += 1) {
      const enabled = turn % 2 === 1;
      const put = await world.api.put(
        `${path}/config`,
        etag,
        configXml(download, { ...said, enabled, comment: `turn ${turn}` }),
      );
      assertStatus(put, 200);
      etag = etagOf(put);
      await untilDeployed(world.api, path);
      const expected = enabled ? 200 : 403;
      assert.deepEqual(await world.statusesAtEdges(domain), {
        a: expected,
        b: expected,
        c: expected,
      });
    }
  });

  test('a delete never succeeds before every edge refuses viewers, however eager', async () => {
    for (let turn = 0; turn < 9; turn += 1) {
      for (const words of bothKinds) await deleteEagerly(world, words, turn);
    }
  });

  test('an alias moves from one distribution to another without being on both', async () => {
    const name = 'moves.example.com';
    const first = await create(world.api, download, { reference: 'from', cnames: [name] });
    const second = await create(world.api, download, { reference: 'to' });
    await untilDeployed(world.api, first.path);
    assert.deepEqual(await world.statusesAtEdges(name), { a: 200, b: 200, c: 200 });
    const without = configXml(download, { reference: 'from' });
    assertStatus(await world.api.put(`${first.path}/config`, first.etag, without), 200);
    const withIt = configXml(download, { reference: 'to', cnames: [name], enabled: false });
    assertStatus(await world.api.put(`${second.path}/config`, second.etag, withIt), 200);
    await untilDeployed(world.api, first.path);
    await untilDeployed(world.api, second.path);
    assert.deepEqual(await world.statusesAtEdges(name), { a: 403, b: 403, c: 403 });
    assert.deepEqual(await world.statusesAtEdges(first.domain), { a: 200, b: 200, c: 200 });
  });
});

suite('status, with several workers at an edge', () => {
  let world: World;

  before(async () => {
    world = await World.start(['a'], '--edge-workers', '3');
  });

  after(() => world.stop());

  test('Deployed is true of each worker, whichever takes the connection', async () => {
    const said = { reference: 'workers' };
    const { path, ...created } = await create(world.api, download, said);
    let { etag } = created;
    for (let turn = 0; turn < 10; turn += 1) {
      const enabled = turn % 2 === 0;
      const xml = configXml(download, { ...said, enabled });
      const put = await world.api.put(`${path}/config`, etag, xml);
      assertStatus(put, 200);
      etag = etagOf(put);
      await untilDeployed(world.api, path);
      const views = Array.from({ length: 12 }, () => world.at('a', created.domain));
      const statuses = new Set((await Promise.all(views)).map(({ status }) => status));
      assert.deepEqual([...statuses], [enabled ? 200 : 403]);
    }
  });
});

suite('status, with a propagation delay', () => {
  const delayMs = 300;
  let world: World;

  before(async () => {
    world = await World.start(['a', 'b'], '--propagation-delay', `${delayMs}ms`);
  });

  after(() => world.stop());

  test('a change is InProgress for as long as the edges wait, and served as before', async () => {
    const begun = performance.now();
    const { domain, path } = await create(world.api, download, { reference: 'delayed' });
    await deployedAfter(begun, path);
    assert.deepEqual(await world.statusesAtEdges(domain), { a: 200, b: 200 });

    const disabling = performance.now();
    const etag = await world.disable(path);
    const early = await world.statusesAtEdges(domain);
    const refused = await world.api.delete(path, etag);
    if (performance.now() - disabling < delayMs) {
      assert.deepEqual(early, { a: 200, b: 200 }, 'they serve what they had');
      assertRefused(refused, 409, 'DistributionNotDisabled');
    }
    await deployedAfter(disabling, path);
    assert.deepEqual(await world.statusesAtEdges(domain), { a: 403, b: 403 });
    assertStatus(await world.api.delete(path, etag), 204);
  });

  test('the delay holds for each change of its own', async () => {
    for (const words of bothKinds) {
      const { path } = await create(world.api, words, { reference: 'each' });
      let begun = performance.now();
      for (let turn = 0; turn < 2; turn += 1) {
        const config = await world.api.get(`${path}/config`);
        begun = performance.now();
        const put = await world.api.put(`${path}/config`, etagOf(config), config.body);
        assertStatus(put, 200);
      }
      await deployedAfter(begun, path);
    }
  });

  /** Not a reading says Deployed before the delay is over, and one does soon after. */
  async function deployedAfter(begun: number, path: string): Promise<void> {
    await untilDeployed(world.api, path);
    const tookMs = performance.now() - begun;
    assert(tookMs >= delayMs, `Deployed after ${tookMs} ms`);
    assert(tookMs < delayMs + 5_000, `Deployed only after ${tookMs} ms`);
  }
});

/** Asks for the delete again and again from the moment of the disable; edge b is held at times. */
async function deleteEagerly(world: World, words: KindWords, turn: number): Promise<void> {
  const said = { reference: `eager ${turn}` };
  const { domain, path } = await create(world.api, words, said);
  await untilDeployed(world.api, path);
  const held = turn % 3 === 0;
  if (held) await world.hold('b');
  const etag = await world.disable(path);
  let refusals = 0;
  for (;;) {
    const reply = await world.api.delete(path, etag);
    if (reply.status === 204) break;
    assertRefused(reply, 409, words.notDisabled);
    refusals += 1;
    if (held && refusals === 5) await world.release('b');
  }
  if (held) assert(refusals >= 5, 'a held edge keeps the delete back');
  assert.deepEqual(await world.statusesAtEdges(domain), { a: 403, b: 403, c: 403 });
}

/** Where each edge stands, as the private endpoint tells. */
async function positions(world: World): Promise<Readonly<Record<string, string>>> {
  const reply = await world.api.get('/_warmfront/edges');
  assertStatus(reply, 200);
  const told: unknown = JSON.parse(reply.body);
  assert(typeof told === 'object' && told !== null && 'edges' in told);
  const { edges } = told;
  assert(Array.isArray(edges));
  return Object.fromEntries(
    edges.map(({ behind, name, state }: { behind: number; name: string; state: string }) => {
      assert.equal(state, 'serving');
      return [name, behind === 0 ? 'head' : 'behind'];
    }),
  );
}
