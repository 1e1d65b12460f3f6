/** The key that edges share, of a file that the operator writes the same on all machines. */
import { createHash } from 'node:crypto';

/** What is wrong with the file, in words for its operator. */
export class ShieldKeyFault extends Error {
  override readonly name = 'ShieldKeyFault';
}

const charactersMin = 32;
const charactersMax = 1_024;

/** 32 bytes. Throws a ShieldKeyFault, which tells nothing of the text. */
export function readShieldKey(text: string): Uint8Array {
  const secret = text.trim();
  if (secret.length < charactersMin || secret.length > charactersMax) {
    throw new ShieldKeyFault(
      `it has to hold a secret of ${charactersMin} to ${charactersMax} characters`,
    );
  }
  return createHash('sha256').update(`origin shield\n${secret}`).digest();
}
