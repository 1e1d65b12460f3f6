/**
 * The folder of a disk store, and what opening it takes: nobody else may hold it, and what stands in
 * it has to be of this format and of this history of the log. What is not is removed; a file that is
 * none of ours is left alone.
 *
 *   owner       held by the process that uses the folder
 *   position    the point of the log that all of it belongs to
 *   heads/      heads of objects, a few files (disk-heads.ts)
 *   bodies/XX/  one file a body (disk-body.ts), named by its number
 */
import { join } from 'node:path';
import type { Cursor } from '../base/log-record.ts';
import { DiskHeads, type RecordPlace } from './disk-heads.ts';
import type { DiskFiles } from './disk-files.ts';
import { readPosition, writePosition } from './disk-position.ts';
import { isPartKey } from './cache-key.ts';
import type { Head } from './disk-entry.ts';
import { decodeRecord, summaryOf } from './disk-record.ts';

const foldersOfBodies = 256;
const bodyName = /^[0-9a-f]{12}$/;

export type FoundObject = {
  readonly key: string;
  readonly id: number;
  readonly length: number;
  readonly place: RecordPlace;
  /** Its head, where it is a part of an object. */
  readonly part: Head | undefined;
};

/** What an object in the folder has to be for its being kept. */
export type Standing = ReturnType<typeof summaryOf>;

export type DiskFolderParts = {
  readonly files: DiskFiles;
  readonly folder: string;
  /** Whether the log has this point in its history. */
  readonly isProven: (cursor: Cursor) => Promise<boolean>;
  readonly isKept: (standing: Standing) => boolean;
};

export class FolderTaken extends Error {
  override readonly name = 'FolderTaken';
}

export class DiskFolder {
  readonly #files: DiskFiles;
  readonly #folder: string;
  readonly #letGo: () => void;
  readonly heads: DiskHeads;
  /** Where the edge stands, and what of it the folder says. */
  #position: Cursor;
  #written: Cursor | undefined;
  #nextId = 1;

  private constructor(parts: DiskFolderParts, letGo: () => void, position: Cursor) {
    this.#files = parts.files;
    this.#folder = parts.folder;
    this.#letGo = letGo;
    this.#position = position;
    this.heads = new DiskHeads(parts.files, join(parts.folder, 'heads'), () => this.#prepare());
  }

  /** Gives the objects of an earlier run to `take`, in the order they were stored. */
  static async open(
    parts: DiskFolderParts,
    position: Cursor,
    take: (found: FoundObject) => void,
  ): Promise<DiskFolder> {
    const { files, folder, isProven } = parts;
    await files.makeFolder(folder);
    const letGo = files.lock(join(folder, 'owner'));
    if (letGo === undefined) throw new FolderTaken(`another process uses ${folder}`);
    const opened = new DiskFolder(parts, letGo, position);
    try {
      const before = await readPosition(files, folder);
      if (before === undefined || !(await isProven(before))) {
        await files.removeFolder(join(folder, 'heads'));
        await files.removeFolder(join(folder, 'bodies'));
      }
      await files.makeFolder(join(folder, 'heads'));
      await opened.#makeBodyFolders();
      await opened.#scan(parts, before, take);
      return opened;
    } catch (error) {
      await opened.close();
      throw error;
    }
  }

  /** Never the same twice, whatever the folder has seen. */
  nextId(): number {
    this.#nextId += 1;
    return this.#nextId;
  }

  pathOf(id: number): string {
    const text = id.toString(16).padStart(12, '0');
    return join(this.#folder, 'bodies', text.slice(-2), text);
  }

  /** What is fetched from now on belongs to this point. */
  stand(position: Cursor): void {
    this.#position = position;
  }

  async close(): Promise<void> {
    await this.heads.close();
    this.#letGo();
  }

  async #prepare(): Promise<void> {
    const position = this.#position;
    if (this.#written === position) return;
    await writePosition(this.#files, this.#folder, position);
    this.#written = position;
  }

  async #makeBodyFolders(): Promise<void> {
    const bodies = join(this.#folder, 'bodies');
    const there = new Set(await this.#files.list(bodies));
    for (let index = 0; index < foldersOfBodies; index += 1) {
      const name = index.toString(16).padStart(2, '0');
      if (!there.has(name)) await this.#files.makeFolder(join(bodies, name));
    }
  }

  /** Reads heads, and names of bodies; a body that no head counts on is removed. */
  async #scan(
    { isKept }: DiskFolderParts,
    before: Cursor | undefined,
    take: (found: FoundObject) => void,
  ): Promise<void> {
    const bodies = await this.#listBodies();
    const kept = new Map<string, FoundObject>();
    await this.heads.scan((record, place) => {
      const standing = summaryOf(record);
      const { bodyId: id, bodyLength: length, fetchedAt, key } = standing;
      this.#nextId = Math.max(this.#nextId, id);
      // The last record of a key counts, whether it is of worth or not.
      kept.delete(key);
      const isOfThisHistory = before !== undefined && fetchedAt <= before.revision;
      if (!isOfThisHistory || !bodies.has(id) || !isKept(standing)) return;
      const part = isPartKey(key) ? decodeRecord(record).object : undefined;
      kept.set(key, { key, id, length, place, part });
    });
    for (const found of kept.values()) {
      this.heads.claim(found.place);
      bodies.delete(found.id);
      take(found);
    }
    for (const id of bodies) await this.#files.remove(this.pathOf(id));
  }

  async #listBodies(): Promise<Set<number>> {
    const ids = new Set<number>();
    for (let index = 0; index < foldersOfBodies; index += 1) {
      const folder = index.toString(16).padStart(2, '0');
      for (const name of await this.#files.list(join(this.#folder, 'bodies', folder))) {
        if (!bodyName.test(name) || !name.endsWith(folder)) continue;
        const id = Number.parseInt(name, 16);
        this.#nextId = Math.max(this.#nextId, id);
        ids.add(id);
      }
    }
    return ids;
  }
}
