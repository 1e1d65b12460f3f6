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
import { tlsPolicy } from './tls-policy.ts';

/** Of the local authority; undefined where it cannot give one now. Never rejects. */
export type IssueCertificate = (name: string) => Promise<CertificateAndKey | undefined>;

export type CertificatesParts = {
  readonly domain: string;
  readonly routing: Pick<RoutingTable, 'match' | 'certificates'>;
  readonly issue: IssueCertificate;
  /** Opens the keys of imported certificates. */
  readonly sealingKey: Uint8Array;
  readonly bounds: EdgeBounds;
  readonly clock: Clock;
  readonly recorder: Recorder;
};

type AtLeastOne = readonly [Certificate, ...Certificate[]];

type Choice =
  | { readonly kind: 'default' }
  | { readonly kind: 'imported'; readonly certificates: AtLeastOne }
  | { readonly kind: 'issued'; readonly name: string };

/** `context` is undefined where the authority could not give one. */
type Issued = { readonly context: SecureContext | undefined; readonly askAgainAt: number };

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

const defaultChoice: Choice = { kind: 'default' };

export class Certificates {
  readonly #parts: CertificatesParts;
  readonly #defaultNames: readonly string[];
  readonly #imported: BoundedMap<string, SecureContext>;
  readonly #issued: BoundedMap<string, Issued>;
  readonly #waiting = new Map<string, Set<Done>>();
  /** Imported ones that cannot be served with. */
  readonly #broken = new BoundedMap<string, true>(toldMax);
  readonly #toldExpired = new BoundedMap<string, true>(toldMax);
  #seenChanges = 0;

  constructor(parts: CertificatesParts) {
    this.#parts = parts;
    this.#defaultNames = [`*.${parts.domain}`, parts.domain];
    this.#imported = new BoundedMap(parts.bounds.certificatesMax);
    this.#issued = new BoundedMap(parts.bounds.certificatesMax);
  }

  /** Calls `done` once, at once where nothing has to be waited for. */
  contextFor({ serverName, takesEc }: Asked, done: Done): void {
    for (;;) {
      const choice = this.#choose(serverName);
      if (choice.kind === 'default') return done(undefined);
      if (choice.kind === 'issued') return this.#issuedFor(choice.name, done);
      const context = this.#importedContext(pick(choice.certificates, takesEc));
      // One that turned out to be broken is not chosen again.
      if (context !== undefined) return done(context);
    }
  }

  /** Does the certificate that stands for the server name cover the host? Both in lower case. */
  covers(serverName: string | undefined, host: string): boolean {
    const choice = serverName === undefined ? defaultChoice : this.#choose(serverName);
    if (choice.kind === 'default') return coversName(this.#defaultNames, host);
    if (choice.kind === 'issued') return coversName([choice.name], host);
    return choice.certificates.some(({ names }) => coversName(names, host));
  }

  #choose(serverName: string): Choice {
    const { routing } = this.#parts;
    const host = parseHost(serverName);
    if (host.kind !== 'name') return defaultChoice;
    const known = routing.match(host.name);
    if (known === undefined || known.entry.state !== 'serving') return defaultChoice;
    for (const group of routing.certificates.covering(known.entry.account, host.name)) {
      const [first, ...others] = this.#bestOf(group);
      if (first !== undefined) return { kind: 'imported', certificates: [first, ...others] };
    }
    if (coversName(this.#defaultNames, host.name)) return defaultChoice;
    return { kind: 'issued', name: known.name };
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

  #importedContext(certificate: Certificate): SecureContext | undefined {
    const { changes } = this.#parts.routing.certificates;
    if (changes !== this.#seenChanges) {
      // What was deleted goes from memory too.
      this.#imported.clear();
      this.#seenChanges = changes;
    }
    const id = keyOf(certificate);
    const held = this.#imported.get(id);
    if (held !== undefined) return held;
    const key = this.#keyOf(certificate);
    if (key === undefined) return undefined;
    const context = contextOf({ certificate: certificate.chain, key });
    if (context === undefined) this.#giveUp(certificate, 'TLS cannot serve with it');
    else this.#imported.set(id, context);
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

  #issuedFor(name: string, done: Done): void {
    const now = this.#parts.clock.now();
    const held = this.#issued.get(name);
    if (held !== undefined && (held.context !== undefined || now < held.askAgainAt)) {
      done(held.context);
      if (now >= held.askAgainAt) this.#ask(name);
      return;
    }
    this.#wait(name, done);
  }

  #wait(name: string, done: Done): void {
    const { bounds, clock } = this.#parts;
    const cancel = clock.after(bounds.certificateWaitMsMax, () => {
      this.#waiting.get(name)?.delete(given);
      done(undefined);
    });
    const given: Done = (context) => {
      cancel();
      done(context);
    };
    if (this.#ask(name)) this.#waiting.get(name)?.add(given);
    else given(undefined);
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
    const context = issued === undefined ? undefined : contextOf(issued);
    if (issued !== undefined && context !== undefined) {
      const end = new X509Certificate(issued.certificate).validToDate.getTime();
      this.#issued.set(name, { context, askAgainAt: Math.max(end - renewalMs, now + hourMs) });
    } else {
      const before = this.#issued.get(name)?.context;
      this.#issued.set(name, { context: before, askAgainAt: now + askAgainMs });
    }
    const waiting = this.#waiting.get(name) ?? [];
    this.#waiting.delete(name);
    for (const done of waiting) done(this.#issued.get(name)?.context);
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

/** Undefined where OpenSSL takes it not; its words could be about a key, and are not kept. */
function contextOf({ certificate, key }: CertificateAndKey): SecureContext | undefined {
  try {
    return createSecureContext({ ...tlsPolicy, ca: [], cert: certificate, key });
  } catch {
    return undefined;
  }
}
