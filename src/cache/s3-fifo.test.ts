import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  hitRatio,
  leastRecentlyUsed,
  type Policy,
  referenceTrace,
} from '../../test/harness/reference-trace.ts';
import { S3Fifo } from './s3-fifo.ts';

type Thing = { readonly name: string };

function thing(name: string): Thing {
  return { name };
}

function evictTo(cache: S3Fifo<Thing>, bytesMax: number): readonly string[] {
  const gone: string[] = [];
  while (cache.bytes > bytesMax) gone.push(cache.evict()?.key ?? 'nothing');
  return gone;
}

test('what is used twice while it is new stays, what was not goes in the order it came', () => {
  const cache = new S3Fifo<Thing>(5);
  for (const name of ['a', 'b', 'c', 'd']) cache.set(name, thing(name), 1);
  cache.use('b');
  cache.use('b');
  cache.use('c');
  assert.deepEqual(evictTo(cache, 1), ['a', 'c', 'd']);
  assert.equal(cache.peek('b')?.name, 'b');
});

test('what comes back soon after it went is kept at once', () => {
  const cache = new S3Fifo<Thing>(5);
  cache.set('a', thing('a'), 1);
  cache.set('b', thing('b'), 1);
  assert.equal(cache.evict()?.key, 'a');
  cache.set('a', thing('a'), 1);
  for (const name of ['c', 'd', 'e']) cache.set(name, thing(name), 1);
  assert.deepEqual(evictTo(cache, 1), ['b', 'c', 'd', 'e']);
  assert.equal(cache.peek('a')?.name, 'a');
});

test('in the main queue a use buys one more round', () => {
  const cache = new S3Fifo<Thing>(2);
  for (const name of ['a', 'b']) {
    cache.set(name, thing(name), 1);
    cache.use(name);
    cache.use(name);
  }
  cache.set('new', thing('new'), 1);
  // Both move on to the main queue before the new one is let go.
  assert.equal(cache.evict()?.key, 'new');
  cache.use('a');
  assert.equal(cache.evict()?.key, 'b');
  assert.equal(cache.evict()?.key, 'a');
  assert.equal(cache.evict(), undefined);
});

test('a replaced value keeps its place and counts anew', () => {
  const cache = new S3Fifo<Thing>(100);
  cache.set('a', thing('one'), 10);
  cache.set('b', thing('b'), 10);
  assert.equal(cache.set('a', thing('two'), 30)?.name, 'one');
  assert.equal(cache.bytes, 40);
  assert.equal(cache.evict()?.value.name, 'two');
  assert.equal(cache.bytes, 10);
  assert.equal(cache.delete('b')?.name, 'b');
  assert.equal(cache.delete('b'), undefined);
  assert.deepEqual([cache.bytes, cache.size], [0, 0]);
});

const command = fc.oneof(
  fc.record({ do: fc.constant('set' as const), key: fc.nat(30), bytes: fc.nat(40) }),
  fc.record({ do: fc.constantFrom('use' as const, 'delete' as const), key: fc.nat(30) }),
  fc.record({ do: fc.constant('evict' as const) }),
);

test('whatever is asked of it, it holds what a plain map holds, and counts its bytes', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 300 }), (commands) => {
      const cache = new S3Fifo<Thing>(200);
      const model = new Map<string, { readonly value: Thing; readonly bytes: number }>();
      for (const one of commands) {
        const key = 'key' in one ? `k${one.key}` : '';
        if (one.do === 'set') {
          const value = thing(key);
          assert.equal(cache.set(key, value, one.bytes), model.get(key)?.value);
          model.set(key, { value, bytes: one.bytes });
        } else if (one.do === 'use') assert.equal(cache.use(key), model.get(key)?.value);
        else if (one.do === 'delete') {
          assert.equal(cache.delete(key), model.get(key)?.value);
          model.delete(key);
        } else {
          const evicted = cache.evict();
          assert.equal(evicted === undefined, model.size === 0);
          if (evicted === undefined) continue;
          assert.equal(model.get(evicted.key)?.value, evicted.value);
          model.delete(evicted.key);
        }
        assert.equal(cache.size, model.size);
        let bytes = 0;
        for (const held of model.values()) bytes += held.bytes;
        assert.equal(cache.bytes, bytes);
      }
    }),
  );
});

function policyOf(entriesMax: number): Policy {
  const cache = new S3Fifo<Thing>(entriesMax);
  return {
    asks(key) {
      if (cache.use(key) !== undefined) return true;
      cache.set(key, thing(key), 1);
      while (cache.size > entriesMax) cache.evict();
      return false;
    },
  };
}

for (const share of [0.01, 0.05, 0.1]) {
  test(`a cache of ${share * 100} % of the keys hits more often than LRU, with scans and without`, () => {
    const keys = 10_000;
    const shape = { keys, requests: 100_000, skew: 0.9, scanKeys: 2_000 };
    for (const scanEvery of [0, 5_000]) {
      const trace = [...referenceTrace({ ...shape, scanEvery }, 7)];
      const ours = hitRatio(policyOf(keys * share), trace);
      const lru = hitRatio(leastRecentlyUsed(keys * share), trace);
      assert.ok(ours > lru + 0.01, `${ours} against ${lru}`);
    }
  });
}
