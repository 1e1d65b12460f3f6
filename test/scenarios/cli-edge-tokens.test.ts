/** edge-token create, list, revoke: the program against a real API. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fingerprintOfAuthority, readEdgeToken } from '../../src/model/edge-token.ts';
import { ApiCaller, assertStatus } from '../harness/api-caller.ts';
import { ApiWorld } from '../harness/api-world.ts';
import { runCli } from '../harness/cli-process.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { SeededRandomness } from '../harness/seeded-randomness.ts';
import { makeCertificate } from '../harness/test-certificates.ts';

test('a token is shown once, listed by its name, and revoked', async (t) => {
  const clock = new ManualClock(Date.now());
  const world = await ApiWorld.start({ clock, randomness: new SeededRandomness(1) });
  t.after(() => world.stop());
  const endpoint = `http://127.0.0.1:${world.port}`;
  const cli = (...argv: readonly string[]) => runCli(argv, { WARMFRONT_ENDPOINT: endpoint });

  assert.match((await cli('edge-token', 'list')).out, /no token yet/);
  const made = await cli('edge-token', 'create', 'paris1', '--json');
  assert.equal(made.code, 0, made.err);
  const { name, token }: { name: string; token: string } = JSON.parse(made.out);
  assert.equal(name, 'paris1');
  const read = readEdgeToken(token);
  const { body } = await new ApiCaller(endpoint).get('/_warmfront/authority');
  const { certificate }: { certificate: string } = JSON.parse(body);
  assert.equal(read?.authority, fingerprintOfAuthority(certificate));

  const second = await cli('edge-token', 'create', 'rome1');
  assert.notEqual(readEdgeToken(second.out), undefined);
  assert.match(second.err, /shown this once/);
  const twice = await cli('edge-token', 'create', 'rome1');
  assert.deepEqual([twice.code, twice.out], [1, '']);
  assert.match(twice.err, /rome1 has a token or certificate/);
  assert.match((await cli('edge-token', 'create', 'Rome')).err, /lower-case/);
  // The edge of the process itself.
  assert.match((await cli('edge-token', 'create', 'local1')).err, /needs no token/);

  const listed = await cli('edge-token', 'list', '--json');
  const names = JSON.parse(listed.out).map((one: { name: string }) => one.name);
  assert.deepEqual(names, ['paris1', 'rome1']);
  assert.doesNotMatch(listed.out, /wfedge1|[0-9a-f]{64}/);
  assert.equal((await cli('edge-token', 'revoke', 'rome1')).code, 0);
  assert.match((await cli('edge-token', 'revoke', 'rome1')).err, /rome1 has no token/);
  assert.deepEqual([...world.control.registeredEdges()].sort(), ['local1', 'paris1']);
});

test('a key that is made for a certificate is kept only where the edge becomes known', async (t) => {
  const world = await ApiWorld.start({
    clock: new ManualClock(Date.now()),
    randomness: new SeededRandomness(1),
  });
  const folder = await mkdtemp(join(tmpdir(), 'warmfront-cli-'));
  t.after(async () => {
    await world.stop();
    await rm(folder, { recursive: true });
  });
  const environment = { WARMFRONT_ENDPOINT: `http://127.0.0.1:${world.port}` };
  const [cert, key, next] = ['cert', 'key', 'next'].map((name) => join(folder, name));
  assert(cert && key && next);
  const creates = (name: string, ...more: readonly string[]) =>
    runCli(['edge-token', 'create', name, ...more], environment);

  const half = await creates('paris1', '--cert', cert);
  assert.deepEqual([half.code, existsSync(cert)], [2, false]);
  const refused = await creates('local1', '--cert', cert, '--key', key);
  assert.equal(refused.code, 1);
  assert.deepEqual([existsSync(cert), existsSync(key)], [false, false]);

  const made = await creates('paris1', '--cert', cert, '--key', key, '--json');
  assert.equal(made.code, 0, made.err);
  assert.equal(JSON.parse(made.out).keyFile, key);
  const first = await readFile(key, 'utf8');
  const taken = await creates('paris1', '--cert', cert, '--key', key);
  assert.match(taken.err, /cert cannot be created/);
  assert.equal((await creates('paris1', '--cert', next, '--key', key)).code, 0);
  assert.equal(await readFile(key, 'utf8'), first);
  // Another key for an edge that has one, and one key for two edges.
  const other = await creates('paris1', '--cert', `${cert}2`, '--key', `${key}2`);
  assert.match(other.err, /paris1 has a token or certificate/);
  assert.equal(existsSync(`${key}2`), false);
  const shared = await creates('rome1', '--cert', `${cert}3`, '--key', key);
  assert.match(shared.err, /another edge location has this key/);
  await writeFile(key, 'no key');
  assert.match((await creates('oslo1', '--cert', `${cert}4`, '--key', key)).err, /no private key/);
  const caller = new ApiCaller(environment.WARMFRONT_ENDPOINT);
  for (const publicKey of ['x', 7, (await makeCertificate({ key: 'P-384' })).certificate]) {
    const body = JSON.stringify({ name: 'oslo1', publicKey });
    assertStatus(await caller.post('/_warmfront/edge-tokens', body), 400);
  }
  caller.close();
});
