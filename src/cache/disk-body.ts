/**
 * Bodies on disk: one file each, in pieces of 256 KiB with a checksum behind each piece.
 *
 *   piece 0 | crc32 u32 | piece 1 | crc32 u32 | …        (the last piece is as long as the rest)
 *
 * The checksum is seeded with the body's number and the piece's place, so that a piece is right only
 * where it belongs. It is checked before a byte of the piece is given to anybody. Numbers of bodies
 * are never used twice, so whoever still knows a number reads its body or nothing.
 */
import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import type { DiskBacklog } from './disk-backlog.ts';
import { type DiskFiles, errorCode } from './disk-files.ts';
import { ObjectLost } from './stored-object.ts';

export const pieceBytes = 262_144;
const checksumBytes = 4;
const blockBytes = 4_096;
const firstBytes = 16_384;

/** What a body of that length takes on disk, in blocks of the usual size. */
export function diskBytesOf(length: number): number {
  const pieces = Math.ceil(length / pieceBytes);
  return Math.max(1, Math.ceil((length + pieces * checksumBytes) / blockBytes)) * blockBytes;
}

function checksum(piece: Uint8Array, id: number, index: number): number {
  const seed = Buffer.allocUnsafe(16);
  seed.writeDoubleLE(id, 0);
  seed.writeDoubleLE(index, 8);
  return crc32(piece, crc32(seed));
}

/** More waits for the disk than may; the disk itself may be all right. */
export class DiskBusy extends Error {
  override readonly name = 'DiskBusy';
}

export type BodyPlace = {
  readonly files: DiskFiles;
  readonly path: string;
  readonly id: number;
};

/** Reads the pieces that are needed, one at a time; the file is open only while it is read. */
export async function* readBody(
  { files, id, path }: BodyPlace,
  length: number,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  if (start >= end) return;
  const file = await openBody(files, path);
  try {
    for (let index = Math.floor(start / pieceBytes); index * pieceBytes < end; index += 1) {
      const at = index * pieceBytes;
      const size = Math.min(pieceBytes, length - at);
      const bytes = Buffer.allocUnsafeSlow(size + checksumBytes);
      const filled = await files.read(file, bytes, index * (pieceBytes + checksumBytes));
      const piece = bytes.subarray(0, size);
      if (filled < bytes.length || bytes.readUInt32LE(size) !== checksum(piece, id, index)) {
        throw new ObjectLost(`piece ${index} of ${path} is not what was written`);
      }
      yield piece.subarray(Math.max(start - at, 0), Math.min(end - at, size));
    }
  } finally {
    await files.close(file);
  }
}

async function openBody(files: DiskFiles, path: string): Promise<number> {
  try {
    return await files.open(path, 'read');
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    throw new ObjectLost(`${path} is gone`);
  }
}

/** Writes a body as it comes. Nobody has to wait for it; who does not is refused by the backlog. */
export class BodyWriter {
  readonly #place: BodyPlace;
  readonly #backlog: DiskBacklog;
  #file: number | undefined;
  #piece: Buffer;
  #filled = 0;
  #index = 0;
  #failure: Error | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** `expected`: the length, where it is known; it only sizes the first buffer. */
  constructor(place: BodyPlace, backlog: DiskBacklog, expected: number | undefined) {
    this.#place = place;
    this.#backlog = backlog;
    const size = Math.min(expected ?? firstBytes, pieceBytes);
    this.#piece = Buffer.allocUnsafeSlow(size + checksumBytes);
  }

  /** What keeps the body from being written. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Takes a copy; false when the disk does not keep up, or failed. */
  add(bytes: Uint8Array): boolean {
    let at = 0;
    while (at < bytes.length) {
      if (this.#failure !== undefined) return false;
      this.#makeRoomFor(bytes.length - at);
      const taken = Math.min(bytes.length - at, this.#piece.length - checksumBytes - this.#filled);
      this.#piece.set(bytes.subarray(at, at + taken), this.#filled);
      this.#filled += taken;
      at += taken;
      if (this.#filled === pieceBytes && !this.#flush()) return false;
    }
    return this.#failure === undefined;
  }

  /** From `at` on to the end of its piece, or to the end of what was added. */
  async readSoFar(at: number): Promise<Uint8Array> {
    if (this.#failure !== undefined) throw lost(this.#failure);
    const index = Math.floor(at / pieceBytes);
    if (index === this.#index) {
      return Uint8Array.from(this.#piece.subarray(at - index * pieceBytes, this.#filled));
    }
    const end = (index + 1) * pieceBytes;
    await this.#writing.catch(throwLost);
    for await (const piece of readBody(this.#place, end, at, end)) return piece;
    throw new ObjectLost('nothing was added there');
  }

  /** Resolves once all is written; rejects with what kept it from being so. No `add` may follow. */
  async finish(): Promise<void> {
    if (this.#filled > 0) this.#flush();
    // A body without a byte is a file all the same.
    if (this.#index === 0) this.#write(undefined, 0);
    try {
      await this.#writing;
    } finally {
      await this.#close();
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** What is not written yet will not be. */
  cancel(why: Error): void {
    this.#failure ??= why;
  }

  async abandon(why: Error): Promise<void> {
    this.cancel(why);
    await this.#writing.catch(() => undefined);
    await this.#close().catch(() => undefined);
  }

  #makeRoomFor(more: number): void {
    const size = this.#piece.length - checksumBytes;
    if (size === pieceBytes || this.#filled + more <= size) return;
    const wanted = Math.min(pieceBytes, Math.max(size * 2, this.#filled + more));
    const larger = Buffer.allocUnsafeSlow(wanted + checksumBytes);
    larger.set(this.#piece.subarray(0, this.#filled));
    this.#piece = larger;
  }

  #flush(): boolean {
    const size = this.#filled;
    const bytes = this.#piece.subarray(0, size + checksumBytes);
    if (!this.#backlog.take(bytes.length)) {
      this.#failure = new DiskBusy('the disk does not keep up with what is to be stored');
      return false;
    }
    bytes.writeUInt32LE(checksum(bytes.subarray(0, size), this.#place.id, this.#index), size);
    this.#write(bytes, this.#index);
    this.#index += 1;
    this.#filled = 0;
    // The disk has the last one until it is written.
    this.#piece = Buffer.allocUnsafeSlow(size === pieceBytes ? pieceBytes + checksumBytes : 0);
    return true;
  }

  #write(bytes: Buffer | undefined, index: number): void {
    const { files, path } = this.#place;
    const written = this.#writing.then(async () => {
      if (this.#failure !== undefined) throw this.#failure;
      this.#file ??= await files.open(path, 'create');
      if (bytes !== undefined) {
        await files.write(this.#file, bytes, index * (pieceBytes + checksumBytes));
      }
    });
    this.#writing = written.finally(() => this.#backlog.give(bytes?.length ?? 0));
    // Told to whoever finishes; until then `add` says no.
    this.#writing.catch((error: unknown) => {
      this.#failure ??= error instanceof Error ? error : new Error(String(error));
    });
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) await this.#place.files.close(file);
  }
}

function lost(cause: Error): ObjectLost {
  return new ObjectLost('what was kept so far was given up', { cause });
}

function throwLost(cause: unknown): never {
  assert(cause instanceof Error);
  throw lost(cause);
}
