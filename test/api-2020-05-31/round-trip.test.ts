/** Every operation and every error, through the SDK and back: nothing is lost on the wire. */
import assert from 'node:assert/strict';
import * as sdk from '@aws-sdk/client-cloudfront';
import { test } from 'node:test';
import { facts } from '../../src/wire/facts.ts';
import type { AllHandlers } from '../../src/api/2020-05-31/handler.ts';
import { protocolOf } from '../../src/api/2020-05-31/protocol.ts';
import { type Fault, faultOf } from '../../src/api/refusals.ts';
import { defaultCredential } from '../../src/api/credentials.ts';
import { systemClock } from '../../src/base/clock.ts';
import { ApiClient } from '../../src/cli/api-client.ts';
import type { Inputs, OperationName } from '../../src/wire/shapes.generated.ts';
import { Refusal, refusalCodes } from '../../src/model/refusal.ts';
import { propertyRuns } from '../harness/property-runs.ts';
import { SeededRandomness } from '../harness/seeded-randomness.ts';
import { refused, startWorld } from './calling.ts';
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
const protocol = protocolOf(handlers);
const { client, world } = await startWorld({
  protocols: [
    {
      ...protocol,
      writeFault(fault, requestId) {
        const { status, ...written } = {
          status: said?.status,
          ...protocol.writeFault(said ?? fault, requestId),
        };
        return status === undefined ? written : { ...written, status };
      },
    },
  ],
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

test('all operations: any input and any output that the model allows, both ways', async () => {
  for (let seed = 1; seed <= propertyRuns(2); seed += 1) {
    for (const { input, name, output } of facts().operations.values()) {
      const synthesis = new Synthesis(new SeededRandomness(seed));
      const sent = input === undefined ? {} : synthesis.structure(input);
      const given = output === undefined ? {} : synthesis.structure(output);
      answer = () => plain(given);
      const got = await client.call(name, sent);
      assert.deepEqual(plain(received), plain(sent), `${name}, its input, seed ${seed}`);
      assert.deepEqual(plain(got), plain(given), `${name}, its output, seed ${seed}`);
    }
  }
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

/** What is answered in the place of what a handler threw: codes of the model that we never say, too. */
let said: Fault | undefined;

test('every error of every operation arrives as its class, with status and request id', async () => {
  let pairs = 0;
  for (const { errors, input, name } of facts().operations.values()) {
    const sent = input === undefined ? {} : new Synthesis(new SeededRandomness(1)).structure(input);
    for (const code of errors) {
      const status = facts().errorStatus.get(code) ?? 0;
      const own = refusalCodes.find((one) => one === code);
      said = own === undefined && isCode(code) ? { code, status, message: code } : undefined;
      answer = () => {
        throw new Refusal(own ?? 'InvalidArgument', { why: 'of a reason' });
      };
      const error: unknown = await client.call(name, sent).catch((one: unknown) => one);
      const told = `${code} of ${name}`;
      assert.ok(error instanceof Error && error instanceof classOf(code), told);
      assert.equal(error.name, code, told);
      assert.equal(ofMetadata(error, 'httpStatusCode'), status, told);
      assert.match(
        String(ofMetadata(error, 'requestId')),
        /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-/,
        told,
      );
      pairs += 1;
    }
  }
  said = undefined;
  assert.ok(pairs > 1_000, String(pairs));
});

test('what the model does not know and we say arrives by its name', async () => {
  for (const code of refusalCodes.filter((one) => !facts().errorStatus.has(one))) {
    answer = () => {
      throw new Refusal(code);
    };
    const error = await refused(client.call('GetDistribution', { Id: 'E1' }), code);
    assert.equal(ofMetadata(error, 'httpStatusCode'), faultOf(code, '').status);
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

function ofMetadata(error: Error, name: string): unknown {
  const metadata: unknown = Reflect.get(error, '$metadata');
  if (typeof metadata !== 'object' || metadata === null) return undefined;
  const value: unknown = Reflect.get(metadata, name);
  return value;
}

/** The SDK's own for this code. */
function classOf(code: string): Function {
  const named: unknown = Reflect.get(sdk, code);
  assert.ok(typeof named === 'function', code);
  return named;
}

/** A code of the model; that we never say it is what types cannot tell. */
function isCode(code: string): code is Fault['code'] {
  return facts().errorStatus.has(code);
}

function areHandlers(value: unknown): value is AllHandlers {
  return typeof value === 'object';
}
