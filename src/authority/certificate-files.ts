/** Certificates kept on disk, each in one file with its key, so that no crash leaves another's key. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Randomness } from '../base/randomness.ts';
import { makeFolder, readIfThere, writeDurably } from './files.ts';
import type { CertificateAndKey } from './issue.ts';
import { dayMs } from './validity.ts';

/** Clients accept 398 days at most of a public authority; some apply that to all. */
export const serverDays = 397;
const filesMax = 10_000;

const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/;
const keyBlock = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n/;

export async function readCertificateFile(path: string): Promise<CertificateAndKey | undefined> {
  const text = await readIfThere(path);
  const certificate = certificateBlock.exec(text ?? '')?.[0];
  const key = keyBlock.exec(text ?? '')?.[0];
  return certificate === undefined || key === undefined ? undefined : { certificate, key };
}

/** Rejects with an AuthorityFault. */
export async function writeCertificateFile(
  path: string,
  { certificate, key }: CertificateAndKey,
  randomness: Randomness,
): Promise<void> {
  await makeFolder(join(path, '..'), 0o700);
  await writeDurably(path, `${certificate}${key}`, 0o600, randomness);
}

/** Removes files that nobody can use any more, and the oldest where there are too many. */
export async function forgetOldFiles(folder: string, clock: Clock): Promise<void> {
  const files: { readonly path: string; readonly writtenMs: number }[] = [];
  for (const name of await namesIn(folder)) {
    const path = join(folder, name);
    const writtenMs = (await stat(path).catch(() => undefined))?.mtimeMs;
    if (writtenMs !== undefined) files.push({ path, writtenMs });
  }
  const endedMs = clock.now() - serverDays * dayMs;
  const newestFirst = files.sort((a, b) => b.writtenMs - a.writtenMs);
  for (const [index, { path, writtenMs }] of newestFirst.entries()) {
    if (index >= filesMax || writtenMs < endedMs) await rm(path, { force: true });
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith('.pem'));
  } catch (error) {
    // Nothing was made yet.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
