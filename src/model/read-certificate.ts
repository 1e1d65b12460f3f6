/**
 * Reads a certificate, its chain and its private key as an account hands them in, and checks all
 * that would make them fail before a viewer: form, order, dates, kind of key, names. Each fault has
 * a sentence of its own. Nothing of a private key, not even a library's word about it, gets into one.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { type Instant, instant } from '../base/clock.ts';
import type { CertificateFacts, CertificateKeyKind } from './certificate.ts';
import { faultOfHostName } from './host-name.ts';
import { PemFault, readPem } from './pem.ts';
import { Refusal } from './refusal.ts';

export const certificateBytesMax = 32_768;
export const certificateKeyBytesMax = 16_384;
const chainLengthMax = 10;
const namesMax = 100;
const rsaBitsMin = 2_048;
/** A handshake with a longer one takes the edge more time than it is worth to anybody. */
const rsaBitsMax = 4_096;
const serverAuthentication = '1.3.6.1.5.5.7.3.1';
const curves: ReadonlySet<string> = new Set(['prime256v1', 'secp384r1']);
const keysAccepted = 'RSA of 2048 to 4096 bits, and ECDSA on P-256 or P-384';

export type GivenCertificate = {
  /** PEM: the certificate, then each one's issuer; the root may be left out. */
  readonly certificate: string;
  /** PEM. */
  readonly key: string;
};

export type ReadCertificate = {
  readonly facts: CertificateFacts;
  /** PEM, PKCS #8. */
  readonly key: string;
};

/** Throws a Refusal. */
export function readCertificate(given: GivenCertificate, now: Instant): ReadCertificate {
  const chain = readChain(given.certificate);
  const [own] = chain;
  checkDates(chain, now);
  checkSignatures(chain);
  checkUse(own, chain.length);
  const key = readKey(given.key);
  const keyKind = kindOfKey(key);
  if (!own.checkPrivateKey(key)) throw new Refusal('CertificateKeyMismatch');
  return {
    facts: {
      names: namesOf(own),
      chain: chain.map((one) => one.toString()).join(''),
      keyKind,
      fingerprint: own.fingerprint256.replaceAll(':', '').toLowerCase(),
      notBefore: latest(chain.map(({ validFromDate }) => validFromDate)),
      notAfter: earliest(chain.map(({ validToDate }) => validToDate)),
    },
    key: String(key.export({ type: 'pkcs8', format: 'pem' })),
  };
}

type Chain = readonly [X509Certificate, ...X509Certificate[]];

function readChain(text: string): Chain {
  const blocks = readBlocks(text, certificateBytesMax, invalid);
  const other = blocks.find(({ label }) => label !== 'CERTIFICATE');
  if (other !== undefined) {
    const hint = other.label.includes('KEY') ? ' The key is given by itself.' : '';
    throw invalid(`it holds a block of ${other.label} where only CERTIFICATE belongs.${hint}`);
  }
  const [first, ...others] = blocks.map(({ pem }, index) => parse(pem, index));
  if (first === undefined) throw invalid('it holds no block of CERTIFICATE, as PEM has it.');
  if (others.length >= chainLengthMax) {
    throw invalid(
      `its chain has ${blocks.length} certificates; at most ${chainLengthMax} are taken.`,
    );
  }
  const chain: Chain = [first, ...others];
  checkOrder(chain);
  return chain;
}

function parse(pem: string, index: number): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw invalid(`block ${index + 1} of it is no X.509 certificate.`);
  }
}

/** Viewers may follow the chain in the order it is sent (RFC 5246 §7.4.2). */
function checkOrder(chain: Chain): void {
  for (const [index, issuer] of chain.entries()) {
    const issued = index === 0 ? undefined : chain[index - 1];
    if (issued === undefined || isIssuerOf(issuer, issued)) continue;
    const [own, ...others] = chain;
    const misplaced = own.ca && others.some((one) => !one.ca);
    const why = misplaced
      ? "it begins with an authority's."
      : `certificate ${index + 1} did not issue certificate ${index}.`;
    throw invalid(
      `its chain is out of order: ${why} The server's own comes first, then each one's issuer.`,
    );
  }
}

function isIssuerOf(issuer: X509Certificate, issued: X509Certificate): boolean {
  try {
    return issuer.ca && issued.checkIssued(issuer) && issued.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

function checkDates(chain: Chain, now: Instant): void {
  for (const [index, { validFromDate, validToDate }] of chain.entries()) {
    const which = index === 0 ? 'it' : `certificate ${index + 1} of its chain`;
    if (validToDate.getTime() <= now) {
      throw invalid(`${which} has expired, on ${validToDate.toISOString()}.`);
    }
    if (validFromDate.getTime() > now) {
      throw invalid(`${which} is not valid before ${validFromDate.toISOString()}.`);
    }
  }
}

/** Nobody accepts these any more; what a root says of itself is never looked at. */
function checkSignatures(chain: Chain): void {
  for (const one of chain) {
    const { signatureAlgorithm = '' } = one;
    if (!/sha-?1|md[245]/i.test(signatureAlgorithm) || one.checkIssued(one)) continue;
    throw invalid(`a signature in its chain is too weak: ${signatureAlgorithm}.`);
  }
}

function checkUse(own: X509Certificate, chainLength: number): void {
  // A self-signed one, as a first trial has it, mostly calls itself an authority; viewers judge it.
  if (own.ca && (chainLength > 1 || !own.checkIssued(own))) {
    throw invalid("it is an authority's, and no server's.");
  }
  // Node tells the extended key usage under this name; undefined: for any use.
  const uses: readonly string[] | undefined = own.keyUsage;
  if (uses !== undefined && !uses.includes(serverAuthentication)) {
    throw invalid('its extended key usage does not allow it for servers (serverAuth).');
  }
}

function readKey(text: string): KeyObject {
  const blocks = readBlocks(text, certificateKeyBytesMax, invalidKey).filter(
    // What OpenSSL writes before a key on a curve; the key names its curve too.
    ({ label }) => label !== 'EC PARAMETERS',
  );
  const [block, ...others] = blocks;
  if (block === undefined || !/^(?:[A-Z]+ )?PRIVATE KEY$/.test(block.label)) {
    throw invalidKey('it holds no block of PRIVATE KEY, as PEM has it.');
  }
  if (others.length > 0) throw invalidKey('it holds more than one block.');
  if (block.label === 'ENCRYPTED PRIVATE KEY' || block.pem.includes('Proc-Type: 4,ENCRYPTED')) {
    throw invalidKey('it is protected by a passphrase; take that off first.');
  }
  try {
    return createPrivateKey({ key: block.pem, format: 'pem' });
  } catch {
    throw invalidKey('it cannot be read as a private key.');
  }
}

function kindOfKey(key: KeyObject): CertificateKeyKind {
  const { asymmetricKeyDetails: details, asymmetricKeyType: kind } = key;
  const bits = details?.modulusLength ?? 0;
  const curve = details?.namedCurve ?? '';
  if (kind === 'rsa') {
    if (bits >= rsaBitsMin && bits <= rsaBitsMax) return 'rsa';
    throw invalidKey(`it is RSA of ${bits} bits; taken are ${keysAccepted}.`);
  }
  if (kind === 'ec') {
    if (curves.has(curve)) return 'ec';
    throw invalidKey(`it is on the curve ${curve}; taken are ${keysAccepted}.`);
  }
  throw invalidKey(`its kind is ${kind ?? 'unknown'}; taken are ${keysAccepted}.`);
}

/** Names and their values as Node writes them: a value with special characters stands in quotes. */
const alternativeName = /(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)/g;

/** Only what viewers look at: alternative names, never the common name (RFC 9110 §4.3.4). */
function namesOf({ subjectAltName = '' }: X509Certificate): readonly string[] {
  const names = new Set<string>();
  for (const [, kind, value = ''] of subjectAltName.matchAll(alternativeName)) {
    const name = value.toLowerCase();
    if (kind === 'DNS' && isName(name)) names.add(name);
  }
  if (names.size === 0) {
    throw invalid(
      'it names no host: viewers look for DNS entries among its alternative names (subjectAltName), and find none.',
    );
  }
  if (names.size > namesMax) {
    throw invalid(`it names ${names.size} hosts; at most ${namesMax} are taken.`);
  }
  return [...names];
}

function isName(name: string): boolean {
  return faultOfHostName(name.startsWith('*.') ? name.slice(2) : name) === undefined;
}

function readBlocks(text: string, bytesMax: number, fault: (why: string) => Refusal) {
  const bytes = Buffer.byteLength(text);
  if (bytes > bytesMax) throw fault(`it has ${bytes} bytes; at most ${bytesMax} are taken.`);
  try {
    return readPem(text);
  } catch (error) {
    if (error instanceof PemFault) throw fault(error.message);
    throw error;
  }
}

function latest(dates: readonly Date[]): Instant {
  return instant(Math.max(...dates.map((date) => date.getTime())));
}

function earliest(dates: readonly Date[]): Instant {
  return instant(Math.min(...dates.map((date) => date.getTime())));
}

function invalid(why: string): Refusal {
  return new Refusal('InvalidCertificate', { why });
}

function invalidKey(why: string): Refusal {
  return new Refusal('InvalidCertificateKey', { why });
}
