import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { ManualClock } from '../../test/harness/manual-clock.ts';
import type { Address } from './name-resolver.ts';
import { addressesMax, attemptDelayMs, raceAddresses } from './race.ts';

function race(...given: readonly string[]) {
  const clock = new ManualClock();
  const dialled = new Map<string, Socket>();
  const ends: (Socket | string)[] = [];
  const giveUp = raceAddresses({
    clock,
    addresses: given.map(
      (address): Address => ({
        address,
        family: address.includes(':') ? 6 : 4,
      }),
    ),
    dial: ({ address }) => {
      const socket = new Socket();
      dialled.set(address, socket);
      return socket;
    },
    won: (socket) => void ends.push(socket),
    lost: (cause) => void ends.push(cause.message),
  });
  const at = (address: string): Socket => {
    const socket = dialled.get(address);
    assert(socket, `${address} was tried`);
    return socket;
  };
  return {
    clock,
    ends,
    giveUp,
    at,
    tried: () => [...dialled.keys()],
    fails: (address: string) => at(address).emit('error', new Error(`${address} fails`)),
  };
}

test('families take turns, each a little after the one before', async () => {
  const { clock, tried } = race('::1', '::2', '1.1.1.1', '1.1.1.2');
  assert.deepEqual(tried(), ['::1']);
  await clock.passes(attemptDelayMs - 1);
  assert.deepEqual(tried(), ['::1']);
  await clock.passes(1);
  assert.deepEqual(tried(), ['::1', '1.1.1.1']);
  await clock.passes(2 * attemptDelayMs);
  assert.deepEqual(tried(), ['::1', '1.1.1.1', '::2', '1.1.1.2']);
});

test('the first that is connected stays, and the others are let go', async () => {
  const { at, clock, ends, tried } = race('1.1.1.1', '1.1.1.2', '1.1.1.3');
  await clock.passes(attemptDelayMs);
  // The earlier one is still under way, and comes first.
  at('1.1.1.1').emit('connect');
  assert.deepEqual(ends, [at('1.1.1.1')]);
  assert(!at('1.1.1.1').destroyed && at('1.1.1.2').destroyed);
  await clock.passes(10 * attemptDelayMs);
  assert.equal(tried().length, 2);
  at('1.1.1.2').emit('connect');
  at('1.1.1.1').emit('error', new Error('later on'));
  assert.equal(ends.length, 1);
});

test('after a failure the next one is tried at once, and all have to fail', async () => {
  const { clock, ends, fails, tried } = race('1.1.1.1', '1.1.1.2', '1.1.1.3');
  fails('1.1.1.1');
  assert.deepEqual(tried(), ['1.1.1.1', '1.1.1.2']);
  await clock.passes(attemptDelayMs);
  fails('1.1.1.3');
  assert.deepEqual(ends, []);
  fails('1.1.1.2');
  assert.deepEqual(ends, ['1.1.1.2 fails']);
});

test('a name with many addresses is tried at some of them', async () => {
  const many = Array.from({ length: 100 }, (_, index) => `1.1.1.${index}`);
  const { clock, tried } = race(...many);
  await clock.passes(100 * attemptDelayMs);
  assert.equal(tried().length, addressesMax);
});

test('who gives up hears no more of it', async () => {
  const { at, clock, ends, giveUp, tried } = race('1.1.1.1', '1.1.1.2');
  giveUp();
  assert(at('1.1.1.1').destroyed);
  await clock.passes(attemptDelayMs);
  at('1.1.1.1').emit('error', new Error('torn off'));
  assert.deepEqual([ends, tried()], [[], ['1.1.1.1']]);
});
