/** What the disk alone takes, to tell its time from ours. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';

const pageBytes = 4_096;

/** Milliseconds of each of `count` writes of one page at the end of a file, synced like the log's. */
export async function syncedWritesMs(folder: string, count: number): Promise<number[]> {
  const file = await open(join(folder, 'synced'), 'w');
  try {
    const page = Buffer.alloc(pageBytes, 1);
    const taken: number[] = [];
    for (let written = 0; written < count; written += 1) {
      const begun = performance.now();
      await file.write(page);
      await file.datasync();
      taken.push(performance.now() - begun);
    }
    return taken;
  } finally {
    await file.close();
  }
}
