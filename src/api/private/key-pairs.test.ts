/** Key pairs over the wire: a private key that comes by mistake is found nowhere afterwards. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { ApiCaller, assertStatus } from '../../../test/harness/api-caller.ts';
import { ApiWorld } from '../../../test/harness/api-world.ts';
import { SeededRandomness } from '../../../test/harness/seeded-randomness.ts';
import { systemClock } from '../../base/clock.ts';
import type { Recorder } from '../../base/recorder.ts';

const path = '/_warmfront/key-pairs';
const keys = generateKeyPairSync('rsa', { modulusLength: 1_024 });
const publicKey = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const privateKey = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
/** What no answer and no line of the record may hold. */
const secrets = privateKey.split('\n').slice(1, -2);

test('a private key is refused however it comes, and neither answered, recorded nor kept', async (t) => {
  const lines: string[] = [];
  const keep = (facts: unknown, message: string): void => {
    lines.push(`${message} ${JSON.stringify(facts)} ${String(Object.values(Object(facts)))}`);
  };
  const recorder: Recorder = {
    debug: keep,
    info: keep,
    warn: keep,
    error: keep,
    child: () => recorder,
  };
  const randomness = new SeededRandomness(4);
  const world = await ApiWorld.start({ clock: systemClock, randomness, recorder });
  const api = new ApiCaller(`http://127.0.0.1:${world.port}`);
  t.after(async () => {
    api.close();
    await world.stop();
  });
  const bodies = [
    JSON.stringify({ publicKey: privateKey }),
    JSON.stringify({ publicKey: `${publicKey}${privateKey}` }),
    JSON.stringify({ publicKey: secrets.join('\n') }),
    JSON.stringify({ publicKey, privateKey }),
    JSON.stringify({ publicKey, [privateKey]: true }),
    JSON.stringify({ publicKey: [privateKey] }),
    JSON.stringify([privateKey]),
    JSON.stringify(privateKey),
    privateKey,
  ];
  for (const body of bodies) {
    const reply = await api.post(path, body);
    assertStatus(reply, 400);
    assert.equal(JSON.parse(reply.body).code, 'InvalidArgument');
    for (const secret of secrets) assert(!reply.body.includes(secret), reply.body);
  }
  assert.equal((await api.get(path)).body, '{"keyPairs":[]}\n');
  assert.equal(world.control.health().position, 1, 'nothing was appended since the edge');
  assert.equal(lines.length >= bodies.length, true, 'requests are recorded');
  for (const secret of secrets) assert(!lines.join('\n').includes(secret));

  assertStatus(await api.post(path, JSON.stringify({ publicKey })), 201);
  assert.equal(JSON.parse((await api.get(path)).body).keyPairs[0].publicKey, publicKey);
});
