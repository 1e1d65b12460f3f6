/**
 * Makes certificates: the one of a local authority, and those it issues to servers and to edges.
 * Loaded only when there is something to make, since the library behind it takes longer to load than
 * the rest of a start.
 *
 * The extensions are those that RFC 5280 §4.2 asks for and strict verifiers insist on (Python from
 * 3.13 sets OpenSSL's strict flag): both key identifiers, key usage, and names as alternative names.
 */
import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
// The library registers its parts by decorators and asks its users to load this before it.
import 'reflect-metadata';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  type Name,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** Both in PEM; the key in PKCS #8. */
export type CertificateAndKey = { readonly certificate: string; readonly key: string };

export type Validity = {
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** 16 bytes drawn at random. */
  readonly serial: Uint8Array;
};

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
const generateKeys = promisify(generateKeyPair);
const signing = { name: 'ECDSA', hash: 'SHA-256' };
/** X.520: the upper bound of a common name, in characters. */
const commonNameCharactersMax = 64;

/** A new private key, in PEM. */
export async function newKey(): Promise<string> {
  const { privateKey } = await generateKeys('ec', { namedCurve: 'P-256' });
  return String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
}

/** A certificate in PEM that signs others and itself; `key` in PEM. */
export function certifyAuthority(
  commonName: string,
  key: string,
  validity: Validity,
): Promise<string> {
  const privateKey = createPrivateKey(key);
  const name = [{ O: ['Warmfront'] }, { CN: [commonName] }];
  return generate(createPublicKey(privateKey), privateKey, name, name, validity, [
    // No other authority stands below it.
    new BasicConstraintsExtension(true, 0, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
  ]);
}

/** A certificate in PEM for at least one host name, `*.` and a host name, or address. */
export function certifyServer(
  authority: CertificateAndKey,
  names: readonly string[],
  key: string,
  validity: Validity,
): Promise<string> {
  const issuer = new X509Certificate(authority.certificate).subjectName;
  const short = names.find((name) => name.length <= commonNameCharactersMax) ?? 'server';
  const subject = [{ CN: [short] }];
  return generate(
    createPublicKey(key),
    createPrivateKey(authority.key),
    subject,
    issuer,
    validity,
    [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
      ),
    ],
  );
}

/** A certificate in PEM by which the edge of that name shows who it is; `publicKey` of P-256. */
export function certifyEdge(
  authority: CertificateAndKey,
  name: string,
  publicKey: KeyObject,
  validity: Validity,
): Promise<string> {
  const issuer = new X509Certificate(authority.certificate).subjectName;
  return generate(publicKey, createPrivateKey(authority.key), [{ CN: [name] }], issuer, validity, [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyAgreement, true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]),
  ]);
}

type NameOf = Name | { [field: string]: string[] }[];

async function generate(
  keyOfSubject: KeyObject,
  signingKey: KeyObject,
  subject: NameOf,
  issuer: NameOf,
  { notAfter, notBefore, serial }: Validity,
  extensions: readonly Extension[],
): Promise<string> {
  const publicKey = webPublicKey(keyOfSubject);
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(serial),
    subject,
    issuer,
    notBefore,
    notAfter,
    signingAlgorithm: signing,
    publicKey,
    signingKey: signingKey.toCryptoKey(algorithm, false, ['sign']),
    extensions: [
      ...extensions,
      await SubjectKeyIdentifierExtension.create(publicKey),
      await AuthorityKeyIdentifierExtension.create(webPublicKey(createPublicKey(signingKey))),
    ],
  });
  return `${certificate.toString('pem').trimEnd()}\n`;
}

function webPublicKey(publicKey: KeyObject): ReturnType<KeyObject['toCryptoKey']> {
  return publicKey.toCryptoKey(algorithm, true, ['verify']);
}

/** Positive, without a leading zero byte, at most 20 bytes (RFC 5280 §4.1.2.2). */
function serialNumber(bytes: Uint8Array): string {
  const serial = Buffer.from(bytes);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return serial.toString('hex');
}
