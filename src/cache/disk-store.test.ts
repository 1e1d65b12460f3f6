import assert from 'node:assert/strict';
import {
  appendFile,
  chmod,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { bytesOf, headOf, keep, readAll } from '../../test/contract/store.ts';
import {
  cursorAt,
  diskStoreIn,
  filesWith,
  makeDiskFolder,
  noting,
  systemFault,
  type Told,
} from '../../test/harness/disk-folder.ts';
import { ManualClock } from '../../test/harness/manual-clock.ts';
import { instant } from '../base/clock.ts';
import { partKey } from './cache-key.ts';
import { systemDiskFiles } from './disk-files.ts';
import type { DiskStore, DiskStoreParts } from './disk-store.ts';
import { MemoryStore } from './memory-store.ts';
import { TieredStore } from './tiered-store.ts';

/** On its own, as a store of objects. */
function alone(disk: DiskStore): TieredStore {
  return new TieredStore(new MemoryStore({ bytesMax: 0, bodyBytesMax: 0 }), disk);
}

async function folderFor(t: { after(done: () => Promise<void>): void }): Promise<string> {
  const { folder, remove } = await makeDiskFolder();
  t.after(remove);
  return folder;
}

/** The next run on the same folder; the one before may have been killed, so it is not closed. */
async function openIn(
  folder: string,
  more: Partial<DiskStoreParts> = {},
  at = 100,
): Promise<{ disk: DiskStore; store: TieredStore }> {
  // Within one process the run before still holds the folder.
  const files = { ...(more.files ?? systemDiskFiles), lock: () => () => undefined };
  const disk = diskStoreIn(folder, { ...more, files });
  await disk.open(cursorAt(at));
  return { disk, store: alone(disk) };
}

async function filesIn(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
}

async function bodiesIn(folder: string): Promise<string[]> {
  return (await filesIn(join(folder, 'bodies'))).sort();
}

const content = bytesOf(600_000, 1);

test('what was stored is there after a stop and after a kill, with its head', async (t) => {
  for (const ending of ['stop', 'kill']) {
    const folder = await folderFor(t);
    const first = await openIn(folder);
    for (const key of ['a', 'b']) await keep(first.store, headOf(key, 7, 'kept'), content);
    if (ending === 'stop') await first.store.close();
    else await first.disk.settled();
    const { store } = await openIn(folder);
    for (const key of ['a', 'b']) {
      const found = await store.find(key);
      assert.deepEqual(
        { ...found, body: undefined },
        { ...headOf(key, 7, 'kept'), body: undefined },
      );
      assert(content.equals(await readAll(found?.body)));
    }
  }
});

test('a start reads no body', async (t) => {
  const folder = await folderFor(t);
  const first = await openIn(folder);
  for (let index = 0; index < 20; index += 1) {
    await keep(first.store, headOf(String(index)), content);
  }
  await first.store.close();
  const opened: (string | number)[] = [];
  const files = filesWith((call, path) => {
    if (call === 'open') opened.push(path);
  });
  const { disk } = await openIn(folder, { files });
  assert.equal(disk.size, 20);
  assert.deepEqual(
    opened.filter((path) => String(path).includes('bodies')),
    [],
  );
});

test('a range reads only the pieces it lies in', async (t) => {
  const folder = await folderFor(t);
  let reads = 0;
  const files = filesWith((call) => {
    if (call === 'read') reads += 1;
  });
  const { disk, store } = await openIn(folder, { files });
  await keep(store, headOf('a'), bytesOf(10 * 262_144, 1));
  await disk.settled();
  const found = await store.find('a');
  reads = 0;
  const part = await readAll(found?.body, 5 * 262_144 + 10, 6 * 262_144 + 5);
  assert(part.equals(bytesOf(10 * 262_144, 1).subarray(5 * 262_144 + 10, 6 * 262_144 + 5)));
  assert.equal(reads, 2);
});

test('whichever byte of a body is changed, no byte of its piece is given', async (t) => {
  const folder = await folderFor(t);
  const { disk, store } = await openIn(folder);
  for (const at of [0, 1, 262_143, 262_144, 262_147, 262_148, 500_000, 600_007, 600_011]) {
    await keep(store, headOf('a', at + 1), content);
    await disk.settled();
    const [path] = await bodiesIn(folder);
    assert(path);
    const bytes = await readFile(path);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await writeFile(path, bytes);
    const found = await store.find('a');
    const given: Uint8Array[] = [];
    await assert.rejects(
      async () => {
        for await (const piece of found?.body?.read(0, content.length) ?? []) given.push(piece);
      },
      { name: 'ObjectLost' },
      `byte ${at}`,
    );
    assert(content.subarray(0, Buffer.concat(given).length).equals(Buffer.concat(given)));
    assert.equal(await store.find('a'), undefined, 'it is dropped');
    await disk.settled();
    assert.deepEqual(await bodiesIn(folder), []);
  }
});

test('a body that was cut, lengthened at its end, swapped or removed gives nothing wrong', async (t) => {
  const folder = await folderFor(t);
  const { disk, store } = await openIn(folder);
  const other = bytesOf(600_000, 2);
  const harms: readonly ((a: string, b: string) => Promise<void>)[] = [
    (a) => truncate(a, 300_000),
    (a) => truncate(a, 0),
    (a) => rm(a),
    (a, b) => rename(b, a),
  ];
  for (const [index, harm] of harms.entries()) {
    await keep(store, headOf('a', index + 1), content);
    await disk.settled();
    await keep(store, headOf('b', index + 1), other);
    await disk.settled();
    const [a, b] = await bodiesIn(folder);
    assert(a !== undefined && b !== undefined);
    await harm(a, b);
    const found = await store.find('a');
    await assert.rejects(readAll(found?.body), { name: 'ObjectLost' }, `harm ${index}`);
    store.drop('b');
    await disk.settled();
  }
});

test('wherever the heads were torn, what comes before is there and the rest is a miss', async (t) => {
  const folder = await folderFor(t);
  const first = await openIn(folder);
  for (const key of ['a', 'b', 'c']) {
    await keep(first.store, headOf(key), bytesOf(1_000, key.charCodeAt(0)));
    await first.disk.settled();
  }
  const [heads] = await filesIn(join(folder, 'heads'));
  assert(heads);
  const whole = await readFile(heads);
  const third = whole.length / 3;
  // A body without a head is removed; here the next turn needs it.
  const bodies = await Promise.all(
    (await bodiesIn(folder)).map(async (path) => ({ path, bytes: await readFile(path) })),
  );
  for (let cut = whole.length; cut >= 0; cut -= 37) {
    await writeFile(heads, whole.subarray(0, cut));
    const { disk } = await openIn(folder);
    assert.equal(disk.size, Math.floor(cut / third), `cut at ${cut}`);
    for (const { bytes, path } of bodies) await writeFile(path, bytes);
  }
});

test('what a crash left half done is removed, and files of others are left alone', async (t) => {
  const folder = await folderFor(t);
  const first = await openIn(folder);
  await keep(first.store, headOf('a'), content);
  await first.disk.settled();
  const half = join(folder, 'bodies', 'ff', '0000000000ff');
  await writeFile(half, 'half');
  const foreign = [join(folder, 'notes.txt'), join(folder, 'bodies', '01', 'README')];
  for (const path of foreign) await writeFile(path, 'mine');
  const second = await openIn(folder);
  assert(content.equals(await readAll((await second.store.find('a'))?.body)));
  assert((await filesIn(folder)).every((path) => path !== half));
  for (const path of foreign) assert.equal(await readFile(path, 'utf8'), 'mine');
  // Its number is not used again either.
  await keep(second.store, headOf('b'), content);
  await second.disk.settled();
  assert((await bodiesIn(folder)).some((path) => Number.parseInt(path.slice(-12), 16) > 0xff));
});

test('objects of another history, of later positions and of old age are not taken up', async (t) => {
  const folder = await folderFor(t);
  const day = 24 * 3_600_000;
  const first = await openIn(folder, { clock: new ManualClock(instant(100 * day)) }, 10);
  const young = { receivedAt: instant(100 * day), ageAtArrivalMs: 0, lifetimeS: 9 };
  const old = { ...young, receivedAt: instant(39 * day) };
  await keep(first.store, { ...headOf('young', 10), aging: young }, content);
  await keep(first.store, { ...headOf('old', 10), aging: old }, content);
  await keep(first.store, { ...headOf('later', 11), aging: young }, content);
  await first.disk.settled();
  const clock = new ManualClock(instant(100 * day));
  const asked: unknown[] = [];
  const second = await openIn(folder, {
    clock,
    isProven(cursor) {
      asked.push(cursor);
      return Promise.resolve(true);
    },
  });
  assert.deepEqual(asked, [cursorAt(10)]);
  assert.equal(second.disk.size, 1);
  assert(content.equals(await readAll((await second.store.find('young'))?.body)));
  const third = await openIn(folder, { clock, isProven: () => Promise.resolve(false) });
  assert.equal(third.disk.size, 0);
  assert.deepEqual(await bodiesIn(folder), []);
  assert.equal((await openIn(folder, { clock })).disk.size, 0);
});

test('parts of objects are told of, so that they are found again', async (t) => {
  const folder = await folderFor(t);
  const first = await openIn(folder);
  const key = partKey('a', 100, 600_100);
  await keep(first.store, headOf(key), content);
  await first.disk.settled();
  const told: string[] = [];
  const { store } = await openIn(folder, { takePart: (head) => void told.push(head.key) });
  assert.deepEqual(told, [key]);
  assert(content.equals(await readAll((await store.find(key))?.body)));
});

test('a folder of another format, or with rubbish in the place of ours, is begun anew', async (t) => {
  for (const text of ['', 'rubbish', '{"format":2}', '{"format":1,"logId":"x"}', 'null']) {
    const folder = await folderFor(t);
    const first = await openIn(folder);
    await keep(first.store, headOf('a'), content);
    await first.disk.settled();
    await writeFile(join(folder, 'position'), text);
    const second = await openIn(folder);
    assert.equal(second.disk.size, 0, text);
    await keep(second.store, headOf('a'), content);
    await second.disk.settled();
    assert.equal((await openIn(folder)).disk.size, 1);
  }
});

test('a folder that another process uses is left to it, and taken once it is free', async (t) => {
  const folder = await folderFor(t);
  await mkdir(folder, { recursive: true });
  const letGo = systemDiskFiles.lock(join(folder, 'owner'));
  assert(letGo);
  const told: Told[] = [];
  const clock = new ManualClock();
  const disk = diskStoreIn(folder, { clock, recorder: noting(told) });
  await disk.open(cursorAt(1));
  const store = alone(disk);
  assert.equal(store.fill('a', 10), undefined);
  assert.deepEqual(
    told.map(({ level }) => level),
    ['warn'],
  );
  assert.match(String(told[0]?.facts['error']), /another process uses/);
  letGo();
  await clock.passes(31_000);
  while (told.length < 2) await new Promise(setImmediate);
  assert.equal(told[1]?.message, 'the disk cache is open');
  assert(store.fill('a', 10));
  await store.close();
});

test('whichever call of the disk fails: no wrong byte, no throw, and a line in the record', async (t) => {
  const codes = ['ENOSPC', 'EIO', 'EROFS'];
  const folder = await folderFor(t);
  const first = await openIn(folder);
  await keep(first.store, headOf('a'), content);
  await first.store.close();
  let failing = 0;
  for (let kept = 0; kept < 2; failing += 1) {
    assert(failing < 1_000, 'the calls come to an end');
    let calls = 0;
    let isFailing = true;
    const told: Told[] = [];
    const files = filesWith((call) => {
      // What is read at the start is alike; from then on all that comes after one call fails.
      calls += call === 'list' ? 0 : 1;
      if (isFailing && calls > failing) throw systemFault(codes[failing % 3] ?? 'EIO');
    });
    const { disk, store } = await openIn(folder, { files, recorder: noting(told) });
    kept = 0;
    for (const key of ['a', 'b']) {
      await keep(store, headOf(key, failing), content);
      kept += await countOf(store, key);
      await disk.settled();
    }
    isFailing = false;
    await store.close();
    const warnings = told.filter(({ level }) => level === 'warn');
    assert.equal(warnings.length, calls > failing ? 1 : 0, 'it is said once');
    assert(warnings.every(({ facts }) => facts['hint'] !== undefined));
    // The next run finds what was kept, or nothing.
    const next = await openIn(folder);
    for (const key of ['a', 'b']) await countOf(next.store, key);
    next.store.clear();
    await next.store.close();
  }
  assert(failing > 15, `${failing} calls`);
});

/** 1 where it is there, and right. */
async function countOf(store: TieredStore, key: string): Promise<number> {
  const found = await store.find(key);
  try {
    const given = await readAll(found?.body);
    if (given.length > 0) assert(content.equals(given));
    return given.length > 0 ? 1 : 0;
  } catch (error) {
    assert(error instanceof Error && error.name === 'ObjectLost', String(error));
    return 0;
  }
}

test('a disk that failed is tried again after a while, and the record says that it works', async (t) => {
  const folder = await folderFor(t);
  let isFull = false;
  const told: Told[] = [];
  const clock = new ManualClock();
  const files = filesWith((call) => {
    if (isFull && call === 'write') throw systemFault('ENOSPC');
  });
  const { disk, store } = await openIn(folder, { files, clock, recorder: noting(told) });
  isFull = true;
  await keep(store, headOf('a'), content);
  await disk.settled();
  assert.equal(await store.find('a'), undefined);
  assert.equal(store.fill('b', 10), undefined);
  assert.equal(disk.bytes, 0, 'nothing of it is counted');
  isFull = false;
  await clock.passes(11_000);
  await keep(store, headOf('b'), content);
  await disk.settled();
  assert(content.equals(await readAll((await store.find('b'))?.body)));
  assert.deepEqual(
    told.map(({ message }) => message),
    [
      'the disk cache is open',
      'the disk cache fails; objects are fetched instead',
      'the disk cache works again',
    ],
  );
  assert.match(String(told[1]?.facts['hint']), /disk is full/);
});

test('a disk with little left is not written to', async (t) => {
  const folder = await folderFor(t);
  const told: Told[] = [];
  const clock = new ManualClock();
  let free = 0;
  const files = { ...systemDiskFiles, space: () => Promise.resolve({ free, size: 1e12 }) };
  const { disk, store } = await openIn(folder, { files, clock, recorder: noting(told) });
  store.fill('a', 10)?.abandon();
  await disk.settled();
  assert.equal(store.fill('a', 10), undefined);
  free = 1e12;
  await clock.passes(11_000);
  store.fill('a', 10)?.abandon();
  await disk.settled();
  assert(store.fill('a', 10));
});

test('a folder that vanishes makes misses', async (t) => {
  const folder = await folderFor(t);
  const { disk, store } = await openIn(folder);
  await keep(store, headOf('a'), content);
  await disk.settled();
  await rm(folder, { recursive: true });
  await assert.rejects(readAll((await store.find('a'))?.body), { name: 'ObjectLost' });
  assert.equal(await store.find('a'), undefined);
  await keep(store, headOf('b'), content);
  await disk.settled();
  assert.equal(await store.find('b'), undefined);
});

test('a disk that hangs is given up after two seconds, and what waits in memory is bounded', async (t) => {
  const folder = await folderFor(t);
  const clock = new ManualClock();
  const gate = Promise.withResolvers<void>();
  const files = filesWith((call) => (call === 'write' ? gate.promise : undefined));
  const { disk, store } = await openIn(folder, { files, clock, bytesMax: 1e9 });
  const filling = store.fill('a', 100_000_000);
  assert(filling);
  let room: Promise<void> | undefined;
  let added = 0;
  for (; room === undefined; room = filling.room()) {
    assert(filling.add(bytesOf(262_144, 1)));
    added += 262_144;
  }
  assert(added <= 20_000_000);
  await clock.passes(3_000);
  await room;
  assert.equal(filling.add(bytesOf(1, 1)), false);
  assert.equal(store.fill('b', 10), undefined);
  gate.resolve();
  await disk.settled();
  await store.close();
});

test('heads that are worth nothing are swept, and those that count survive it', async (t) => {
  const folder = await folderFor(t);
  const { disk, store } = await openIn(folder, { bytesMax: 1e9 }, 1_000);
  const wide = 'x'.repeat(50_000);
  await keep(store, headOf('stays', 1, wide), content);
  await disk.settled();
  for (let index = 0; index < 500; index += 1) {
    await keep(store, headOf('changes', index + 1, `${wide}${index}`), bytesOf(10, index));
    await disk.settled();
  }
  const files = await filesIn(join(folder, 'heads'));
  assert(files.length < 5, `${files.length} files for 25 MB of heads, of which 100 KB count`);
  for (const at of [store, (await openIn(folder, {}, 1_000)).store]) {
    assert(content.equals(await readAll((await at.find('stays'))?.body)));
    assert(bytesOf(10, 499).equals(await readAll((await at.find('changes'))?.body)));
  }
});

test('a part of the folder that may not be read makes one line and no cache', async (t) => {
  if (process.getuid?.() === 0) return t.skip('root may read all');
  const folder = await folderFor(t);
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o000);
  const told: Told[] = [];
  const { store } = await openIn(folder, { recorder: noting(told) });
  assert.equal(store.fill('a', 1), undefined);
  await chmod(folder, 0o700);
  assert.equal(told.length, 1);
});

test('an appended tail that is no record does no harm', async (t) => {
  const folder = await folderFor(t);
  const first = await openIn(folder);
  await keep(first.store, headOf('a'), content);
  await first.disk.settled();
  const [heads] = await filesIn(join(folder, 'heads'));
  assert(heads);
  await appendFile(heads, bytesOf(5_000, 4));
  const { store } = await openIn(folder);
  assert(content.equals(await readAll((await store.find('a'))?.body)));
});
