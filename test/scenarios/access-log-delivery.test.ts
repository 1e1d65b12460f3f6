/**
 * Access logs of a real server: every request's line comes to the bucket, whatever happens to bucket
 * and server in between; a bucket that takes nothing is no viewer's concern.
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { liveThrough } from '../crash/access-log-life.ts';
import { parseLog } from '../harness/access-log-lines.ts';
import { ApiCaller, assertStatus } from '../harness/api-caller.ts';
import { create, download, untilDeployed } from '../harness/kinds.ts';
import {
  edgesOnFreePorts,
  freePorts,
  NotReady,
  type ServerProcess,
  startServerProcess,
} from '../harness/server-process.ts';
import { until } from '../harness/until.ts';
import { view } from '../harness/viewing.ts';

test('3,000 requests are 3,000 lines, with the bucket failing and kill -9 in between', async () => {
  const seen = await liveThrough({ requests: 3_000, killUnderLoad: true });
  assert.equal(seen.lines, 3_000);
  // What was answered this long before the kill had been given to the system.
  assert(seen.oldestLostMs < 1_250, JSON.stringify(seen));
});

class World {
  readonly folder: string;
  /** Stands for the bucket `logs`. */
  readonly logs: string;
  readonly site: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.logs = join(folder, 'logs');
    this.site = join(folder, 'site');
  }

  static async make(t: TestContext): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'warmfront-delivery-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const world = new World(folder);
    await mkdir(world.logs);
    await mkdir(world.site);
    await writeFile(join(world.site, 'a.txt'), 'hello');
    return world;
  }

  async serve(t: TestContext, more: readonly string[]): Promise<ServerProcess> {
    const server = await startServerProcess([
      ...freePorts,
      ...edgesOnFreePorts('paris'),
      `--bucket=site=${this.site}`,
      ...more,
    ]);
    t.after(() => server.kill());
    return server;
  }

  async files(): Promise<readonly { readonly name: string; readonly text: string }[]> {
    const names = await readdir(this.logs, { recursive: true });
    const files = names.filter((name) => name.endsWith('.gz')).sort();
    return Promise.all(
      files.map(async (name) => ({
        name,
        text: gunzipSync(await readFile(join(this.logs, name))).toString('latin1'),
      })),
    );
  }
}

async function distribute(
  { addresses }: ServerProcess,
  { bucket = 'logs', prefix = '', reference = 'logged' } = {},
): Promise<{ readonly id: string; readonly host: string }> {
  const api = new ApiCaller(addresses.api);
  const { domain, id, path } = await create(api, download, {
    reference,
    origin: '<S3Origin><DNSName>site.s3.amazonaws.com</DNSName></S3Origin>',
    more: `<Logging><Bucket>${bucket}.s3.amazonaws.com</Bucket><Prefix>${prefix}</Prefix></Logging>`,
  });
  await untilDeployed(api, path);
  api.close();
  return { id, host: domain };
}

function edgeOf({ addresses }: ServerProcess): string {
  return addresses.edges[0]?.http ?? '';
}

test('an orderly stop brings what was logged a moment before, with the usual interval', async (t) => {
  const world = await World.make(t);
  const data = join(world.folder, 'data');
  const server = await world.serve(t, [`--data=${data}`, `--bucket=logs=${world.logs}`]);
  const { host, id } = await distribute(server, { prefix: '../../site-' });
  for (let turn = 0; turn < 3; turn += 1) await view(edgeOf(server), host, '/a.txt');
  assert.deepEqual(await server.stop(), { code: 0, signal: null });

  const files = await world.files();
  assert.equal(files.length, 1);
  const [file] = files;
  assert(file !== undefined);
  assert.match(
    file.name,
    new RegExp(`^%2E%2E/%2E%2E/site-${id}\\.\\d{4}-\\d\\d-\\d\\d-\\d\\d\\.[0-9A-Z]{11}\\.gz$`),
    'a prefix does not lead out of the folder',
  );
  const lines = parseLog(file.text);
  // A viewer may have all bytes of its answer a moment before the line of it is written.
  const results = lines.map((line) => line['x-edge-result-type'] ?? '');
  assert.deepEqual(results.toSorted(), ['Hit', 'Hit', 'Miss']);
  assert.deepEqual(await readdir(join(data, 'edges/paris/access-log')), []);
});

test('the twelve fields of 2010 on request, each distribution in its own file', async (t) => {
  const world = await World.make(t);
  const server = await world.serve(t, [
    '--memory',
    `--bucket=logs=${world.logs}`,
    '--access-log-fields=2010',
    '--access-log-interval=100ms',
  ]);
  const first = await distribute(server, { reference: '1', prefix: 'one/' });
  const second = await distribute(server, { reference: '2', prefix: 'two/' });
  for (const { host } of [first, second, first]) await view(edgeOf(server), host, '/a.txt?q=1');
  const files = await until('three lines are in the bucket', async () => {
    const found = await world.files();
    const lines = found.flatMap(({ text }) => text.split('\n').slice(2, -1));
    return lines.length === 3 ? found : undefined;
  });
  for (const { name, text } of files) {
    const { host, id } = name.startsWith('one/') ? first : second;
    assert(name.includes(`/${id}.`));
    const [version, fields, ...lines] = text.trimEnd().split('\n');
    assert.equal(version, '#Version: 1.0');
    assert.equal(fields?.split(' ').length, 13);
    for (const line of lines) {
      const values = line.split('\t');
      assert.equal(values.length, 12);
      assert.deepEqual(values.slice(5), ['GET', host, '/a.txt', '200', '-', '-', 'q=1']);
    }
  }
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
});

test('nothing is kept with --memory, and what no bucket took is told', async (t) => {
  const world = await World.make(t);
  const server = await world.serve(t, ['--memory', '--log-level=info']);
  const { host } = await distribute(server, { bucket: 'nowhere' });
  const before = await temporaryFolders();
  await view(edgeOf(server), host, '/a.txt');
  const made = await until('the line is on disk for the time being', async () =>
    (await temporaryFolders()).find((name) => !before.includes(name)),
  );
  assert.equal((await stat(join(tmpdir(), made))).mode & 0o077, 0);
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
  assert(!(await temporaryFolders()).includes(made));
  assert.match(server.output(), /access logs go to a bucket that is neither/);
  assert.match(server.output(), /access logs that no bucket took go with the server/);
});

/** `warmfront-` and a UUID. */
async function temporaryFolders(): Promise<readonly string[]> {
  const names = await readdir(tmpdir());
  return names.filter((name) => /^warmfront-[0-9a-f]{8}-[0-9a-f-]{27}$/.test(name));
}

test('a store that never answers slows no viewer and holds up no stop for long', async (t) => {
  const world = await World.make(t);
  const asking = new Set<Socket>();
  const store = createServer((socket) => {
    asking.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => {
    store.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => {
    store.close();
    for (const socket of asking) socket.destroy();
  });
  const at = store.address();
  assert(typeof at === 'object' && at !== null);
  const keys = join(world.folder, 'keys.json');
  await writeFile(keys, '{"accessKeyId":"key","secretAccessKey":"secret"}');
  const data = join(world.folder, 'data');
  const server = await world.serve(t, [
    `--data=${data}`,
    `--log-store=http://127.0.0.1:${at.port}`,
    `--log-store-credentials=${keys}`,
    '--access-log-interval=100ms',
  ]);
  const { host } = await distribute(server);
  await view(edgeOf(server), host, '/a.txt');
  await until('the store is asked', () => (asking.size > 0 ? true : undefined));
  for (let turn = 0; turn < 50; turn += 1) {
    const begun = performance.now();
    assert.equal((await view(edgeOf(server), host, '/a.txt')).status, 200);
    assert(performance.now() - begun < 1_000);
  }
  const begun = performance.now();
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
  assert(performance.now() - begun < 8_000);

  // Another start, with a bucket for them: nothing was lost.
  const after = await world.serve(t, [`--data=${data}`, `--bucket=logs=${world.logs}`]);
  await until('51 lines are in the bucket', async () => {
    const lines = (await world.files()).flatMap(({ text }) => parseLog(text));
    return lines.length === 51 ? true : undefined;
  });
  await after.stop();
});

test('log files can be fetched through a distribution of their bucket', async (t) => {
  const world = await World.make(t);
  const server = await world.serve(t, [
    '--memory',
    `--bucket=logs=${world.logs}`,
    '--access-log-interval=100ms',
  ]);
  const { host } = await distribute(server, { prefix: 'a/' });
  await view(edgeOf(server), host, '/a.txt');
  const [file] = await until('a file is there', async () => {
    const files = await world.files();
    return files.length > 0 ? files : undefined;
  });
  const api = new ApiCaller(server.addresses.api);
  const logs = await create(api, download, {
    reference: 'logs',
    origin: '<S3Origin><DNSName>logs.s3.amazonaws.com</DNSName></S3Origin>',
  });
  await untilDeployed(api, logs.path);
  assertStatus(await api.get(logs.path), 200);
  api.close();
  const answer = await view(edgeOf(server), logs.domain, `/${file?.name}`);
  assert.equal(answer.status, 200);
  assert.equal(gunzipSync(answer.bytes).toString('latin1'), file?.text);
  await server.stop();
});

test('credentials that cannot be used are refused at the start, in one sentence', async (t) => {
  const world = await World.make(t);
  const keys = join(world.folder, 'keys.json');
  await writeFile(keys, '{"accessKeyId":"key"}');
  const settings = ['--log-store=http://127.0.0.1:9', `--log-store-credentials=${keys}`];
  await assert.rejects(world.serve(t, ['--memory', ...settings]), (error) => {
    assert(error instanceof NotReady);
    assert.equal(error.exit?.code, 1);
    assert.match(error.output, /keys\.json cannot be used: secretAccessKey is missing\./);
    return true;
  });
});
