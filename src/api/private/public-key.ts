/**
 * A public key as people send it. RSA alone signs URLs; the bounds are those within which a check of
 * a signature is neither worthless nor costly. A private key that is sent by mistake is told as what
 * it is, and neither kept nor repeated in a message.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { Refusal } from '../../model/refusal.ts';

const modulusBitsMin = 1_024;
const modulusBitsMax = 4_096;
const exponentMin = 3n;
/** Larger ones make a check slow, and OpenSSL refuses some of them later. */
const exponentMax = 4_294_967_295n;
/** Many times what the largest key takes. */
const charactersMax = 8_192;

const onePublicKey =
  /^-----BEGIN (RSA )?PUBLIC KEY-----\r?\n[A-Za-z0-9+/=\r\n]+-----END \1PUBLIC KEY-----$/;

/** The key in PEM as this program writes it (SubjectPublicKeyInfo), so that equal keys are equal texts. */
export function readPublicKey(text: string): string {
  if (text.length > charactersMax) {
    refuse(`it has ${text.length} characters; at most ${charactersMax} are read.`);
  }
  const trimmed = text.trim();
  if (/PRIVATE KEY/i.test(trimmed)) {
    refuse(
      'it is a private key, which belongs to who signs and to nobody else. It was not kept. Send the public key; `openssl pkey -in FILE -pubout` prints it.',
    );
  }
  if (/BEGIN (?:X509 |TRUSTED )?CERTIFICATE/.test(trimmed)) {
    refuse(
      'it is a certificate. Send its public key; `openssl x509 -in FILE -noout -pubkey` prints it.',
    );
  }
  if (!onePublicKey.test(trimmed)) {
    refuse(
      'it is not one public key in PEM, from -----BEGIN PUBLIC KEY----- to -----END PUBLIC KEY-----.',
    );
  }
  const key = parse(trimmed);
  checkKey(key);
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

function parse(pem: string): KeyObject {
  try {
    return createPublicKey({ key: pem, format: 'pem' });
  } catch {
    return refuse('what stands between its first and its last line is not a public key.');
  }
}

function checkKey({ asymmetricKeyDetails, asymmetricKeyType }: KeyObject): void {
  if (asymmetricKeyType !== 'rsa') {
    refuse(`it is a key of the type ${asymmetricKeyType ?? 'unknown'}; RSA alone signs URLs.`);
  }
  const { modulusLength = 0, publicExponent = 0n } = asymmetricKeyDetails ?? {};
  if (modulusLength < modulusBitsMin || modulusLength > modulusBitsMax) {
    refuse(
      `it has ${modulusLength} bits; ${modulusBitsMin} to ${modulusBitsMax} are accepted, and 2048 are usual.`,
    );
  }
  const isOdd = publicExponent % 2n === 1n;
  if (!isOdd || publicExponent < exponentMin || publicExponent > exponentMax) {
    refuse('its public exponent is not an odd number from 3 to 4294967295; 65537 is usual.');
  }
}

function refuse(why: string): never {
  throw new Refusal('InvalidArgument', { member: 'publicKey', why });
}
