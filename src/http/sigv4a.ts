/**
 * AWS Signature Version 4A: the form of Version 4 that names no region. Whoever signs derives a key
 * pair on the curve P-256 from the secret (NIST SP 800-108, counter mode) and signs with ECDSA (API
 * 2020-05-31, section 4.9).
 */
import { createECDH, createHmac, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { canonicalHash, type SignedParts } from './sigv4.ts';

export const algorithmV4a = 'AWS4-ECDSA-P256-SHA256';

/** The order of the group of P-256, less 2. */
const scalarMax = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc63254fn;
const scalarBytes = 32;
/** Each try fails with a chance of one in four billion. */
const triesMax = 254;

/** The key that signatures by this secret are verified with. */
export function verifyingKeyV4a(accessKeyId: string, secretAccessKey: string): KeyObject {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(privateScalar(accessKeyId, secretAccessKey));
  const point = ecdh.getPublicKey();
  return createPublicKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: 'P-256',
      x: point.subarray(1, scalarBytes + 1).toString('base64url'),
      y: point.subarray(scalarBytes + 1).toString('base64url'),
    },
  });
}

function privateScalar(accessKeyId: string, secretAccessKey: string): Buffer {
  for (let counter = 1; counter <= triesMax; counter += 1) {
    const input = Buffer.concat([
      Buffer.from([0, 0, 0, 1]),
      Buffer.from(algorithmV4a),
      Buffer.from([0]),
      Buffer.from(accessKeyId),
      Buffer.from([counter, 0, 0, 1, 0]),
    ]);
    const drawn = createHmac('sha256', `AWS4A${secretAccessKey}`).update(input).digest();
    const scalar = BigInt(`0x${drawn.toString('hex')}`);
    if (scalar > scalarMax) continue;
    return Buffer.from((scalar + 1n).toString(16).padStart(scalarBytes * 2, '0'), 'hex');
  }
  throw new Error('no key can be derived from this secret');
}

type PartsV4a = Omit<SignedParts, 'region' | 'secretAccessKey'>;

/** `signature`: DER in hexadecimal. */
export function isSignedV4a(parts: PartsV4a, key: KeyObject, signature: string): boolean {
  const { service, time } = parts;
  const scope = `${time.slice(0, 8)}/${service}/aws4_request`;
  const toSign = [algorithmV4a, time, scope, canonicalHash(parts)].join('\n');
  return verify('sha256', Buffer.from(toSign), key, Buffer.from(signature, 'hex'));
}
