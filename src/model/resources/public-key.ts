/** A public key: verifies what its owner has signed, as part of a key group. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { checkComment } from '../check-config.ts';
import type { Limits } from '../limits.ts';
import { invalidArgument } from './invalid-argument.ts';

export type PublicKeyConfig = {
  readonly callerReference: string;
  readonly name: string;
  /** PEM, byte for byte as it was given: tools compare it. */
  readonly encodedKey: string;
  readonly comment: string;
};

const keyCharactersMax = 4_096;
const rsaBits = 2_048;

/** Throws `InvalidArgument`. */
export function checkPublicKey(config: PublicKeyConfig, limits: Limits): void {
  checkComment(config.comment, limits);
  if (!/^[\w .-]{1,128}$/.test(config.name)) {
    invalidArgument('The parameter Name', 'it takes 1 to 128 letters, digits, blanks and . _ -');
  }
  readVerifyingKey(config.encodedKey);
}

/** RSA of 2,048 bits or ECDSA on P-256, in PEM; throws `InvalidArgument`. */
export function readVerifyingKey(pem: string): KeyObject {
  const member = 'The parameter EncodedKey';
  if (pem.length > keyCharactersMax)
    invalidArgument(member, `it has more than ${keyCharactersMax} characters.`);
  let key: KeyObject;
  try {
    key = createPublicKey({ key: pem.trim(), format: 'pem' });
  } catch {
    return invalidArgument(member, 'it is no public key in PEM (-----BEGIN PUBLIC KEY-----).');
  }
  const { asymmetricKeyDetails: details, asymmetricKeyType: type } = key;
  const isRsa = type === 'rsa' && details?.modulusLength === rsaBits;
  const isEcdsa = type === 'ec' && details?.namedCurve === 'prime256v1';
  if (!pem.trim().startsWith('-----BEGIN PUBLIC KEY-----') || !(isRsa || isEcdsa)) {
    invalidArgument(member, 'it must be RSA of 2048 bits or ECDSA on P-256.');
  }
  return key;
}
