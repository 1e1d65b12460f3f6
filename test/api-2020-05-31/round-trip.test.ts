/** Every operation and every error, through the SDK and back: nothing is lost on the wire. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { facts } from '../../src/wire/facts.ts';
import type { AllHandlers } from '../../src/api/2020-05-31/handler.ts';
import { protocolOf } from '../../src/api/2020-05-31/protocol.ts';
import { defaultCredential } from '../../src/api/credentials.ts';
import { systemClock } from '../../src/base/clock.ts';
import { ApiClient } from '../../src/cli/api-client.ts';
import type { Inputs, OperationName } from '../../src/wire/shapes.generated.ts';
import { Refusal, refusalCodes } from '../../src/model/refusal.ts';
import { startWorld } from './calling.ts';
import { type Built, Synthesis } from './synthesis.ts';

/** What the handler of the operation that is under test got, and what it answers. */
let received: unknown;
let answer: () => Built = () => ({});

async function handler(input: unknown): Promise<Built> {
  received = input;
  return await Promise.resolve(answer());
}

const handlers: unknown = Object.fromEntries(
  [...facts().operations.keys()].map((name) => [name, handler]),
);
assert.ok(areHandlers(handlers));
const { client, world } = await startWorld({
  protocols: [protocolOf(handlers)],
  region: 'eu-west-1',
});

test('all operations: a complete input and a complete output, both ways', async () => {
  let operations = 0;
  for (const { input, name, output } of facts().operations.values()) {
    const synthesis = new Synthesis();
    const sent = input === undefined ? {} : synthesis.structure(input);
    const given = output === undefined ? {} : synthesis.structure(output);
    answer = () => plain(given);
    const got = await client.call(name, sent);
    assert.deepEqual(plain(received), plain(sent), `${name}, its input`);
    assert.deepEqual(plain(got), plain(given), `${name}, its output`);
    operations += 1;
  }
  assert.equal(operations, 167);
});

test('the client of the commands calls every operation, too, and reads what it answers', async () => {
  const url = new URL(`http://127.0.0.1:${world.port}`);
  const endpoint = { ...defaultCredential, url, sessionToken: undefined, authorities: undefined };
  const interrupted = new AbortController().signal;
  const api = new ApiClient(endpoint, { clock: systemClock, interrupted });
  for (const { input, name, output } of facts().operations.values()) {
    const synthesis = new Synthesis();
    const sent = plain(input === undefined ? {} : synthesis.structure(input));
    const given = plain(output === undefined ? {} : synthesis.structure(output));
    answer = () => given;
    assert.ok(isOperationName(name) && isInputOf(name, sent));
    const got = await api.call(name, sent);
    assert.deepEqual(plain(received), sent, `${name}, its input`);
    assert.deepEqual(plain(got), given, `${name}, its output`);
  }
});

test('every error that we say and the model knows arrives as its class', async () => {
  const known = refusalCodes.filter((code) => facts().errorStatus.has(code));
  assert.ok(known.length > 20);
  for (const code of known) {
    answer = () => {
      throw new Refusal(code);
    };
    await assert.rejects(client.call('GetDistribution', { Id: 'E1' }), (error: unknown) => {
      assert.ok(error instanceof Error);
      assert.equal(error.name, code);
      assert.equal(statusOf(error), facts().errorStatus.get(code), code);
      return true;
    });
  }
});

/** In one form for both sides: times in milliseconds, bytes in base64. */
function plain(value: unknown): Built {
  const turned = turn(value);
  assert.ok(typeof turned === 'object' && turned !== null);
  return { ...turned };
}

function turn(value: unknown): unknown {
  if (value instanceof Date) return value.getTime();
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(turn);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, turn(one)]));
}

function isOperationName(name: string): name is OperationName {
  return facts().operations.has(name);
}

/** Made of the facts of the operation, by its name. */
function isInputOf<Name extends OperationName>(name: Name, sent: object): sent is Inputs[Name] {
  return facts().operations.has(name) && Object.keys(sent).length >= 0;
}

function statusOf(error: Error): unknown {
  const metadata: unknown = Reflect.get(error, '$metadata');
  if (typeof metadata !== 'object' || metadata === null) return undefined;
  const status: unknown = Reflect.get(metadata, 'httpStatusCode');
  return status;
}

function areHandlers(value: unknown): value is AllHandlers {
  return typeof value === 'object';
}
