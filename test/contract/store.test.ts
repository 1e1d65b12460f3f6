/** The contract of stores, on memory, on disk, and on memory before disk. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryStore } from '../../src/cache/memory-store.ts';
import { TieredStore } from '../../src/cache/tiered-store.ts';
import { cursorAt, diskStoreIn, filesWith, makeDiskFolder } from '../harness/disk-folder.ts';
import { bytesOf, headOf, mebibyte, type OpenStore, testStore } from './store.ts';

testStore({
  name: 'memory',
  open(bytesMax) {
    const store = new MemoryStore({ bytesMax, bodyBytesMax: bytesMax / 4 });
    return Promise.resolve({
      store,
      bytes: () => store.bytes,
      settled: () => Promise.resolve(),
      close: () => store.close(),
    });
  },
  bodyBytesMax: (bytesMax) => bytesMax / 4,
  keepsHeads: true,
});

testStore({
  name: 'disk',
  open: (bytesMax) => openTiered(0, bytesMax),
  bodyBytesMax: (bytesMax) => bytesMax / 2,
  keepsHeads: false,
});

testStore({
  name: 'memory before disk',
  open: (bytesMax) => openTiered(mebibyte, bytesMax),
  bodyBytesMax: (bytesMax) => bytesMax / 2,
  keepsHeads: true,
});

async function openTiered(memoryBytes: number, bytesMax: number): Promise<OpenStore> {
  const { folder, remove } = await makeDiskFolder();
  const disk = diskStoreIn(folder, { bytesMax });
  await disk.open(cursorAt(1_000_000));
  const memory = new MemoryStore({ bytesMax: memoryBytes, bodyBytesMax: memoryBytes / 2 });
  const store = new TieredStore(memory, disk);
  return {
    store,
    bytes: () => disk.bytes,
    settled: () => disk.settled(),
    async close() {
      await store.close();
      await remove();
    },
  };
}

test('what lies on disk alone is not at hand, and is not begun to be read for that', async (t) => {
  const { folder, remove } = await makeDiskFolder();
  t.after(remove);
  let reads = 0;
  const files = filesWith((call) => {
    if (call === 'read') reads += 1;
  });
  const disk = diskStoreIn(folder, { files });
  await disk.open(cursorAt(1_000_000));
  const memory = new MemoryStore({ bytesMax: mebibyte, bodyBytesMax: mebibyte });
  const store = new TieredStore(memory, disk);
  t.after(() => store.close());
  const filling = store.fill('k', 1_000);
  filling?.add(bytesOf(1_000, 1));
  filling?.finish(headOf('k'));
  assert.equal(store.findAtHand('k')?.key, 'k');
  await disk.settled();
  memory.clear();
  reads = 0;
  assert.equal(store.findAtHand('k'), undefined);
  assert.equal(reads, 0);
  assert.equal((await store.find('k'))?.key, 'k');
  assert.equal(store.findAtHand('k')?.key, 'k');
  assert(reads > 0);
});
