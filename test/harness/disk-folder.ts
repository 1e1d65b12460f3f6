/** A folder for a disk store, files whose calls can be made to fail, and a store on them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cursor, logId, revision, writeId } from '../../src/base/log-record.ts';
import { type Facts, type Recorder, silentRecorder } from '../../src/base/recorder.ts';
import { type DiskFiles, systemDiskFiles } from '../../src/cache/disk-files.ts';
import { DiskStore, type DiskStoreParts } from '../../src/cache/disk-store.ts';
import { ManualClock } from './manual-clock.ts';

export async function makeDiskFolder(): Promise<{
  readonly folder: string;
  readonly remove: () => Promise<void>;
}> {
  const made = await mkdtemp(join(tmpdir(), 'warmfront-disk-'));
  return {
    folder: join(made, 'cache'),
    remove: () => rm(made, { recursive: true, force: true }),
  };
}

export function cursorAt(position: number, log = 1): Cursor {
  return {
    logId: logId(new Uint8Array(16).fill(log)),
    revision: revision(position),
    writeId: writeId(new Uint8Array(16).fill(position)),
  };
}

export type DiskCall = Exclude<keyof DiskFiles, 'lock'>;

/** The system's files, but for what `before` does before each call: it may wait, or throw. */
export function filesWith(
  before: (call: DiskCall, path: string | number) => Promise<void> | void,
): DiskFiles {
  const files = systemDiskFiles;
  return {
    async open(path, how) {
      await before('open', path);
      return files.open(path, how);
    },
    async read(file, buffer, position) {
      await before('read', file);
      return files.read(file, buffer, position);
    },
    async write(file, bytes, position) {
      await before('write', file);
      return files.write(file, bytes, position);
    },
    close: (file) => files.close(file),
    async remove(path) {
      await before('remove', path);
      return files.remove(path);
    },
    async rename(from, to) {
      await before('rename', from);
      return files.rename(from, to);
    },
    async list(folder) {
      await before('list', folder);
      return files.list(folder);
    },
    async makeFolder(path) {
      await before('makeFolder', path);
      return files.makeFolder(path);
    },
    async removeFolder(path) {
      await before('removeFolder', path);
      return files.removeFolder(path);
    },
    async space(folder) {
      await before('space', folder);
      return files.space(folder);
    },
    lock: (path) => files.lock(path),
  };
}

export function systemFault(code: string): Error {
  return Object.assign(new Error(`${code}: made up by a test`), { code });
}

export type Told = { readonly level: string; readonly facts: Facts; readonly message: string };

export function noting(told: Told[]): Recorder {
  const at =
    (level: string) =>
    (facts: Facts, message: string): void => {
      told.push({ level, facts, message });
    };
  return { ...silentRecorder, info: at('info'), warn: at('warn'), error: at('error') };
}

export function diskStoreIn(folder: string, more: Partial<DiskStoreParts> = {}): DiskStore {
  return new DiskStore({
    files: systemDiskFiles,
    folder,
    bytesMax: 64 * 1_048_576,
    clock: new ManualClock(),
    recorder: silentRecorder,
    isProven: () => Promise.resolve(true),
    outlivesRuns: true,
    takePart: () => undefined,
    ...more,
  });
}
