/**
 * What every store of objects promises: one suite, run on memory, on disk and on both together. A store
 * may always have lost an object; what it gives is whole, right, and the newest it was given.
 */
import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import { test } from 'node:test';
import { errorKey, partKey, variantKey } from '../../src/cache/cache-key.ts';
import { instant } from '../../src/base/clock.ts';
import { revision } from '../../src/base/log-record.ts';
import type { ObjectStore, StoredBody, StoredObject } from '../../src/cache/stored-object.ts';
import { headerValue } from '../../src/http/header-list.ts';
import { SeededRandomness } from '../harness/seeded-randomness.ts';

export type OpenStore = {
  readonly store: ObjectStore;
  /** What it holds by its own account. */
  readonly bytes: () => number;
  /** Resolves once the store has done what it was given to do. */
  readonly settled: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export type StoreKind = {
  readonly name: string;
  readonly open: (bytesMax: number) => Promise<OpenStore>;
  /** Longer ones are not for it, with `bytesMax` of room. */
  readonly bodyBytesMax: (bytesMax: number) => number;
  /** Whether it holds what has no body. */
  readonly keepsHeads: boolean;
};

export const mebibyte = 1_048_576;
const roomy = 64 * mebibyte;

export function headOf(key: string, fetchedAt = 1, name = ''): Omit<StoredObject, 'body'> {
  return {
    key,
    status: 200,
    headers: ['Content-Type', 'text/plain', 'X-Name', name],
    aging: { receivedAt: instant(Date.UTC(2026, 0, 1)), ageAtArrivalMs: 2, lifetimeS: 3 },
    ttl: { minS: 0, defaultS: 1, maxS: 5 },
    fetchedAt: revision(fetchedAt),
  };
}

/** Bytes that differ from place to place and from seed to seed. */
export function bytesOf(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed * 2_654_435_761 + 1;
  for (let at = 0; at < length; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

export async function readAll(
  body: StoredBody | undefined,
  start = 0,
  end = body?.length ?? 0,
): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  if (body !== undefined) for await (const piece of body.read(start, end)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** In pieces of a length that fits nothing. */
export async function keep(
  store: ObjectStore,
  head: Omit<StoredObject, 'body'>,
  bytes: Buffer,
  declared: number | undefined = bytes.length,
): Promise<StoredObject | undefined> {
  const filling = store.fill(head.key, declared);
  for (let at = 0; at < bytes.length; at += 70_001) {
    if (filling?.add(bytes.subarray(at, at + 70_001)) === false) break;
    await filling?.room();
  }
  return filling?.finish(head);
}

export function testStore(kind: StoreKind): void {
  const promises = (
    title: string,
    bytesMax: number,
    prove: (opened: OpenStore) => Promise<void>,
  ): void => {
    test(`${kind.name}: ${title}`, async () => {
      const opened = await kind.open(bytesMax);
      try {
        await prove(opened);
      } finally {
        await opened.close();
      }
    });
  };
  const longest = kind.bodyBytesMax(roomy);

  promises('what was finished is found, and reads back in any part', roomy, async (opened) => {
    const { settled, store } = opened;
    for (const length of [0, 1, 262_143, 262_144, 262_145, 1_000_000]) {
      const bytes = bytesOf(length, length);
      await keep(store, headOf(`a${length}`), bytes);
      // On its way to wherever it is kept, and there.
      for (const waits of [false, true]) {
        if (waits) await settled();
        const found = await store.find(`a${length}`);
        assert.deepEqual(
          { ...found, body: undefined },
          { ...headOf(`a${length}`), body: undefined },
        );
        assert.equal(found?.body?.length, length);
        assert(bytes.equals(await readAll(found?.body)));
        for (const start of [0, 1, 262_143, 262_144, length - 1]) {
          for (const end of [start, start + 1, 262_144, 262_145, length]) {
            if (start < 0 || end < start || end > length) continue;
            const part = await readAll(found?.body, start, end);
            assert(part.equals(bytes.subarray(start, end)), `${start} to ${end} of ${length}`);
          }
        }
      }
    }
  });

  promises('what it is given is copied', roomy, async ({ settled, store }) => {
    const filling = store.fill('a', 8);
    const piece = Buffer.from('0123');
    filling?.add(piece);
    piece.fill('x');
    filling?.add(Buffer.from('4567'));
    filling?.finish(headOf('a'));
    await settled();
    assert.equal((await readAll((await store.find('a'))?.body)).toString(), '01234567');
  });

  promises('what was not finished is not stored', roomy, async ({ bytes, settled, store }) => {
    const before = bytes();
    const filling = store.fill('a', 600_000);
    filling?.add(bytesOf(400_000, 1));
    assert.equal(await store.find('a'), undefined);
    filling?.abandon();
    filling?.abandon();
    assert.equal(filling?.add(bytesOf(1, 1)), false);
    assert.equal(filling?.finish(headOf('a')), undefined);
    await settled();
    assert.equal(await store.find('a'), undefined);
    assert.equal(bytes(), before);
  });

  promises('what was added can be read before the end', roomy, async ({ store }) => {
    const bytes = bytesOf(700_000, 3);
    const filling = store.fill('a', bytes.length);
    assert(filling);
    filling.add(bytes.subarray(0, 600_000));
    for (let at = 0; at < 600_000; ) {
      const piece = await filling.readSoFar(at);
      assert(piece.length > 0);
      assert(bytes.subarray(at, at + piece.length).equals(piece), `from ${at}`);
      at += piece.length;
    }
    filling.abandon();
    await assert.rejects(async () => filling.readSoFar(0), { name: 'ObjectLost' });
  });

  promises('the newest of a key counts', roomy, async ({ settled, store }) => {
    await keep(store, headOf('a', 5, 'first'), bytesOf(500_000, 1));
    await keep(store, headOf('a', 5, 'second'), bytesOf(400_000, 2));
    const late = await keep(store, headOf('a', 4, 'late'), bytesOf(300_000, 3));
    await settled();
    const found = await store.find('a');
    if (found !== undefined) {
      assert.equal(headerValue(found.headers, 'x-name'), 'second');
      assert(bytesOf(400_000, 2).equals(await readAll(found.body)));
    }
    // Whoever brought it may have it all the same.
    if (late !== undefined) assert(bytesOf(300_000, 3).equals(await readAll(late.body)));
  });

  promises('what was dropped is gone, whoever reads it', roomy, async (opened) => {
    const { bytes, settled, store } = opened;
    const empty = bytes();
    const content = bytesOf(1_000_000, 1);
    await keep(store, headOf('a'), content);
    await settled();
    const body = (await store.find('a'))?.body;
    assert(body);
    const letGo = body.hold();
    const reading = (async () => readAll(body))();
    store.drop('a');
    store.drop('a');
    assert.equal(await store.find('a'), undefined);
    assert(content.equals(await reading));
    assert(bytes() - empty >= 1_000_000, 'it counts as long as it is read');
    letGo();
    letGo();
    await settled();
    assert(bytes() - empty < 100_000);
  });

  promises('clearing drops all, and what is being filled', roomy, async ({ settled, store }) => {
    await keep(store, headOf('a'), bytesOf(300_000, 1));
    const filling = store.fill('b', 10);
    filling?.add(bytesOf(10, 1));
    store.clear();
    assert.equal(filling?.finish(headOf('b')), undefined);
    await settled();
    for (const key of ['a', 'b']) assert.equal(await store.find(key), undefined);
    await keep(store, headOf('a', 2), bytesOf(10, 2));
    await settled();
    assert((await readAll((await store.find('a'))?.body)).equals(bytesOf(10, 2)));
  });

  promises('a confirmed object has its new head and its body', roomy, async (opened) => {
    const { bytes, settled, store } = opened;
    const content = bytesOf(500_000, 1);
    await keep(store, headOf('a', 1, 'old'), content);
    await settled();
    const before = bytes();
    const found = await store.find('a');
    assert(found);
    store.put({ ...found, ...headOf('a', 2, 'new') });
    for (const waits of [false, true]) {
      if (waits) await settled();
      const renewed = await store.find('a');
      assert.equal(renewed && headerValue(renewed.headers, 'x-name'), 'new');
      assert.equal(renewed?.fetchedAt, 2);
      assert(content.equals(await readAll(renewed?.body)));
    }
    assert(bytes() - before < 1_000, 'the body counts once');
  });

  promises('keys are told apart, with all that is added to them', roomy, async (opened) => {
    const { settled, store } = opened;
    const fields = ['accept-language'];
    const keys = [
      'd identity /a',
      'd gzip /a',
      partKey('d identity /a', 0, 10),
      partKey('d identity /a', 0, 100),
      variantKey('d identity /a', fields, ['Accept-Language', 'de']),
      variantKey('d identity /a', fields, ['Accept-Language', 'en']),
      variantKey('d identity /a', fields, []),
    ];
    for (const [index, key] of keys.entries()) {
      await keep(store, headOf(key), bytesOf(100_000 + index, index));
    }
    await keep(store, headOf(errorKey('d identity /a')), bytesOf(10, 1));
    await settled();
    for (const [index, key] of keys.entries()) {
      const found = await store.find(key);
      assert.equal(found?.key, key);
      assert((await readAll(found.body)).equals(bytesOf(100_000 + index, index)), key);
    }
  });

  promises('a body above the bound is not kept, declared or not', roomy, async (opened) => {
    const { bytes, settled, store } = opened;
    assert.equal(store.fill('a', longest + 1), undefined);
    const empty = bytes();
    const filling = store.fill('a', undefined);
    const piece = bytesOf(mebibyte, 1);
    let isKept = true;
    for (let added = 0; added <= longest && isKept; added += piece.length) {
      isKept = filling?.add(piece) ?? false;
      await filling?.room();
    }
    assert.equal(isKept, false);
    assert.equal(filling?.finish(headOf('a')), undefined);
    await settled();
    assert.equal(await store.find('a'), undefined);
    assert.equal(bytes(), empty);
  });

  promises('it stays within its bytes, whatever it is given', 8 * mebibyte, async (opened) => {
    const { bytes, settled, store } = opened;
    const held: { readonly letGo: () => void; readonly check: () => Promise<void> }[] = [];
    for (let index = 0; index < 60; index += 1) {
      const content = bytesOf(300_000 + index, index);
      const object = await keep(store, headOf(String(index)), content);
      if (index % 12 === 0 && object?.body !== undefined) {
        const { body } = object;
        const check = async (): Promise<void> => assert(content.equals(await readAll(body)));
        held.push({ letGo: body.hold(), check });
      }
      assert(bytes() <= 8 * mebibyte, `${bytes()} after ${index}`);
    }
    await settled();
    assert(bytes() <= 8 * mebibyte && bytes() > 4 * mebibyte, `${bytes()} in the end`);
    for (const { check, letGo } of held) {
      await check();
      letGo();
    }
  });

  if (kind.keepsHeads) {
    promises(
      'the answer to a HEAD is found, and takes the place of more',
      roomy,
      async (opened) => {
        const { settled, store } = opened;
        await keep(store, headOf('a', 1), bytesOf(300_000, 1));
        store.put({ ...headOf('a', 2), body: undefined });
        await settled();
        const found = await store.find('a');
        assert.equal(found?.body, undefined);
        assert.equal(found?.fetchedAt, 2);
      },
    );
  }

  promises(
    'anything in any order: what is found is the newest there is',
    4 * mebibyte,
    playAtRandom,
  );
}

function contentOf(version: number): Buffer {
  return bytesOf((version * 7_919) % 400_000, version);
}

/** Many at once, against a map that says which version each key was given last. */
async function playAtRandom({ settled, store }: OpenStore): Promise<void> {
  const randomness = new SeededRandomness(20);
  const last = new Map<string, number>();
  let version = 0;
  const step = async (): Promise<void> => {
    const key = `k${randomness.below(12)}`;
    const dice = randomness.below(10);
    if (dice < 4) {
      version += 1;
      const own = version;
      const content = contentOf(own);
      const filling = store.fill(key, randomness.chance(0.5) ? content.length : undefined);
      for (let at = 0; at < content.length; at += 50_000) {
        filling?.add(content.subarray(at, at + 50_000));
        await filling?.room();
      }
      if (filling?.finish(headOf(key, own)) !== undefined && own > (last.get(key) ?? 0)) {
        last.set(key, own);
      }
    } else if (dice === 4) {
      store.drop(key);
    } else if (dice === 5) {
      await settled();
    } else {
      const oldest = last.get(key) ?? 0;
      const found = await store.find(key);
      if (found === undefined) return;
      const { fetchedAt } = found;
      assert(fetchedAt >= oldest, `${key} has ${fetchedAt}, and was given ${oldest}`);
      try {
        const given = await readAll(found.body);
        assert.equal(crc32(given), crc32(contentOf(fetchedAt)));
      } catch (error) {
        // It may go between finding and reading it, but not turn into something else.
        if (!(error instanceof Error && error.name === 'ObjectLost')) throw error;
      }
    }
  };
  for (let round = 0; round < 60; round += 1) await Promise.all([1, 2, 3, 4, 5, 6].map(step));
}
