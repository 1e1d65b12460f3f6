/** Folders of workers that there are no more, since an edge has fewer of them than before, or no cache. */
import { join } from 'node:path';
import type { DiskFiles } from './disk-files.ts';

/** `folder`: of one edge location, which has a folder by number in it for each worker. */
export async function removeLeftovers(
  files: Pick<DiskFiles, 'list' | 'removeFolder'>,
  folder: string,
  workers: number,
): Promise<void> {
  for (const name of await files.list(folder)) {
    if (!/^\d{1,4}$/.test(name) || Number(name) < workers) continue;
    await files.removeFolder(join(folder, name));
  }
}
