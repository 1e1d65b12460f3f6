import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeDiskFolder } from '../../test/harness/disk-folder.ts';
import { systemDiskFiles } from './disk-files.ts';
import { removeLeftovers } from './disk-leftovers.ts';

test('folders of workers that are gone are removed, and nothing else', async (t) => {
  const { folder, remove } = await makeDiskFolder();
  t.after(remove);
  await removeLeftovers(systemDiskFiles, folder, 1);
  for (const name of ['0', '1', '12', 'mine']) {
    await mkdir(join(folder, name, 'bodies'), { recursive: true });
    await writeFile(join(folder, name, 'bodies', 'a'), 'a');
  }
  await removeLeftovers(systemDiskFiles, folder, 1);
  assert.deepEqual((await readdir(folder)).sort(), ['0', 'mine']);
  await removeLeftovers(systemDiskFiles, folder, 0);
  assert.deepEqual(await readdir(folder), ['mine']);
});
