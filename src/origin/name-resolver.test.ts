import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../test/harness/manual-clock.ts';
import { type Address, NameResolver } from './name-resolver.ts';
import { OriginFailure } from './origin-failure.ts';

type Resolving = {
  readonly resolver: NameResolver;
  readonly clock: ManualClock;
  readonly asked: string[];
  answer: () => Promise<readonly Address[]>;
};

function resolving(...addresses: readonly string[]): Resolving {
  const clock = new ManualClock();
  const asked: string[] = [];
  const made: Resolving = {
    clock,
    asked,
    answer: () => Promise.resolve(addresses.map((address) => ({ address, family: 4 }))),
    resolver: new NameResolver({
      clock,
      ask: (name) => {
        asked.push(name);
        return made.answer();
      },
    }),
  };
  return made;
}

function fails(at: string, reason: string): (error: unknown) => boolean {
  return (error) => error instanceof OriginFailure && error.at === at && error.reason === reason;
}

test('an answer is kept for five seconds and shared by those who ask meanwhile', async () => {
  const { asked, clock, resolver } = resolving('1.1.1.1');
  await Promise.all([resolver.resolve('a', 'public'), resolver.resolve('a', 'public')]);
  await clock.passes(4_900);
  await resolver.resolve('a', 'public');
  assert.deepEqual(asked, ['a']);
  await clock.passes(200);
  await resolver.resolve('a', 'public');
  assert.deepEqual(asked, ['a', 'a']);
});

test('a failure keeps the last good addresses for a minute', async () => {
  const resolvingA = resolving('1.1.1.1');
  const { clock, resolver } = resolvingA;
  await resolver.resolve('a', 'public');
  resolvingA.answer = () => Promise.reject(new Error('no answer'));
  await clock.passes(59_000);
  assert.equal((await resolver.resolve('a', 'public')).length, 1);
  await clock.passes(2_000);
  await assert.rejects(resolver.resolve('a', 'public'), fails('dns', 'no-address'));
  await assert.rejects(resolver.resolve('b', 'public'), fails('dns', 'no-address'));
});

test('a failure is remembered for a second, with good addresses and without', async () => {
  const failing = resolving('1.1.1.1');
  const { asked, clock, resolver } = failing;
  await resolver.resolve('good', 'public');
  failing.answer = () => Promise.reject(new Error('no answer'));
  await clock.passes(5_000);
  asked.length = 0;
  for (let count = 0; count < 3; count += 1) {
    assert.equal((await resolver.resolve('good', 'public')).length, 1);
    await assert.rejects(resolver.resolve('bad', 'public'), fails('dns', 'no-address'));
  }
  assert.deepEqual(asked, ['good', 'bad']);
  await clock.passes(1_000);
  failing.answer = () => Promise.resolve([{ address: '1.1.1.2', family: 4 }]);
  for (const name of ['good', 'bad']) {
    assert.equal((await resolver.resolve(name, 'public'))[0]?.address, '1.1.1.2');
  }
});

test('a thousand names are known at most', async () => {
  const { asked, resolver } = resolving('1.1.1.1');
  for (let count = 0; count <= 1_000; count += 1) await resolver.resolve(`${count}`, 'public');
  await resolver.resolve('1000', 'public');
  assert.equal(asked.length, 1_001);
  await resolver.resolve('0', 'public');
  assert.equal(asked.length, 1_002);
});

test('private addresses are left out, and refused where there are no others', async () => {
  const mixed = resolving('10.0.0.1', '1.1.1.1');
  const addresses = await mixed.resolver.resolve('a', 'public');
  assert.deepEqual(
    addresses.map(({ address }) => address),
    ['1.1.1.1'],
  );
  assert.equal((await mixed.resolver.resolve('a', 'all')).length, 2);
  const inside = resolving('10.0.0.1');
  await assert.rejects(inside.resolver.resolve('a', 'public'), fails('connect', 'private-address'));
});

test('a name that changes its address is judged each time', async () => {
  const rebound = resolving('1.1.1.1');
  await rebound.resolver.resolve('a', 'public');
  rebound.answer = () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
  await rebound.clock.passes(6_000);
  await assert.rejects(
    rebound.resolver.resolve('a', 'public'),
    fails('connect', 'private-address'),
  );
});

test('an address is no name to ask for, and is judged all the same', async () => {
  const { asked, resolver } = resolving();
  assert.deepEqual(await resolver.resolve('1.1.1.1', 'public'), [
    { address: '1.1.1.1', family: 4 },
  ]);
  await assert.rejects(
    resolver.resolve('127.0.0.1', 'public'),
    fails('connect', 'private-address'),
  );
  await assert.rejects(resolver.resolve('::1', 'public'), fails('connect', 'private-address'));
  assert.deepEqual(asked, []);
  await assert.rejects(resolver.resolve('empty', 'all'), fails('dns', 'no-address'));
});
