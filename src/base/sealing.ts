/**
 * Sealing: short secrets that have to be kept where others read, such as private keys in the log.
 * What is sealed is AES-256-GCM (NIST SP 800-38D) with a nonce drawn at random, and bound to a
 * context, so that a box that is moved beside another document does not open there. A box names the
 * key it was sealed with, so that a lost key is told apart from a broken box.
 */
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import type { Randomness } from './randomness.ts';

export const sealingKeyBytes = 32;

export type Sealed = {
  /** 16 hexadecimal digits; tell nothing of the key. */
  readonly keyId: string;
  /** Base64: 12 bytes of nonce, 16 of tag, then the secret. */
  readonly box: string;
};

export type Unsealed =
  | { readonly kind: 'open'; readonly text: string }
  /** Sealed with another key. */
  | { readonly kind: 'other-key' }
  /** Changed since, or sealed for another context. */
  | { readonly kind: 'broken' };

const cipher = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

export function sealingKeyId(key: Uint8Array): string {
  return createHmac('sha256', key).update('the id of a sealing key').digest('hex').slice(0, 16);
}

/** `key` has `sealingKeyBytes`. */
export function seal(
  key: Uint8Array,
  { context, text }: { readonly text: string; readonly context: string },
  randomness: Randomness,
): Sealed {
  const nonce = randomness.bytes(nonceBytes);
  const sealing = createCipheriv(cipher, key, nonce, { authTagLength: tagBytes });
  sealing.setAAD(Buffer.from(context, 'utf8'));
  const secret = Buffer.concat([sealing.update(text, 'utf8'), sealing.final()]);
  const box = Buffer.concat([nonce, sealing.getAuthTag(), secret]).toString('base64');
  return { keyId: sealingKeyId(key), box };
}

export function unseal(key: Uint8Array, sealed: Sealed, context: string): Unsealed {
  if (sealed.keyId !== sealingKeyId(key)) return { kind: 'other-key' };
  const box = Buffer.from(sealed.box, 'base64');
  if (box.length < nonceBytes + tagBytes) return { kind: 'broken' };
  const opening = createDecipheriv(cipher, key, box.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  });
  opening.setAAD(Buffer.from(context, 'utf8'));
  opening.setAuthTag(box.subarray(nonceBytes, nonceBytes + tagBytes));
  const secret = opening.update(box.subarray(nonceBytes + tagBytes));
  try {
    return { kind: 'open', text: Buffer.concat([secret, opening.final()]).toString('utf8') };
  } catch {
    return { kind: 'broken' };
  }
}
