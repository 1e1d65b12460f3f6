import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { instant } from '../base/clock.ts';
import { revision } from '../base/log-record.ts';
import { MemoryStore } from './memory-store.ts';
import type { StoredBody, StoredObject } from './stored-object.ts';

const kibibyte = 1_024;

function objectOf(key: string, fetchedAt = 1): Omit<StoredObject, 'body'> {
  return {
    key,
    status: 200,
    headers: ['A', 'b'],
    aging: { receivedAt: instant(0), ageAtArrivalMs: 0, lifetimeS: 1 },
    ttl: { minS: 0, defaultS: 1, maxS: 1 },
    fetchedAt: revision(fetchedAt),
  };
}

function keep(
  store: MemoryStore,
  key: string,
  bytes: number,
  fetchedAt = 1,
): StoredObject | undefined {
  const filling = store.fill(key, undefined);
  for (let left = bytes; left > 0; left -= kibibyte) {
    filling?.add(new Uint8Array(Math.min(left, kibibyte)).fill(7));
  }
  return filling?.finish(objectOf(key, fetchedAt));
}

function textOf(body: StoredBody | undefined, start: number, end: number): string {
  assert(body);
  const pieces = body.read(start, end);
  assert(Symbol.iterator in pieces);
  return Buffer.concat([...pieces]).toString();
}

test('what is filled is found once it is finished, and reads back in any part', () => {
  const store = new MemoryStore({ bytesMax: 100_000, bodyBytesMax: 10_000 });
  const filling = store.fill('a', 10);
  assert(filling);
  const piece = Buffer.from('0123');
  filling.add(piece);
  piece.fill('x');
  filling.add(Buffer.from('4'));
  filling.add(Buffer.from('56789'));
  assert.equal(store.find('a'), undefined);
  filling.finish(objectOf('a'));
  const body = store.find('a')?.body;
  assert.equal(body?.length, 10);
  for (let start = 0; start <= 10; start += 1) {
    for (let end = start; end <= 10; end += 1) {
      assert.equal(textOf(body, start, end), '0123456789'.slice(start, end));
    }
  }
});

test('an object that was used again stays, and the oldest of the others goes', () => {
  const store = new MemoryStore({ bytesMax: 16 * kibibyte, bodyBytesMax: 4 * kibibyte });
  for (const key of ['a', 'b', 'c']) keep(store, key, 3 * kibibyte);
  assert(store.find('a'));
  assert(store.find('a'));
  keep(store, 'd', 3 * kibibyte);
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].filter((key) => store.find(key) !== undefined),
    ['a', 'c', 'd'],
  );
  assert(store.bytes <= 16 * kibibyte);
});

test('a body above its bound is not kept, whether that is declared or found out', () => {
  const store = new MemoryStore({ bytesMax: 100 * kibibyte, bodyBytesMax: 2 * kibibyte });
  assert.equal(store.fill('a', 2 * kibibyte + 1), undefined);
  assert.equal(keep(store, 'a', 2 * kibibyte + 1), undefined);
  assert.equal(store.bytes, 0);
  assert(keep(store, 'a', 2 * kibibyte));
});

test('bodies that are arriving take no more than their share', () => {
  const store = new MemoryStore({ bytesMax: 10 * kibibyte, bodyBytesMax: 10 * kibibyte });
  const fillings = Array.from({ length: 20 }, (_, index) => store.fill(String(index), undefined));
  for (const filling of fillings) filling?.add(new Uint8Array(kibibyte));
  assert.equal(store.bytes, 5 * kibibyte);
  for (const filling of fillings) filling?.abandon();
  assert.equal(store.bytes, 0);
});

test('bytes that a viewer still reads stay counted after their object is gone', () => {
  const store = new MemoryStore({ bytesMax: 100 * kibibyte, bodyBytesMax: 10 * kibibyte });
  const object = keep(store, 'a', 8 * kibibyte);
  const letGo = object?.body?.hold();
  store.drop('a');
  assert.equal(store.bytes, 8 * kibibyte);
  letGo?.();
  letGo?.();
  assert.equal(store.bytes, 0);
});

test('a refreshed object shares its body, and it counts once', () => {
  const store = new MemoryStore({ bytesMax: 100 * kibibyte, bodyBytesMax: 10 * kibibyte });
  const object = keep(store, 'a', 8 * kibibyte);
  assert(object);
  const before = store.bytes;
  store.put({ ...object, fetchedAt: revision(2) });
  assert.equal(store.bytes, before);
  assert.equal(store.find('a')?.fetchedAt, 2);
  store.clear();
  assert.equal(store.bytes, 0);
});

test('an older fetch that ends later brings nothing back', () => {
  const store = new MemoryStore({ bytesMax: 100 * kibibyte, bodyBytesMax: 10 * kibibyte });
  keep(store, 'a', 2_000, 5);
  keep(store, 'a', 1_000, 4);
  assert.equal(store.find('a')?.body?.length, 2_000);
  keep(store, 'a', 3_000, 5);
  assert.equal(store.find('a')?.body?.length, 3_000);
});

test('what is being filled while all is cleared is not kept', () => {
  const store = new MemoryStore({ bytesMax: 100 * kibibyte, bodyBytesMax: 10 * kibibyte });
  const filling = store.fill('a', undefined);
  filling?.add(new Uint8Array(10));
  store.clear();
  filling?.add(new Uint8Array(10));
  assert.equal(filling?.finish(objectOf('a')), undefined);
  assert.equal(store.find('a'), undefined);
  assert.equal(store.bytes, 0);
});

test('whatever happens, the count is right and the bound holds', () => {
  const bytesMax = 40 * kibibyte;
  const step = fc.record({
    kind: fc.constantFrom(
      'keep',
      'find',
      'drop',
      'begin',
      'add',
      'finish',
      'abandon',
      'hold',
      'letGo',
    ),
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    bytes: fc.nat(12 * kibibyte),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const store = new MemoryStore({ bytesMax, bodyBytesMax: 10 * kibibyte });
      const fillings = new Map<string, ReturnType<MemoryStore['fill']>>();
      const held: (() => void)[] = [];
      for (const { bytes, key, kind } of steps) {
        if (kind === 'keep') keep(store, key, bytes);
        else if (kind === 'drop') store.drop(key);
        else if (kind === 'begin') {
          fillings.get(key)?.abandon();
          fillings.set(key, store.fill(key, undefined));
        } else if (kind === 'add') fillings.get(key)?.add(new Uint8Array(bytes));
        else if (kind === 'finish') fillings.get(key)?.finish(objectOf(key));
        else if (kind === 'abandon') fillings.get(key)?.abandon();
        else if (kind === 'letGo') held.pop()?.();
        else {
          const body = store.find(key)?.body;
          if (kind === 'hold' && body !== undefined) held.push(body.hold());
        }
        assert(store.bytes <= bytesMax, `${store.bytes}`);
      }
      for (const letGo of held) letGo();
      for (const filling of fillings.values()) filling?.abandon();
      store.clear();
      assert.equal(store.bytes, 0);
      assert.equal(store.size, 0);
    }),
  );
});
