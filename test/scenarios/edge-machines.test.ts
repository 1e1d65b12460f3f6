/**
 * Edge machines: real processes, joined over HTTPS by URL and token. What is Deployed is served by
 * every live one, whatever of it stops, dies, comes back or starts alone.
 */
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ApiCaller, assertStatus, etagOf } from '../harness/api-caller.ts';
import { goOn, Machines, stopInPlace } from '../harness/edge-machines.ts';
import { configXml, create, download, untilDeployed } from '../harness/kinds.ts';
import { NotReady, type ServerProcess } from '../harness/server-process.ts';
import { makeCertificate } from '../harness/test-certificates.ts';
import { until } from '../harness/until.ts';
import { Viewer } from '../harness/viewer.ts';
import { view } from '../harness/viewing.ts';

type EdgeSeen = { name: string; state: string; position: number | null; behind: number | null };

async function edgesOf(api: ApiCaller): Promise<readonly EdgeSeen[]> {
  const reply = await api.get('/_warmfront/edges');
  assertStatus(reply, 200);
  const seen: { edges: EdgeSeen[] } = JSON.parse(reply.body);
  return seen.edges;
}

async function untilEdge(api: ApiCaller, name: string, state: string): Promise<void> {
  let last = '';
  await until(
    `edge ${name} is ${state} and has all`,
    async () => {
      const edges = await edgesOf(api);
      last = JSON.stringify(edges);
      const edge = edges.find((one) => one.name === name);
      return edge?.state === state && (edge.behind ?? 0) === 0 ? edge : undefined;
    },
    { msMax: 20_000, seen: () => last },
  );
}

async function healthOf({ addresses }: ServerProcess) {
  const answer = await new Viewer({
    port: Number(new URL(addresses.api).port),
    host: '127.0.0.1',
  }).gets('/_warmfront/health').answer;
  const told: { status: string; position: number } = JSON.parse(answer.body);
  return { code: answer.status, ...told };
}

async function metricsOf({ addresses }: ServerProcess): Promise<string> {
  const port = Number(new URL(addresses.api).port);
  const viewer = new Viewer({ port, host: '127.0.0.1' });
  const answer = await viewer.gets('/_warmfront/metrics').answer;
  assert.equal(answer.status, 200);
  return answer.body;
}

/** The bucket that distributions of these tests are in front of. */
async function site(machines: Machines): Promise<readonly string[]> {
  const folder = join(machines.folder, 'site');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'index.html'), 'first');
  await writeFile(join(folder, 'other.html'), 'other');
  return ['--bucket', `pics=${folder}`];
}

function httpOf({ addresses }: ServerProcess): string {
  return addresses.edges[0]?.http ?? '';
}

async function change(api: ApiCaller, path: string, more: string): Promise<void> {
  const config = await api.get(`${path}/config`);
  const body = configXml(download, { reference: 'site', more });
  assertStatus(await api.put(`${path}/config`, etagOf(config), body), 200);
}

async function statusOf(api: ApiCaller, path: string): Promise<string> {
  return /<Status>(\w+)</.exec((await api.get(path)).body)?.[1] ?? '';
}

test('two edge machines take a change before it is Deployed; one that hangs holds it for a lease', async () => {
  await using machines = await Machines.open({ lease: '2s' });
  const { api } = machines;
  const bucket = await site(machines);
  for (const name of ['paris1', 'rome1']) await machines.createToken(name);
  const [paris, rome] = await Promise.all([
    machines.startEdge('paris1', bucket),
    machines.startEdge('rome1', bucket),
  ]);
  const made = await create(api, download, { reference: 'site' });
  await untilDeployed(api, made.path);
  for (const edge of [paris, rome]) {
    assert.equal((await view(httpOf(edge.process), made.domain, '/index.html')).body, 'first');
    assert.notEqual((await view(httpOf(edge.process), made.domain, '/')).body, 'other');
  }

  stopInPlace(rome.process);
  await change(api, made.path, '<DefaultRootObject>other.html</DefaultRootObject>');
  assert.equal(await statusOf(api, made.path), 'InProgress');
  await until('the other edge serves the change', async () =>
    (await view(httpOf(paris.process), made.domain, '/')).body === 'other' ? true : undefined,
  );
  await untilDeployed(api, made.path);
  assert.equal((await edgesOf(api)).find(({ name }) => name === 'rome1')?.state, 'gone');

  goOn(rome.process);
  await untilEdge(api, 'rome1', 'serving');
  assert.equal((await view(httpOf(rome.process), made.domain, '/')).body, 'other');
});

test('a killed edge machine and a killed API come back without a change that is lost or undone', async () => {
  await using machines = await Machines.open({ lease: '2s' });
  const { api } = machines;
  const bucket = await site(machines);
  await machines.createToken('paris1');
  const paris = await machines.startEdge('paris1', bucket);
  const made = await create(api, download, { reference: 'site' });
  await untilDeployed(api, made.path);

  await paris.process.kill();
  await change(api, made.path, '<DefaultRootObject>other.html</DefaultRootObject>');
  await machines.startEdge('paris1', bucket);
  await untilDeployed(api, made.path);
  assert.equal((await view(httpOf(paris.process), made.domain, '/')).body, 'other');

  await machines.control.kill();
  assert.equal((await view(httpOf(paris.process), made.domain, '/')).body, 'other');
  await until('the edge knows that it is alone', async () =>
    (await healthOf(paris.process)).status === 'detached' ? true : undefined,
  );
  await machines.startControl();
  await untilEdge(api, 'paris1', 'serving');
  await change(api, made.path, '<DefaultRootObject>index.html</DefaultRootObject>');
  await untilDeployed(api, made.path);
  assert.equal((await view(httpOf(paris.process), made.domain, '/')).body, 'first');
  assert.equal((await healthOf(paris.process)).status, 'ok');
});

test('an edge machine that starts while no API answers serves its last state, also over TLS', async () => {
  await using machines = await Machines.open({ lease: '1s' });
  const { api } = machines;
  const https = [...(await site(machines)), '--edge', 'paris1=127.0.0.1:0,127.0.0.1:0'];
  await machines.createToken('paris1');
  const paris = await machines.startEdge('paris1', https);
  const authority = await readFile(join(machines.folder, 'control', 'ca.pem'), 'utf8');
  const own = await makeCertificate({ names: ['own.example'] });
  const imported = JSON.stringify({ certificate: own.certificate, key: own.key });
  assertStatus(await api.post('/_warmfront/certificates', imported), 201);
  const cnames = ['alias.example', 'own.example'];
  const made = await create(api, download, { reference: 'site', cnames });
  await untilDeployed(api, made.path);

  const seen = async (host: string, trusted: string): Promise<string> => {
    const port = Number(new URL(paris.process.addresses.edges[0]?.https ?? '').port);
    return (await new Viewer({ port, host, authority: trusted }).gets('/index.html').answer).body;
  };
  const all = async (): Promise<void> => {
    assert.equal(await seen(made.domain, authority), 'first');
    assert.equal(await seen('alias.example', authority), 'first');
    assert.equal(await seen('own.example', own.certificate), 'first');
  };
  await all();

  await machines.control.stop();
  await paris.process.stop();
  await machines.startEdge('paris1', [...https, '--detached', 'drain']);
  await all();
  const alone = await healthOf(paris.process);
  assert.deepEqual([alone.code, alone.status], [503, 'detached']);

  const metrics = await metricsOf(paris.process);
  assert.match(metrics, /^warmfront_edge_in_contact 0$/m);
  assert.match(metrics, /^warmfront_edge_draining 1$/m);

  await machines.startControl();
  await untilEdge(api, 'paris1', 'serving');
  assert.match(await metricsOf(paris.process), /^warmfront_edge_in_contact 1$/m);
  const told = await api.get('/_warmfront/metrics');
  assertStatus(told, 200);
  assert.match(told.body, /^warmfront_edge_state\{edge="paris1",state="serving"\} 1$/m);
  assert.match(told.body, /^warmfront_edge_behind_records\{edge="paris1"\} 0$/m);
  const back = await healthOf(paris.process);
  assert.deepEqual([back.code, back.status], [200, 'ok']);
});

test('an edge machine that is stopped in order is waited for no longer', async () => {
  // Longer than this test waits for anything.
  await using machines = await Machines.open({ lease: '60s' });
  const { api } = machines;
  const bucket = await site(machines);
  for (const name of ['paris1', 'rome1']) await machines.createToken(name);
  const [paris] = await Promise.all([
    machines.startEdge('paris1', bucket),
    machines.startEdge('rome1', bucket),
  ]);
  const made = await create(api, download, { reference: 'site' });
  await untilDeployed(api, made.path);
  assert.equal((await paris.process.stop()).code, 0);
  await change(api, made.path, '<DefaultRootObject>other.html</DefaultRootObject>');
  await untilDeployed(api, made.path);
});

test('a revoked token ends the feed, and the edge is known no more but serves on', async () => {
  await using machines = await Machines.open({ lease: '1s' });
  const { api } = machines;
  const bucket = await site(machines);
  for (const name of ['paris1', 'rome1']) await machines.createToken(name);
  const paris = await machines.startEdge('paris1', bucket);
  await machines.startEdge('rome1', bucket);
  const made = await create(api, download, { reference: 'site' });
  await untilDeployed(api, made.path);

  assertStatus(await api.call('DELETE', '/_warmfront/edge-tokens/paris1'), 204);
  await until('the edge hears of it', () =>
    paris.process.output().includes('does not let this edge join') ? true : undefined,
  );
  assert.deepEqual(
    (await edgesOf(api)).map(({ name }) => name),
    ['rome1'],
  );
  await change(api, made.path, '<DefaultRootObject>other.html</DefaultRootObject>');
  await untilDeployed(api, made.path);
  assert.equal((await view(httpOf(paris.process), made.domain, '/index.html')).body, 'first');
});

test('who may not join is told why, and does not start', async () => {
  await using machines = await Machines.open({ lease: '1s' });
  await machines.createToken('paris1');
  const refused = async (name: string, token: string, words: RegExp): Promise<void> => {
    await writeFile(join(machines.folder, `${name}.token`), token, { mode: 0o600 });
    await assert.rejects(machines.startEdge(name), (error) => {
      assert(error instanceof NotReady);
      assert.equal(error.exit?.code, 1);
      assert.match(error.output, words);
      return true;
    });
  };
  const token = await readFile(join(machines.folder, 'paris1.token'), 'utf8');
  const [form = '', , authority = ''] = token.split('.');
  await refused('rome1', token, /The token is that of edge paris1, and of no other/);
  await refused('oslo1', `${form}.${'A'.repeat(43)}.${authority}`, /The token is not known here/);
  await refused('lima1', token.replace(authority, 'A'.repeat(43)), /another authority/);
  await refused('riga1', 'no token', /holds no token of an edge/);
});

test('of several URLs any that answers will do', async () => {
  await using machines = await Machines.open({ lease: '1s' });
  await machines.createToken('paris1');
  const dead = ['https://127.0.0.1:9', 'https://127.0.0.1:10'].flatMap((url) => ['--join', url]);
  await machines.startEdge('paris1', [...dead, '--join', machines.joinUrl]);
  await untilEdge(machines.api, 'paris1', 'serving');
});
