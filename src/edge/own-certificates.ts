/** The certificates that accounts imported, as this edge knows them: found by account and host name. */
import type { Certificate } from '../model/certificate.ts';

export class OwnCertificates {
  readonly #byId = new Map<string, Certificate>();
  /** Under account and name, the newest first. */
  readonly #byName = new Map<string, readonly Certificate[]>();
  #changes = 0;

  /** Counts the changes, so that what was made of them can be made anew. */
  get changes(): number {
    return this.#changes;
  }

  /** Undefined removes. */
  set(id: string, certificate: Certificate | undefined): void {
    const before = this.#byId.get(id);
    if (before !== undefined) this.#unlink(before);
    this.#changes += 1;
    if (certificate === undefined) {
      this.#byId.delete(id);
      return;
    }
    this.#byId.set(id, certificate);
    for (const name of certificate.names) {
      const key = keyOf(certificate.account, name);
      const all = [...(this.#byName.get(key) ?? []), certificate];
      this.#byName.set(key, all.toSorted(newestFirst));
    }
  }

  /**
   * Those that cover the host, in groups of which an earlier one goes before a later one: by its
   * very name, then by a wildcard. `host` in lower case.
   */
  covering(account: string, host: string): readonly (readonly Certificate[])[] {
    if (this.#byId.size === 0) return [];
    const dot = host.indexOf('.');
    const names = dot < 0 ? [host] : [host, `*${host.slice(dot)}`];
    return names
      .map((name) => this.#byName.get(keyOf(account, name)))
      .filter((group) => group !== undefined);
  }

  /** A whole state in the place of this one; the count of changes goes on. */
  replacedBy(all: Iterable<{ readonly document: Certificate }>): OwnCertificates {
    const next = new OwnCertificates();
    for (const { document } of all) next.set(document.id, document);
    next.#changes += this.#changes + 1;
    return next;
  }

  #unlink({ account, id, names }: Certificate): void {
    for (const name of names) {
      const key = keyOf(account, name);
      const left = (this.#byName.get(key) ?? []).filter((one) => one.id !== id);
      if (left.length === 0) this.#byName.delete(key);
      else this.#byName.set(key, left);
    }
  }
}

function keyOf(account: string, name: string): string {
  return `${account} ${name}`;
}

function newestFirst(a: Certificate, b: Certificate): number {
  return b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1);
}
