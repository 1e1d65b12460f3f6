/** A ready file of a spool: what its name and its first line tell, and the gzip that follows them. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Delivered } from './destination.ts';
import { readReadyHead, readyHeadBytesMax } from './spool.ts';

export type ReadyFile = {
  readonly path: string;
  /** By which the oldest is found. */
  readonly name: string;
  readonly bucket: string;
  readonly key: string;
  readonly lines: number;
  /** On disk, the first line included. */
  readonly bytes: number;
  readonly headBytes: number;
};

/** Undefined where the file is none of a form that is known here. Rejects where it cannot be read. */
export async function readReadyFile(
  path: string,
  { lines, name }: { readonly lines: number; readonly name: string },
): Promise<ReadyFile | undefined> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const start = Buffer.alloc(readyHeadBytesMax);
    const { bytesRead } = await file.read(start, 0, start.length, 0);
    const end = start.subarray(0, bytesRead).indexOf(0x0a);
    const head = end < 0 ? undefined : readReadyHead(start.toString('utf8', 0, end));
    return head === undefined
      ? undefined
      : { ...head, path, name, lines, bytes: size, headBytes: end + 1 };
  } finally {
    await file.close();
  }
}

export function contentOf({ bytes, headBytes, key, path }: ReadyFile): Delivered {
  return {
    key,
    bytes: bytes - headBytes,
    read: () => createReadStream(path, { start: headBytes }),
  };
}
