/**
 * The key that private keys of imported certificates are sealed with in the log: 32 random bytes in
 * a file of its own, which nobody but the owner of the process may read. A backup of the log alone
 * thus gives no private key away, and one of the whole folder does.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Randomness } from '../base/randomness.ts';
import { sealingKeyBytes } from '../base/sealing.ts';
import { AuthorityFault, makeFolder, readIfThere, writeDurably } from './files.ts';

const form = /^[0-9a-f]{64}\n?$/;

/**
 * From `certificate-key` in the directory, made where there is none; undefined: one that lasts as
 * long as the process. Rejects with an AuthorityFault.
 */
export async function openSealingKey(
  directory: string | undefined,
  randomness: Randomness,
): Promise<Uint8Array> {
  if (directory === undefined) return randomness.bytes(sealingKeyBytes);
  const path = join(directory, 'certificate-key');
  await makeFolder(directory);
  const text = await readIfThere(path);
  if (text === undefined) {
    const made = Buffer.from(randomness.bytes(sealingKeyBytes));
    await writeDurably(path, `${made.toString('hex')}\n`, 0o600, randomness);
    return made;
  }
  await checkMode(path);
  if (!form.test(text)) {
    throw new AuthorityFault(
      `${path} does not hold 64 hexadecimal digits. Restore it, or delete it: then a new key is made, and imported certificates have to be imported again.`,
    );
  }
  return Buffer.from(text.trim(), 'hex');
}

/** Windows has no such modes. */
async function checkMode(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const { mode } = await stat(path);
  if ((mode & 0o077) === 0) return;
  throw new AuthorityFault(
    `Other users may read ${path}, and with it every imported private key. Take that right from them (chmod 600); where somebody may have read it, delete it and import the certificates again with new keys.`,
  );
}
