/**
 * The position of the log that the objects of a folder belong to: none of them was fetched later. It
 * is written before the first object that was fetched at a newer one. An edge that starts asks the
 * log whether it has this very point in its history; if not, the objects tell of another history, and
 * nobody knows which of them were invalidated.
 */
import { join } from 'node:path';
import { type Cursor, parseLogId, parseWriteId, revision } from '../base/log-record.ts';
import { type DiskFiles, errorCode } from './disk-files.ts';
import { diskFormat } from './disk-record.ts';

const name = 'position';
const textBytesMax = 1_024;

/** Undefined: there is none, or none of this format. */
export async function readPosition(files: DiskFiles, folder: string): Promise<Cursor | undefined> {
  let file: number;
  try {
    file = await files.open(join(folder, name), 'read');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const bytes = Buffer.alloc(textBytesMax);
    const filled = await files.read(file, bytes, 0);
    return parse(bytes.toString('utf8', 0, filled));
  } finally {
    await files.close(file);
  }
}

export async function writePosition(
  files: DiskFiles,
  folder: string,
  { logId, revision: at, writeId }: Cursor,
): Promise<void> {
  const beside = join(folder, `${name}.new`);
  await files.remove(beside);
  const file = await files.open(beside, 'create');
  try {
    const text = JSON.stringify({ format: diskFormat, logId, revision: at, writeId });
    await files.write(file, Buffer.from(text), 0);
  } finally {
    await files.close(file);
  }
  await files.rename(beside, join(folder, name));
}

function parse(text: string): Cursor | undefined {
  try {
    const given: unknown = JSON.parse(text);
    if (typeof given !== 'object' || given === null) return undefined;
    const fields = new Map<string, unknown>(Object.entries(given));
    if (fields.get('format') !== diskFormat) return undefined;
    return {
      logId: parseLogId(String(fields.get('logId'))),
      revision: revision(Number(fields.get('revision'))),
      writeId: parseWriteId(String(fields.get('writeId'))),
    };
  } catch {
    // What is torn or foreign is no position.
    return undefined;
  }
}
