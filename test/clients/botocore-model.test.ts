/**
 * botocore as the second client of the whole model: each operation that it knows is called with a complete
 * input, and its answer read; both are compared, but for members that its model does not know.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { AllHandlers } from '../../src/api/2020-05-31/handler.ts';
import { protocolOf } from '../../src/api/2020-05-31/protocol.ts';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandomness } from '../../src/base/randomness.ts';
import { facts } from '../../src/wire/facts.ts';
import { type Built, Synthesis } from '../api-2020-05-31/synthesis.ts';
import { ApiWorld } from '../harness/api-world.ts';
import { needs, program } from '../harness/programs.ts';
import { Driver } from './driver.ts';

const script = join(import.meta.dirname, 'botocore_driver.py');

/** What the handler got, and what it answers. */
let received: unknown;
let answer: Built = {};

async function handler(input: unknown): Promise<Built> {
  received = input;
  return await Promise.resolve(answer);
}

suite('botocore', needs('boto3'), () => {
  let world: ApiWorld;
  let botocore: Driver;

  before(async () => {
    const names = [...facts().operations.keys()];
    const handlers: unknown = Object.fromEntries(names.map((name) => [name, handler]));
    assert.ok(areHandlers(handlers));
    world = await ApiWorld.start({
      clock: systemClock,
      randomness: systemRandomness,
      protocols: [protocolOf(handlers)],
    });
    const endpoint = `http://127.0.0.1:${world.port}`;
    botocore = new Driver(
      program('boto3'),
      [script, endpoint, 'warmfront', 'warmfront-secret'],
      {},
    );
  });

  after(async () => {
    await botocore.stop();
    await world.stop();
  });

  test('every operation that it knows, both ways', async () => {
    let called = 0;
    for (const { input, name, output } of facts().operations.values()) {
      const synthesis = new Synthesis();
      const sent = input === undefined ? {} : synthesis.structure(input);
      const given = output === undefined ? {} : synthesis.structure(output);
      answer = inMilliseconds(given);
      const order = { input: inLines(asJson(sent)), answer: asJson(given) };
      const did = await botocore.does(name, order);
      if (did['unknown'] === true) continue;
      assert.deepEqual(asJson(received), did['sent'], `${name}, its input`);
      assert.deepEqual(did['got'], did['answer'], `${name}, its output`);
      called += 1;
    }
    assert.ok(called > 100, String(called));
  });
});

/** As handlers answer: times as numbers. */
function inMilliseconds(value: Built): Built {
  const turned = turn(
    value,
    (date) => date.getTime(),
    (bytes) => bytes,
  );
  assert.ok(typeof turned === 'object' && turned !== null);
  return { ...turned };
}

/** As the driver takes and shows it. */
function asJson(value: unknown): unknown {
  return turn(
    value,
    (date) => ({ $ms: date.getTime() }),
    (bytes) => ({ $bytes: Buffer.from(bytes).toString('base64') }),
  );
}

/** botocore writes a carriage return as it is, which XML reads as the end of a line. */
function inLines(value: unknown): unknown {
  const parsed: unknown = JSON.parse(JSON.stringify(value).replaceAll('\\r\\n', '\\n'));
  return parsed;
}

function turn(
  value: unknown,
  ofDate: (date: Date) => unknown,
  ofBytes: (bytes: Uint8Array) => unknown,
): unknown {
  if (value instanceof Date) return ofDate(value);
  if (value instanceof Uint8Array) return ofBytes(value);
  if (Array.isArray(value)) return value.map((one) => turn(one, ofDate, ofBytes));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, turn(one, ofDate, ofBytes)]),
  );
}

function areHandlers(value: unknown): value is AllHandlers {
  return typeof value === 'object';
}
