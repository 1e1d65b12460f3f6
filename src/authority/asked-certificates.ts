/**
 * The certificates that an edge machine has from an authority elsewhere. What was given is kept, so
 * that an edge that starts while nobody can be asked still answers over TLS; near its end another one
 * is asked for, and the old one serves until that comes.
 */
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { BoundedMap } from '../base/bounded-map.ts';
import type { Authority } from './authority.ts';
import { forgetOldFiles, readCertificateFile, writeCertificateFile } from './certificate-files.ts';
import { AuthorityFault } from './files.ts';
import type { CertificateAndKey } from './issue.ts';
import { type AuthorityPorts, daysLeft } from './validity.ts';

const keptMax = 1_000;
/** The authority gives another one by then. */
const renewalDays = 30;

export type AskAuthority = (names: readonly string[]) => Promise<CertificateAndKey>;

export class AskedCertificates implements Pick<Authority, 'certificateFor' | 'forgetOld'> {
  readonly #ask: AskAuthority;
  readonly #folder: string | undefined;
  readonly #ports: AuthorityPorts;
  readonly #kept = new BoundedMap<string, CertificateAndKey>(keptMax);

  /** `directory` undefined: nothing is kept on disk. */
  constructor(ask: AskAuthority, directory: string | undefined, ports: AuthorityPorts) {
    this.#ask = ask;
    this.#folder = directory === undefined ? undefined : join(directory, 'certificates');
    this.#ports = ports;
  }

  /** Rejects where there is none and none is given. */
  async certificateFor(names: readonly string[]): Promise<CertificateAndKey> {
    const id = createHash('sha256').update(JSON.stringify(names)).digest('hex').slice(0, 32);
    const path = this.#folder === undefined ? undefined : join(this.#folder, `${id}.pem`);
    const kept =
      this.#kept.get(id) ?? (path === undefined ? undefined : await readCertificateFile(path));
    const left = kept === undefined ? -1 : daysOf(kept, this.#ports);
    if (kept !== undefined && left > renewalDays) {
      this.#kept.set(id, kept);
      return kept;
    }
    try {
      const given = await this.#ask(names);
      if (daysOf(given, this.#ports) <= 0) {
        throw new AuthorityFault(`The certificate for ${names.join(', ')} cannot be used.`);
      }
      if (path !== undefined) await writeCertificateFile(path, given, this.#ports.randomness);
      this.#kept.set(id, given);
      return given;
    } catch (error) {
      if (kept !== undefined && left > 0) return kept;
      throw error;
    }
  }

  async forgetOld(): Promise<void> {
    if (this.#folder !== undefined) await forgetOldFiles(this.#folder, this.#ports.clock);
  }
}

/** How many days it is good for; none where it is not, or the key is another's. */
function daysOf({ certificate, key }: CertificateAndKey, { clock }: AuthorityPorts): number {
  try {
    const parsed = new X509Certificate(certificate);
    return parsed.checkPrivateKey(createPrivateKey(key)) ? daysLeft(parsed, clock) : -1;
  } catch {
    return -1;
  }
}
