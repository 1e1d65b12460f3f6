/**
 * The local certificate authority: gives servers certificates that a client trusts once it trusts
 * `ca.pem`. It is made on the first start and kept for good; server certificates are kept too, so a
 * warm start makes none and never loads the library that does.
 *
 * A broken server certificate is made anew, since nobody trusts it by itself. The authority is not:
 * clients may have been told to trust it, so what is wrong with it is for the operator to decide.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type KeyObject,
  X509Certificate,
} from 'node:crypto';
import { join } from 'node:path';
import { type Instant, instant } from '../base/clock.ts';
import { namesOf } from './certificate-names.ts';
import { AuthorityFault, makeFolder, readIfThere, writeDurably } from './files.ts';
import type { CertificateAndKey } from './issue.ts';
import { ServerCertificates } from './server-certificates.ts';
import { type AuthorityPorts, daysLeft, validity } from './validity.ts';

export interface Authority {
  /** The authority's own certificate in PEM: what clients have to trust. */
  readonly certificate: string;
  /**
   * A certificate for these host names (`*.` may lead) and addresses, and its key, both in PEM: the
   * one of before, unless it ends within 30 days. Names that no certificate can hold, and addresses
   * such as `0.0.0.0` that nobody asks for, are left out; at least one has to remain, at most 100.
   * Rejects with an AuthorityFault where it cannot be kept.
   */
  certificateFor(names: readonly string[]): Promise<CertificateAndKey>;
  /**
   * A certificate in PEM for the edge of that name, with this authority's behind it, and when it
   * ends; `publicKey` is of P-256.
   */
  certifyEdge(name: string, publicKey: KeyObject): Promise<EdgeCertificate>;
  /** What this authority and the holder of the other key know together, and nobody else (ECDH). */
  agreeWith(publicKey: KeyObject): Uint8Array;
  /** Removes what was kept of certificates that have ended. */
  forgetOld(): Promise<void>;
}

export type EdgeCertificate = { readonly certificate: string; readonly endsAt: Instant };

const authorityDays = 3_650;
/** No edge need be given another in the midst of a year. */
const edgeDays = 397;
/** More than the days of what it signs, so that nothing outlives its authority. */
const authorityRenewalDays = 400;

/**
 * `directory` holds `ca.pem`, `ca-key.pem` and `certificates/`, and belongs to one process at a
 * time; undefined: nothing is kept. Rejects with an AuthorityFault.
 */
export async function openAuthority(
  directory: string | undefined,
  ports: AuthorityPorts,
): Promise<Authority> {
  const own = directory === undefined ? await makeOwn(ports) : await openOwn(directory, ports);
  const folder = directory === undefined ? undefined : join(directory, 'certificates');
  const served = new ServerCertificates(own, folder, ports);
  return {
    certificate: own.certificate,
    certificateFor: (names) => served.certificateFor(namesOf(names)),
    async certifyEdge(name, publicKey) {
      const { certifyEdge } = await import('./issue.ts');
      const valid = validity(edgeDays, ports);
      const certificate = await certifyEdge(own, name, publicKey, valid);
      return {
        certificate: `${certificate}${own.certificate}`,
        endsAt: instant(valid.notAfter.getTime()),
      };
    },
    agreeWith: (publicKey) => diffieHellman({ privateKey: createPrivateKey(own.key), publicKey }),
    forgetOld: () => served.forgetOld(),
  };
}

async function openOwn(directory: string, ports: AuthorityPorts): Promise<CertificateAndKey> {
  const certificatePath = join(directory, 'ca.pem');
  const keyPath = join(directory, 'ca-key.pem');
  await makeFolder(directory);
  const [certificate, key] = await Promise.all([
    readIfThere(certificatePath),
    readIfThere(keyPath),
  ]);
  if (key !== undefined) checkKey(key, keyPath);
  if (certificate === undefined) {
    // A key alone is what a first start leaves that was cut short.
    const made = await makeOwn(ports, key);
    if (key === undefined) await writeDurably(keyPath, made.key, 0o600, ports.randomness);
    await writeDurably(certificatePath, made.certificate, 0o644, ports.randomness);
    return made;
  }
  if (key === undefined) {
    throw new AuthorityFault(
      `${keyPath} is missing, so nothing can be signed for the authority in ${certificatePath}. ` +
        `Restore it, or delete ${certificatePath} too; then a new authority is made, which clients have to be told to trust.`,
    );
  }
  const own = { certificate, key };
  const parsed = checkOwn(own, certificatePath, keyPath);
  if (daysLeft(parsed, ports.clock) > authorityRenewalDays) return own;
  // With the same key and name, so that what was signed before stays good.
  const renewed = await makeOwn(ports, key);
  await writeDurably(certificatePath, renewed.certificate, 0o644, ports.randomness);
  return renewed;
}

async function makeOwn(ports: AuthorityPorts, kept?: string): Promise<CertificateAndKey> {
  const { certifyAuthority, newKey } = await import('./issue.ts');
  const key = kept ?? (await newKey());
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'pem' });
  // The name tells the authorities of two data directories apart.
  const name = `Warmfront local authority ${fingerprintOf(String(publicKey)).slice(0, 8)}`;
  return { certificate: await certifyAuthority(name, key, validity(authorityDays, ports)), key };
}

function checkKey(key: string, path: string): void {
  try {
    const { asymmetricKeyDetails, asymmetricKeyType } = createPrivateKey(key);
    if (asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1') return;
  } catch {
    // Told below; the library's own words could hold a part of the key.
  }
  throw new AuthorityFault(
    `${path} holds no private key of P-256 in PEM. Restore it, or delete it and ca.pem beside it; then a new authority is made, which clients have to be told to trust.`,
  );
}

function checkOwn(
  { certificate, key }: CertificateAndKey,
  certificatePath: string,
  keyPath: string,
): X509Certificate {
  const parsed = parseCertificate(certificate);
  if (parsed === undefined || !parsed.ca) {
    throw new AuthorityFault(
      `${certificatePath} holds no certificate of an authority. Restore it, or delete it: then it is made anew from ${keyPath}.`,
    );
  }
  if (!parsed.checkPrivateKey(createPrivateKey(key))) {
    throw new AuthorityFault(
      `${keyPath} is not the key of ${certificatePath}. Restore the right one, or delete both; then a new authority is made, which clients have to be told to trust.`,
    );
  }
  return parsed;
}

function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function fingerprintOf(text: string): string {
  return createHash('sha256')
    .update(JSON.stringify([text]))
    .digest('hex');
}
