/**
 * Two API machines on one etcd, and edge machines that join both: the loss of an API machine costs
 * no change and no status, and edges serve on while etcd is away.
 */
import assert from 'node:assert/strict';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { ApiCaller, assertStatus, etagOf, textAt } from '../harness/api-caller.ts';
import { Machines } from '../harness/edge-machines.ts';
import { Etcd } from '../harness/etcd.ts';
import { configXml, create, download, untilDeployed } from '../harness/kinds.ts';
import { needs } from '../harness/programs.ts';
import { freePorts, type ServerProcess, startServerProcess } from '../harness/server-process.ts';
import { until } from '../harness/until.ts';
import { view } from '../harness/viewing.ts';

suite('API machines on one etcd', needs('etcd'), () => {
  let etcd: Etcd;
  before(async () => {
    etcd = await Etcd.start();
  });
  after(() => etcd.remove());

  test('an edge goes over from one to the other, and the status stays a fact', async () => {
    const log = `--log=${etcd.url('machines')}`;
    await using machines = await Machines.open({ lease: '3s', settings: [log] });
    const first = machines.api;
    const other = await secondApi(machines, log);
    try {
      const second = new ApiCaller(other.addresses.api);
      const folder = join(machines.folder, 'site');
      await mkdir(folder);
      await writeFile(join(folder, 'index.html'), 'first');
      await writeFile(join(folder, 'other.html'), 'other');
      const names = ['paris1', 'rome1'];
      for (const name of names) await machines.createToken(name);
      const joined = ['--join', machines.joinUrl, '--join', other.addresses.apiTls ?? ''];
      const edges = await Promise.all(
        names.map((name) => machines.startEdge(name, [...joined, '--bucket', `pics=${folder}`])),
      );
      const seenAt = (path: string, domain: string): Promise<readonly string[]> =>
        Promise.all(
          edges.map(async ({ process }) => {
            const { http = '' } = process.addresses.edges[0] ?? {};
            return (await view(http, domain, path)).body;
          }),
        );

      const made = await create(second, download, { reference: 'site' });
      await untilDeployed(first, made.path);
      await untilDeployed(second, made.path);
      assert.deepEqual(await seenAt('/index.html', made.domain), ['first', 'first']);

      await machines.control.kill();
      const change = async (api: ApiCaller, object: string): Promise<void> => {
        const config = await api.get(`${made.path}/config`);
        const more = `<DefaultRootObject>${object}</DefaultRootObject>`;
        const body = configXml(download, { reference: 'site', more });
        assertStatus(await api.put(`${made.path}/config`, etagOf(config), body), 200);
      };
      await change(second, 'other.html');
      await untilDeployed(second, made.path);
      await until('both edges are live at the head', async () => {
        const { edges: told }: { edges: { state: string; behind: number }[] } = JSON.parse(
          (await second.get('/_warmfront/edges')).body,
        );
        return told.every(({ behind, state }) => state === 'serving' && behind === 0) || undefined;
      });
      assert.deepEqual(await seenAt('/', made.domain), ['other', 'other']);

      await machines.startControl();
      const again = machines.api;
      assert.equal(textAt(await again.get(made.path), 'Status'), 'Deployed');
      await change(again, 'index.html');
      await untilDeployed(second, made.path);
      assert.deepEqual(await seenAt('/', made.domain), ['first', 'first']);

      const [server] = etcd.servers;
      assert(server);
      await server.kill();
      await until('changes are refused', async () => {
        const never = configXml(download, { reference: 'never' });
        return (await second.post(download.path, never)).status === 503 || undefined;
      });
      assert.equal(textAt(await second.get(made.path), 'Status'), 'InProgress');
      assert.deepEqual(await seenAt('/', made.domain), ['first', 'first']);
      server.start();
      await server.ready();
      await untilDeployed(second, made.path);
      await until('the other one takes changes too', async () => {
        return (await again.get('/_warmfront/health')).status === 200 || undefined;
      });
      await change(again, 'other.html');
      await untilDeployed(second, made.path);
      assert.deepEqual(await seenAt('/', made.domain), ['other', 'other']);
      for (const api of [first, second, again]) api.close();
    } finally {
      await other.kill();
    }
  });
});

/** With the files of the first one's data directory that all of them have in common. */
async function secondApi(machines: Machines, log: string): Promise<ServerProcess> {
  const data = join(machines.folder, 'control2');
  await mkdir(data, { mode: 0o700 });
  for (const file of ['ca.pem', 'ca-key.pem', 'certificate-key']) {
    await copyFile(join(machines.folder, 'control', file), join(data, file));
  }
  return startServerProcess([
    '--role',
    'api',
    '--edge-lease',
    '3s',
    '--data',
    data,
    log,
    ...freePorts,
  ]);
}
