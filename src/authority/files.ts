/**
 * Files that are whole or absent: written beside their place, flushed, then moved there, so that a
 * crash at any moment leaves the old file or the new one.
 */
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Randomness } from '../base/randomness.ts';

/** What is wrong with the files of the authority, in a sentence for the operator. */
export class AuthorityFault extends Error {
  override readonly name = 'AuthorityFault';
}

const bytesMax = 65_536;
const suffixBytes = 6;

/** The text, or undefined where there is no such file; rejects with an AuthorityFault. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    if (size > bytesMax) throw new AuthorityFault(`${path} has more than ${bytesMax} bytes.`);
    return await file.readFile('utf8');
  } catch (error) {
    if (error instanceof AuthorityFault) throw error;
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new AuthorityFault(`${path} cannot be read: ${reasonOf(error)}.`, { cause: error });
  }
}

/** Resolves once the file would survive a loss of power; rejects with an AuthorityFault. */
export async function writeDurably(
  path: string,
  text: string,
  mode: number,
  randomness: Randomness,
): Promise<void> {
  const suffix = Buffer.from(randomness.bytes(suffixBytes)).toString('hex');
  const beside = join(dirname(path), `.${basename(path)}.${suffix}`);
  try {
    {
      await using file = await open(beside, 'wx', mode);
      // The mode above is narrowed by the process's mask, which may forbid others to read.
      await file.chmod(mode);
      await file.writeFile(text);
      await file.sync();
    }
    await rename(beside, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw new AuthorityFault(`${path} cannot be written: ${reasonOf(error)}.`, { cause: error });
  }
}

/** With all above it; rejects with an AuthorityFault. */
export async function makeFolder(path: string, mode = 0o777): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode });
  } catch (error) {
    throw new AuthorityFault(`The folder ${path} cannot be made: ${reasonOf(error)}.`, {
      cause: error,
    });
  }
}

/** A rename is durable once its folder is; Windows opens no folders, and needs none of this. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  await using folder = await open(path, 'r');
  await folder.sync();
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function reasonOf(error: unknown): string {
  const code = codeOf(error);
  if (code === 'EACCES' || code === 'EPERM') return 'the permission is missing';
  if (code === 'ENOSPC') return 'the disk is full';
  if (code === 'EROFS') return 'the file system is read-only';
  return error instanceof Error ? error.message : String(error);
}
