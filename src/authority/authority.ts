/**
 * The local certificate authority: gives servers certificates that a client trusts once it trusts
 * `ca.pem`. It is made on the first start and kept for good; server certificates are kept too, so a
 * warm start makes none and never loads the library that does.
 *
 * A broken server certificate is made anew, since nobody trusts it by itself. The authority is not:
 * clients may have been told to trust it, so what is wrong with it is for the operator to decide.
 */
import { createHash, createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { isIP, isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Randomness } from '../base/randomness.ts';
import { AuthorityFault, readIfThere, writeDurably } from './files.ts';
import type { CertificateAndKey, Validity } from './issue.ts';

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
}

export type AuthorityPorts = { readonly clock: Clock; readonly randomness: Randomness };

const dayMs = 86_400_000;
const authorityDays = 3_650;
/** More than the days of a server certificate, so that none outlives its authority. */
const authorityRenewalDays = 400;
/** Clients accept 398 days at most of a public authority; some apply that to all. */
const serverDays = 397;
const serverRenewalDays = 30;
/** The clocks of clients may be behind ours. */
const backdatedDays = 1;
const namesMax = 100;
const serialBytes = 16;

/**
 * `directory` holds `ca.pem`, `ca-key.pem` and `certificates/`, and belongs to one process at a
 * time; undefined: nothing is kept. Rejects with an AuthorityFault.
 */
export async function openAuthority(
  directory: string | undefined,
  ports: AuthorityPorts,
): Promise<Authority> {
  const own = directory === undefined ? await makeOwn(ports) : await openOwn(directory, ports);
  const served = new Map<string, Promise<CertificateAndKey>>();
  return {
    certificate: own.certificate,
    certificateFor(names) {
      const wanted = namesOf(names);
      const id = fingerprintOf(own.certificate, ...wanted);
      const path =
        directory === undefined ? undefined : join(directory, 'certificates', `${id}.pem`);
      const earlier = served.get(id)?.catch(() => undefined) ?? Promise.resolve(undefined);
      const next = earlier.then((kept) => serverCertificate(own, wanted, kept, path, ports));
      served.set(id, next);
      return next;
    },
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
  const { validToDate } = checkOwn(own, certificatePath, keyPath);
  if (daysUntil(validToDate, ports.clock) > authorityRenewalDays) return own;
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

async function serverCertificate(
  own: CertificateAndKey,
  names: readonly string[],
  inMemory: CertificateAndKey | undefined,
  path: string | undefined,
  ports: AuthorityPorts,
): Promise<CertificateAndKey> {
  const kept = inMemory ?? (path === undefined ? undefined : await readServerFile(path));
  if (kept !== undefined && isGood(kept, own, names, ports.clock)) return kept;
  const { certifyServer, newKey } = await import('./issue.ts');
  const key = await newKey();
  const certificate = await certifyServer(own, names, key, validity(serverDays, ports));
  if (path !== undefined) {
    await makeFolder(join(path, '..'), 0o700);
    // One file for both, so that no crash leaves the key of another certificate beside it.
    await writeDurably(path, `${certificate}${key}`, 0o600, ports.randomness);
  }
  return { certificate, key };
}

const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/;
const keyBlock = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n/;

async function readServerFile(path: string): Promise<CertificateAndKey | undefined> {
  const text = await readIfThere(path);
  const certificate = certificateBlock.exec(text ?? '')?.[0];
  const key = keyBlock.exec(text ?? '')?.[0];
  return certificate === undefined || key === undefined ? undefined : { certificate, key };
}

function isGood(
  { certificate, key }: CertificateAndKey,
  own: CertificateAndKey,
  names: readonly string[],
  clock: Clock,
): boolean {
  const parsed = parseCertificate(certificate);
  const issuer = parseCertificate(own.certificate);
  if (parsed === undefined || issuer === undefined) return false;
  try {
    return (
      parsed.checkIssued(issuer) &&
      parsed.verify(issuer.publicKey) &&
      parsed.checkPrivateKey(createPrivateKey(key)) &&
      parsed.validFromDate.getTime() <= clock.now() &&
      daysUntil(parsed.validToDate, clock) > serverRenewalDays &&
      names.every((name) => covers(parsed, name))
    );
  } catch {
    return false;
  }
}

function covers(certificate: X509Certificate, name: string): boolean {
  if (isIP(name) !== 0) return certificate.checkIP(name) !== undefined;
  // As text, since a library may not let a wildcard stand for names as short as `any.localhost`.
  return certificate.subjectAltName?.split(', ').includes(`DNS:${name}`) ?? false;
}

function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

const dnsName = /^(?=.{1,253}$)(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_-]{1,63})*$/;

/** In lower case, in the shortest form, each once, sorted. */
function namesOf(names: readonly string[]): readonly string[] {
  const wanted = names
    .map((name) => name.toLowerCase())
    .map((name) => (isIPv6(name) ? shortAddress(name) : name))
    .filter((name) => isIP(name) !== 0 || dnsName.test(name))
    .filter((name) => name !== '0.0.0.0' && name !== '::');
  const distinct = [...new Set(wanted)].sort();
  if (distinct.length === 0 || distinct.length > namesMax) {
    throw new RangeError(`a certificate is for 1 to ${namesMax} names, not ${distinct.length}`);
  }
  return distinct;
}

/** Without a zone, which means something on one machine only. */
function shortAddress(address: string): string {
  const [plain = address] = address.split('%');
  return new URL(`http://[${plain}]`).hostname.slice(1, -1);
}

function fingerprintOf(...texts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, 32);
}

function validity(days: number, { clock, randomness }: AuthorityPorts): Validity {
  const now = clock.now();
  return {
    notBefore: new Date(now - backdatedDays * dayMs),
    notAfter: new Date(now + (days - backdatedDays) * dayMs),
    serial: randomness.bytes(serialBytes),
  };
}

function daysUntil(date: Date, clock: Clock): number {
  return (date.getTime() - clock.now()) / dayMs;
}

async function makeFolder(path: string, mode = 0o777): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AuthorityFault(`The folder ${path} cannot be made: ${why}.`, { cause: error });
  }
}
