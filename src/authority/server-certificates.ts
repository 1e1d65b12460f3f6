/**
 * The certificates that the authority gives to servers: the ones of before as long as they are good,
 * else new ones. Many may be asked for at once, on the first use of many names; equal wishes share
 * one answer, and few certificates are made at a time, so that the thread has time for other things
 * in between. What is kept in memory and on disk is bounded.
 */
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { BoundedMap } from '../base/bounded-map.ts';
import type { Clock } from '../base/clock.ts';
import {
  forgetOldFiles,
  readCertificateFile,
  serverDays,
  writeCertificateFile,
} from './certificate-files.ts';
import type { CertificateAndKey } from './issue.ts';
import { type AuthorityPorts, daysLeft, validity } from './validity.ts';

const renewalDays = 30;
const keptMax = 1_000;
const madeAtOnceMax = 2;

export class ServerCertificates {
  readonly #own: CertificateAndKey;
  /** Undefined: nothing is kept on disk. */
  readonly #folder: string | undefined;
  readonly #ports: AuthorityPorts;
  readonly #kept = new BoundedMap<string, CertificateAndKey>(keptMax);
  readonly #underWay = new Map<string, Promise<CertificateAndKey>>();
  #beingMade = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(own: CertificateAndKey, folder: string | undefined, ports: AuthorityPorts) {
    this.#own = own;
    this.#folder = folder;
    this.#ports = ports;
  }

  /** `names` as `namesOf` gives them. Rejects with an AuthorityFault. */
  certificateFor(names: readonly string[]): Promise<CertificateAndKey> {
    const id = idOf(this.#own, names);
    const asked = this.#underWay.get(id);
    if (asked !== undefined) return asked;
    const given = this.#give(id, names).finally(() => this.#underWay.delete(id));
    this.#underWay.set(id, given);
    return given;
  }

  /** Removes files that nobody can use any more, and the oldest where there are too many. */
  async forgetOld(): Promise<void> {
    if (this.#folder !== undefined) await forgetOldFiles(this.#folder, this.#ports.clock);
  }

  async #give(id: string, names: readonly string[]): Promise<CertificateAndKey> {
    const { clock } = this.#ports;
    const path = this.#folder === undefined ? undefined : join(this.#folder, `${id}.pem`);
    const kept =
      this.#kept.get(id) ?? (path === undefined ? undefined : await readCertificateFile(path));
    const good = kept !== undefined && isGood(kept, this.#own, names, clock);
    const given = good ? kept : await this.#make(names, path);
    this.#kept.set(id, given);
    return given;
  }

  async #make(names: readonly string[], path: string | undefined): Promise<CertificateAndKey> {
    await this.#turn();
    try {
      const { certifyServer, newKey } = await import('./issue.ts');
      const key = await newKey();
      const valid = validity(serverDays, this.#ports);
      const certificate = await certifyServer(this.#own, names, key, valid);
      const made = { certificate, key };
      if (path !== undefined) await writeCertificateFile(path, made, this.#ports.randomness);
      return made;
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#beingMade -= 1;
      else next();
    }
  }

  /** The one that ends hands its place on, so there never is one too many. */
  async #turn(): Promise<void> {
    if (this.#beingMade < madeAtOnceMax) this.#beingMade += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

function idOf(own: CertificateAndKey, names: readonly string[]): string {
  const texts = JSON.stringify([own.certificate, ...names]);
  return createHash('sha256').update(texts).digest('hex').slice(0, 32);
}

function isGood(
  { certificate, key }: CertificateAndKey,
  own: CertificateAndKey,
  names: readonly string[],
  clock: Clock,
): boolean {
  try {
    const parsed = new X509Certificate(certificate);
    const issuer = new X509Certificate(own.certificate);
    return (
      parsed.checkIssued(issuer) &&
      parsed.verify(issuer.publicKey) &&
      parsed.checkPrivateKey(createPrivateKey(key)) &&
      parsed.validFromDate.getTime() <= clock.now() &&
      daysLeft(parsed, clock) > renewalDays &&
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
