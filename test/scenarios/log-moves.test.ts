/**
 * A log is moved between its homes and put back from a backup: positions and ETags stay, a cursor of
 * before proves nothing, and what is not whole changes nothing. The real program in every step.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { ApiCaller, assertStatus, etagOf } from '../harness/api-caller.ts';
import { runCli } from '../harness/cli-process.ts';
import { Etcd } from '../harness/etcd.ts';
import { create, type Created, download, untilDeployed } from '../harness/kinds.ts';
import { needs } from '../harness/programs.ts';
import {
  edgesOnFreePorts,
  freePorts,
  type ServerProcess,
  startServerProcess,
} from '../harness/server-process.ts';

function start(...flags: readonly string[]): Promise<ServerProcess> {
  return startServerProcess([...flags, ...freePorts, ...edgesOnFreePorts('paris')]);
}

async function does(...argv: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const { code, err, out } = await runCli(['log', ...argv, '--json']);
  assert.equal(code, 0, `${argv.join(' ')}: ${err}`);
  return JSON.parse(out);
}

async function fails(code: number, says: RegExp, ...argv: readonly string[]): Promise<void> {
  const run = await runCli(['log', ...argv]);
  assert.equal(run.code, code, run.err);
  assert.match(run.err, says);
}

/** Ten changes of a distribution, one that is deleted, and where the log then stands. */
async function life(server: ServerProcess): Promise<{ kept: Created; position: number }> {
  const api = new ApiCaller(server.addresses.api);
  const kept = await create(api, download, { reference: 'kept', cnames: ['a.example.com'] });
  let etag = kept.etag;
  for (let change = 1; change <= 10; change += 1) {
    const { body } = await api.get(`${kept.path}/config`);
    etag = etagOf(await api.put(`${kept.path}/config`, etag, body));
  }
  const gone = await create(api, download, { reference: 'gone', enabled: false });
  await untilDeployed(api, gone.path);
  assertStatus(await api.delete(gone.path, gone.etag), 204);
  const health = await api.get('/_warmfront/health');
  api.close();
  return { kept: { ...kept, etag }, position: JSON.parse(health.body).position };
}

async function isAsIt(server: ServerProcess, kept: Created, position: number): Promise<void> {
  const api = new ApiCaller(server.addresses.api);
  const read = await untilDeployed(api, kept.path);
  assert.equal(etagOf(read), kept.etag);
  const { body } = await api.get(`${kept.path}/config`);
  assert.notEqual(etagOf(await api.put(`${kept.path}/config`, kept.etag, body)), kept.etag);
  const health = await api.get('/_warmfront/health');
  assert.equal(JSON.parse(health.body).position, position + 1, 'positions go on');
  api.close();
}

suite('moving a log', needs('etcd', 'etcdctl'), () => {
  let etcd: Etcd;
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'warmfront-moves-'));
    etcd = await Etcd.start();
  });
  after(async () => {
    await etcd.remove();
    await rm(folder, { recursive: true });
  });

  test('from the embedded log to etcd and back, nothing is lost', async () => {
    const [data, other] = [join(folder, 'data'), join(folder, 'other')];
    const embedded = await start('--data', data);
    const { kept, position } = await life(embedded);
    const file = join(folder, 'one.ndjson');
    await fails(1, /in use by another process/, 'export', file, '--data', data);
    await embedded.stop();

    const exported = await does('export', file, '--data', data);
    assert.equal(exported['position'], position);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    await fails(1, /there already/, 'export', file, '--data', data);
    const log = `--log=${etcd.url('moved')}`;
    const imported = await does('import', file, log);
    assert.deepEqual(
      [imported['position'], imported['documents']],
      [position, exported['documents']],
    );
    assert.notEqual(imported['log'], exported['log']);
    await fails(1, /there is a log/, 'import', file, log);

    const shared = await start('--data', data, log);
    await isAsIt(shared, kept, position);
    await shared.stop();

    const back = join(folder, 'two.ndjson');
    await does('export', back, log);
    await does('import', back, '--data', other);
    await fails(1, /not empty/, 'import', back, '--data', other);
    const again = await start('--data', other);
    const api = new ApiCaller(again.addresses.api);
    const health = await api.get('/_warmfront/health');
    assert.equal(JSON.parse(health.body).position, position + 1);
    assertStatus(await api.get(kept.path), 200);
    api.close();
    await again.stop();
  });

  test('a file that is cut or another one changes nothing', async () => {
    const data = join(folder, 'cut');
    const server = await start('--data', data);
    await life(server);
    await server.stop();
    const file = join(folder, 'whole.ndjson');
    await does('export', file, '--data', data);
    const cut = join(folder, 'cut.ndjson');
    const text = await readFile(file, 'utf8');
    const log = `--log=${etcd.url('cut')}`;
    for (const share of [0, 0.3, 0.9]) {
      await writeFile(cut, text.slice(0, text.length * share));
      await fails(1, /It is (no log|not whole)/, 'import', cut, log);
    }
    await fails(1, /ENOENT/, 'import', join(folder, 'none'), log);
    assert.equal(etcd.control('get', '--prefix', '/cut/'), '');
    await fails(1, /no log under \/cut\//, 'renew', log);
    await does('import', file, log);
  });

  test('an import that did not end keeps servers from beginning beside it', async () => {
    const log = `--log=${etcd.url('half')}`;
    etcd.control('put', '/half/log/importing', '1');
    await assert.rejects(start('--memory', log), /an import into it did not end/);
    await fails(1, /a part of one/, 'import', join(folder, 'whole.ndjson'), log);
    etcd.control('del', '--prefix', '/half/log/');
    const server = await start('--memory', log);
    await server.stop();
  });

  test('after a disaster the backup of etcd goes on under a new name', async () => {
    const log = `--log=${etcd.url('disaster')}`;
    const server = await start('--memory', log);
    const { kept, position } = await life(server);
    const backup = join(folder, 'etcd.snapshot');
    etcd.control('snapshot', 'save', backup);
    const before = etcd.control('get', '--print-value-only', '/disaster/log/head').trim();
    // What is written after the backup is lost with the machine.
    const api = new ApiCaller(server.addresses.api);
    const lost = await create(api, download, { reference: 'lost' });
    api.close();
    await server.kill();

    const restored = await Etcd.restore(backup);
    try {
      const back = `--log=${restored.url('disaster')}`;
      const renewed = await does('renew', back);
      assert.equal(renewed['position'], position);
      assert.notEqual(renewed['log'], JSON.parse(before)[0]);
      const again = await start('--memory', back);
      const reader = new ApiCaller(again.addresses.api);
      assertStatus(await reader.get(lost.path), 404);
      reader.close();
      await isAsIt(again, kept, position);
      await again.stop();
    } finally {
      await restored.remove();
    }
  });
});
