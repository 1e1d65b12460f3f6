/** The contract of stores, on memory, on disk, and on memory before disk. */
import { MemoryStore } from '../../src/cache/memory-store.ts';
import { TieredStore } from '../../src/cache/tiered-store.ts';
import { cursorAt, diskStoreIn, makeDiskFolder } from '../harness/disk-folder.ts';
import { mebibyte, type OpenStore, testStore } from './store.ts';

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
