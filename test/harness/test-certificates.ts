/**
 * Certificates for tests, good and bad: any names, dates, keys and issuers. Made here and not by the
 * program's own authority, so that a fault of that one is seen.
 */
import { generateKeyPairSync, type KeyObject, randomBytes, webcrypto } from 'node:crypto';
import 'reflect-metadata';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  type Extension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

export type KeyKind = 'P-256' | 'P-384' | 'P-521' | 'ed25519' | { readonly rsaBits: number };

export type Wanted = {
  readonly commonName?: string;
  /** DNS names; none: no alternative names at all. */
  readonly names?: readonly string[];
  readonly addresses?: readonly string[];
  readonly key?: KeyKind;
  /** Keys of before, in place of new ones. */
  readonly keys?: { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
  /** Itself where it is left out. */
  readonly issuer?: Pick<Made, 'commonName' | 'keyObject'> & { readonly subject?: string };
  readonly isAuthority?: boolean;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** Object identifiers of extended key usage. */
  readonly uses?: readonly string[];
  readonly hash?: 'SHA-256' | 'SHA-1';
};

export type Made = {
  /** PEM, both; the key in PKCS #8. */
  readonly certificate: string;
  readonly key: string;
  readonly commonName: string;
  readonly keyObject: KeyObject;
  readonly publicKeyObject: KeyObject;
};

const dayMs = 86_400_000;

export function daysFromNow(days: number): Date {
  return new Date(Date.now() + days * dayMs);
}

export async function makeCertificate(wanted: Wanted = {}): Promise<Made> {
  const { addresses = [], isAuthority = false, issuer, names = [], uses } = wanted;
  const commonName = wanted.commonName ?? names[0] ?? 'test';
  const { privateKey, publicKey } = wanted.keys ?? keysOf(wanted.key ?? 'P-256');
  const signer = issuer?.keyObject ?? privateKey;
  const extensions: Extension[] = [new BasicConstraintsExtension(isAuthority, undefined, true)];
  const alternatives = [
    ...names.map((value) => ({ type: 'dns', value }) as const),
    ...addresses.map((value) => ({ type: 'ip', value }) as const),
  ];
  if (alternatives.length > 0) extensions.push(new SubjectAlternativeNameExtension(alternatives));
  if (uses !== undefined) extensions.push(new ExtendedKeyUsageExtension([...uses]));
  const made = await X509CertificateGenerator.create({
    serialNumber: `01${randomBytes(8).toString('hex')}`,
    subject: `CN=${commonName}`,
    issuer: issuer?.subject ?? `CN=${issuer?.commonName ?? commonName}`,
    notBefore: wanted.notBefore ?? daysFromNow(-1),
    notAfter: wanted.notAfter ?? daysFromNow(90),
    publicKey: publicKey.toCryptoKey(importOf(publicKey), true, ['verify']),
    signingAlgorithm: signingOf(signer, wanted.hash),
    signingKey: signer.toCryptoKey(importOf(signer, wanted.hash), false, ['sign']),
    extensions,
  });
  return {
    certificate: `${made.toString('pem').trimEnd()}\n`,
    key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    commonName,
    keyObject: privateKey,
    publicKeyObject: publicKey,
  };
}

/** An authority, one below it, and a certificate of that one for the names. */
export async function makeChain(wanted: Wanted): Promise<{
  readonly root: Made;
  readonly intermediate: Made;
  readonly leaf: Made;
  readonly chain: string;
}> {
  const root = await makeCertificate({ commonName: 'Test root', isAuthority: true });
  const intermediate = await makeCertificate({
    commonName: 'Test intermediate',
    isAuthority: true,
    issuer: root,
  });
  const leaf = await makeCertificate({ ...wanted, issuer: intermediate });
  return { root, intermediate, leaf, chain: leaf.certificate + intermediate.certificate };
}

function keysOf(kind: KeyKind): { privateKey: KeyObject; publicKey: KeyObject } {
  if (kind === 'ed25519') return generateKeyPairSync('ed25519');
  if (typeof kind === 'string') return generateKeyPairSync('ec', { namedCurve: kind });
  return generateKeyPairSync('rsa', { modulusLength: kind.rsaBits });
}

const curves: Readonly<Record<string, string>> = {
  prime256v1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
};

function importOf(
  key: KeyObject,
  hash = 'SHA-256',
): webcrypto.RsaHashedImportParams | webcrypto.EcKeyImportParams | { name: string } {
  if (key.asymmetricKeyType === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash };
  if (key.asymmetricKeyType === 'ed25519') return { name: 'Ed25519' };
  const curve = curves[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? 'P-256';
  return { name: 'ECDSA', namedCurve: curve };
}

function signingOf(key: KeyObject, hash = 'SHA-256') {
  if (key.asymmetricKeyType === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash };
  if (key.asymmetricKeyType === 'ed25519') return { name: 'Ed25519' };
  return { name: 'ECDSA', hash };
}
