/**
 * Which certificate a viewer is shown, by the server name it asks for (edge contract 1.2):
 *
 *   a name that the routing table knows ─┬─► imported by the account of its distribution, valid
 *                                        ├─► below the domain of this edge: the default one
 *                                        └─► an alias: one of the local authority, on first use
 *   no name, or any other name ────────────► the default one
 *
 * The authority is asked only for names that stand in the routing table as they are, a wildcard as
 * the wildcard, so nobody can have it make certificates at will. One question a name is under way at
 * a time; a handshake waits for the answer, but not for ever.
 */
import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { BoundedMap } from '../base/bounded-map.ts';
import type { Clock } from '../base/clock.ts';
import type { Recorder } from '../base/recorder.ts';
import { unseal } from '../base/sealing.ts';
import { parseHost } from '../http/host.ts';
import { type Certificate, coversName, isValidAt, sealingContext } from '../model/certificate.ts';
import type { EdgeBounds } from './bounds.ts';
import type { RoutingTable } from './routing-table.ts';
import type { CertificateAndKey } from './settings.ts';
import { rowOf, tlsOptions, type TlsRow, usualRow } from './tls-policy.ts';

/** Of the local authority; undefined where it cannot give one now. Never rejects. */
export type IssueCertificate = (name: string) => Promise<CertificateAndKey | undefined>;

export type CertificatesParts = {
  readonly domain: string;
  readonly defaultCertificate: CertificateAndKey;
  readonly routing: Pick<RoutingTable, 'match' | 'certificates'>;
  readonly issue: IssueCertificate;
  /** Opens the keys of imported certificates. */
  readonly sealingKey: Uint8Array;
  readonly bounds: EdgeBounds;
  readonly clock: Clock;
  readonly recorder: Recorder;
};

type AtLeastOne = readonly [Certificate, ...Certificate[]];

/** `row`: what may be spoken for that name. */
type Choice = { readonly row: TlsRow } & (
  | { readonly kind: 'default' }
  | { readonly kind: 'imported'; readonly certificates: AtLeastOne }
  | { readonly kind: 'issued'; readonly name: string }
);

/** By what may be spoken. */
type Contexts = Map<TlsRow, SecureContext>;

/** `certificate` is undefined where the authority could not give one. */
type Issued = {
  readonly certificate: CertificateAndKey | undefined;
  readonly contexts: Contexts;
  readonly askAgainAt: number;
};

/** What a viewer says at the beginning of a handshake. */
export type Asked = {
  readonly serverName: string;
  /** Whether it can verify a key on an elliptic curve; asked only where that matters. */
  readonly takesEc: () => boolean;
};

/** Undefined: the default certificate. */
type Done = (context: SecureContext | undefined) => void;

const hourMs = 3_600_000;
/** The authority gives another one so long before the end of one. */
const renewalMs = 30 * 24 * hourMs;
const askAgainMs = 10_000;
const toldMax = 1_000;

const defaultChoice: Choice = { kind: 'default', row: usualRow };

export class Certificates {
  readonly #parts: CertificatesParts;
  readonly #defaultNames: readonly string[];
  #defaultCertificate: CertificateAndKey;
  readonly #defaults: Contexts = new Map();
  readonly #imported: BoundedMap<string, Contexts>;
  readonly #issued: BoundedMap<string, Issued>;
  readonly #waiting = new Map<string, Set<() => void>>();
  /** Imported ones that cannot be served with. */
  readonly #broken = new BoundedMap<string, true>(toldMax);
  readonly #toldExpired = new BoundedMap<string, true>(toldMax);
  #seenChanges = 0;

  constructor(parts: CertificatesParts) {
    this.#parts = parts;
    this.#defaultCertificate = parts.defaultCertificate;
    this.#defaultNames = [`*.${parts.domain}`, parts.domain];
    this.#imported = new BoundedMap(parts.bounds.certificatesMax);
    this.#issued = new BoundedMap(parts.bounds.certificatesMax);
  }

  /** Calls `done` once, at once where nothing has to be waited for. */
  contextFor({ serverName, takesEc }: Asked, done: Done): void {
    for (;;) {
      const choice = this.#choose(serverName);
      const { row } = choice;
      if (choice.kind === 'default') return done(this.#defaultContext(row));
      if (choice.kind === 'issued') return this.#issuedFor(choice.name, row, done);
      const context = this.#importedContext(pick(choice.certificates, takesEc), row);
      // One that turned out to be broken is not chosen again.
      if (context !== undefined) return done(context);
    }
  }

  /** The default certificate, for the handshakes that come. */
  renewDefault(renewed: CertificateAndKey): void {
    this.#defaultCertificate = renewed;
    this.#defaults.clear();
  }

  /** What may be spoken with who asks for that name. */
  rowFor(serverName: string): TlsRow {
    const served = this.#servedAt(serverName);
    return served === undefined ? usualRow : rowOf(served.entry.tlsPolicy);
  }

  /** Does the certificate that stands for the server name cover the host? Both in lower case. */
  covers(serverName: string | undefined, host: string): boolean {
    const choice = serverName === undefined ? defaultChoice : this.#choose(serverName);
    if (choice.kind === 'default') return coversName(this.#defaultNames, host);
    if (choice.kind === 'issued') return coversName([choice.name], host);
    return choice.certificates.some(({ names }) => coversName(names, host));
  }

  /** Undefined: no viewer is served under that name. `host`: the name, in lower case. */
  #servedAt(serverName: string) {
    const host = parseHost(serverName);
    if (host.kind !== 'name') return undefined;
    const known = this.#parts.routing.match(host.name);
    return known?.entry.state === 'serving' ? { ...known, host: host.name } : undefined;
  }

  #choose(serverName: string): Choice {
    const served = this.#servedAt(serverName);
    if (served === undefined) return defaultChoice;
    const { entry, host, name } = served;
    const { account, certificateName, tlsPolicy } = entry;
    const row = rowOf(tlsPolicy);
    const groups = this.#parts.routing.certificates.covering(account, host);
    const named = groups.flat().find(({ id }) => id === certificateName);
    if (named !== undefined && this.#isUsable(named)) {
      return { kind: 'imported', row, certificates: [named] };
    }
    for (const group of groups) {
      const [first, ...others] = this.#bestOf(group);
      if (first !== undefined) return { kind: 'imported', row, certificates: [first, ...others] };
    }
    if (coversName(this.#defaultNames, host)) return { kind: 'default', row };
    return { kind: 'issued', row, name };
  }

  /** Undefined: the listener has it. */
  #defaultContext(row: TlsRow): SecureContext | undefined {
    return row === usualRow ? undefined : held(this.#defaults, this.#defaultCertificate, row);
  }

  /** The newest of each kind of key. */
  #bestOf(group: readonly Certificate[]): readonly Certificate[] {
    const usable = group.filter((one) => this.#isUsable(one));
    const best = (['ec', 'rsa'] as const).map((kind) =>
      usable.find(({ keyKind }) => keyKind === kind),
    );
    return best.filter((one) => one !== undefined);
  }

  #isUsable(certificate: Certificate): boolean {
    if (this.#broken.get(keyOf(certificate)) !== undefined) return false;
    if (isValidAt(certificate, this.#parts.clock.now())) return true;
    const { id, names } = certificate;
    if (this.#toldExpired.get(id) === undefined) {
      this.#toldExpired.set(id, true);
      const certificateId = id;
      this.#parts.recorder.warn({ certificateId, names }, 'an imported certificate has expired');
    }
    return false;
  }

  #importedContext(certificate: Certificate, row: TlsRow): SecureContext | undefined {
    const { changes } = this.#parts.routing.certificates;
    if (changes !== this.#seenChanges) {
      // What was deleted goes from memory too.
      this.#imported.clear();
      this.#seenChanges = changes;
    }
    const id = keyOf(certificate);
    const contexts: Contexts = this.#imported.get(id) ?? new Map();
    const known = contexts.get(row);
    if (known !== undefined) return known;
    const key = this.#keyOf(certificate);
    if (key === undefined) return undefined;
    const context = held(contexts, { certificate: certificate.chain, key }, row);
    if (context === undefined) this.#giveUp(certificate, 'TLS cannot serve with it');
    else this.#imported.set(id, contexts);
    return context;
  }

  #keyOf(certificate: Certificate): string | undefined {
    const { sealingKey } = this.#parts;
    const opened = unseal(sealingKey, certificate.sealedKey, sealingContext(certificate));
    if (opened.kind === 'open') return opened.text;
    const lost = 'its key was sealed with another key file; import it again';
    this.#giveUp(certificate, opened.kind === 'other-key' ? lost : 'its sealed key is broken');
    return undefined;
  }

  #giveUp(certificate: Certificate, why: string): void {
    this.#broken.set(keyOf(certificate), true);
    const { id: certificateId, names } = certificate;
    this.#parts.recorder.error(
      { certificateId, names, why },
      'an imported certificate cannot be used',
    );
  }

  #issuedFor(name: string, row: TlsRow, done: Done): void {
    const now = this.#parts.clock.now();
    const issued = this.#issued.get(name);
    if (issued !== undefined && (issued.certificate !== undefined || now < issued.askAgainAt)) {
      done(this.#issuedContext(name, row));
      if (now >= issued.askAgainAt) this.#ask(name);
      return;
    }
    this.#wait(name, row, done);
  }

  /** The default one where there is none. */
  #issuedContext(name: string, row: TlsRow): SecureContext | undefined {
    const issued = this.#issued.get(name);
    return issued?.certificate === undefined
      ? this.#defaultContext(row)
      : held(issued.contexts, issued.certificate, row);
  }

  #wait(name: string, row: TlsRow, done: Done): void {
    const { bounds, clock } = this.#parts;
    const cancel = clock.after(bounds.certificateWaitMsMax, () => {
      this.#waiting.get(name)?.delete(given);
      done(this.#defaultContext(row));
    });
    const given = (): void => {
      cancel();
      done(this.#issuedContext(name, row));
    };
    if (this.#ask(name)) this.#waiting.get(name)?.add(given);
    else given();
  }

  /** False: too much is asked for already. */
  #ask(name: string): boolean {
    if (this.#waiting.has(name)) return true;
    if (this.#waiting.size >= this.#parts.bounds.certificatesAskedMax) return false;
    this.#waiting.set(name, new Set());
    void this.#parts.issue(name).then((issued) => this.#receive(name, issued));
    return true;
  }

  #receive(name: string, issued: CertificateAndKey | undefined): void {
    const now = this.#parts.clock.now();
    const contexts: Contexts = new Map();
    if (issued !== undefined && held(contexts, issued, usualRow) !== undefined) {
      const end = new X509Certificate(issued.certificate).validToDate.getTime();
      const askAgainAt = Math.max(end - renewalMs, now + hourMs);
      this.#issued.set(name, { certificate: issued, contexts, askAgainAt });
    } else {
      const before = this.#issued.get(name) ?? { certificate: undefined, contexts };
      this.#issued.set(name, { ...before, askAgainAt: now + askAgainMs });
    }
    const waiting = this.#waiting.get(name) ?? [];
    this.#waiting.delete(name);
    for (const given of waiting) given();
  }
}

function keyOf({ id, sealedKey }: Certificate): string {
  return `${id}/${sealedKey.keyId}`;
}

/**
 * One on a curve where there is one and the viewer takes it, since it costs both less (rule 12). Node
 * gives a handshake one certificate alone, so OpenSSL cannot choose by itself.
 */
function pick([first, ...others]: AtLeastOne, takesEc: () => boolean): Certificate {
  if (others.length === 0) return first;
  const wanted = takesEc() ? 'ec' : 'rsa';
  return [first, ...others].find(({ keyKind }) => keyKind === wanted) ?? first;
}

/** Made on first use; undefined where OpenSSL takes it not, whose words could be about a key and are not kept. */
function held(
  contexts: Contexts,
  { certificate, key }: CertificateAndKey,
  row: TlsRow,
): SecureContext | undefined {
  const known = contexts.get(row);
  if (known !== undefined) return known;
  try {
    const made = createSecureContext({ ...tlsOptions(row), ca: [], cert: certificate, key });
    contexts.set(row, made);
    return made;
  } catch {
    return undefined;
  }
}
