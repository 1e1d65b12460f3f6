/**
 * What the disk store asks of a file system: a port, so that tests can let any call of it fail. All
 * that is made is for the user of the process alone.
 */
import { close, open, read, write } from 'node:fs';
import { mkdir, readdir, rename, rm, statfs, unlink } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';

export interface DiskFiles {
  /** `create`: rejects where there is such a file. */
  open(path: string, how: 'read' | 'create'): Promise<number>;
  /** Fills the buffer from `position` on as far as the file goes; the answer is how far. */
  read(file: number, buffer: Uint8Array, position: number): Promise<number>;
  /** All of it. */
  write(file: number, bytes: Uint8Array, position: number): Promise<void>;
  close(file: number): Promise<void>;
  /** Gone already is as good. */
  remove(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Names in a folder; none where there is no folder. */
  list(folder: string): Promise<readonly string[]>;
  makeFolder(path: string): Promise<void>;
  /** With all that is in it. */
  removeFolder(path: string): Promise<void>;
  /** Of the disk that has the folder; `free`: what this user may still take of it. */
  space(folder: string): Promise<{ readonly free: number; readonly size: number }>;
  /**
   * Holds the file for this process until it is let go, or the process ends in whatever way;
   * undefined where another holds it.
   */
  lock(path: string): (() => void) | undefined;
}

const openFile = promisify<string, string, number, number>(open);
const closeFile = promisify(close);
const writeFile = promisify(write);

function readSome(file: number, into: Uint8Array, at: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(file, into, 0, into.length, at, (error, count) => {
      if (error === null) resolve(count);
      else reject(error);
    });
  });
}

export const systemDiskFiles: DiskFiles = {
  open: (path, how) => openFile(path, how === 'read' ? 'r' : 'wx+', 0o600),
  async read(file, buffer, position) {
    let filled = 0;
    while (filled < buffer.length) {
      const count = await readSome(file, buffer.subarray(filled), position + filled);
      if (count === 0) break;
      filled += count;
    }
    return filled;
  },
  async write(file, bytes, position) {
    let written = 0;
    while (written < bytes.length) {
      const left = bytes.length - written;
      const { bytesWritten } = await writeFile(file, bytes, written, left, position + written);
      written += bytesWritten;
    }
  },
  close: (file) => closeFile(file),
  remove: (path) => unlink(path).catch(unlessAbsent),
  rename: (from, to) => rename(from, to),
  list: (folder) => readdir(folder).catch(noneIfAbsent),
  async makeFolder(path) {
    await mkdir(path, { recursive: true, mode: 0o700 });
  },
  removeFolder: (path) => rm(path, { recursive: true, force: true }),
  async space(folder) {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { free: bavail * bsize, size: blocks * bsize };
  },
  lock(path) {
    // The platform has no locks of files but those of SQLite (docs/decisions/0003).
    const database = new DatabaseSync(path);
    try {
      database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
      return () => database.close();
    } catch (error) {
      database.close();
      if (/locked/.test(String(error))) return undefined;
      throw error;
    }
  },
};

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

function unlessAbsent(error: unknown): void {
  if (errorCode(error) !== 'ENOENT') throw error;
}

function noneIfAbsent(error: unknown): string[] {
  unlessAbsent(error);
  return [];
}
