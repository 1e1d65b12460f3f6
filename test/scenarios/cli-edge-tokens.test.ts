/** edge-token create, list, revoke: the program against a real API. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fingerprintOfAuthority, readEdgeToken } from '../../src/model/edge-token.ts';
import { ApiCaller } from '../harness/api-caller.ts';
import { ApiWorld } from '../harness/api-world.ts';
import { runCli } from '../harness/cli-process.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { SeededRandomness } from '../harness/seeded-randomness.ts';

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
  assert.match(twice.err, /rome1 has a token/);
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
