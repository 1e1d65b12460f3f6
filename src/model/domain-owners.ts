/** Who has a domain: over all accounts, one distribution of either kind, or one distribution tenant. */
import type { AccountId } from './ids.ts';

export type DomainOwner = {
  readonly kind: 'distribution' | 'distribution-tenant';
  readonly account: AccountId;
  readonly id: string;
};

export class DomainOwners {
  readonly #owners = new Map<string, DomainOwner>();

  find(domain: string): DomainOwner | undefined {
    return this.#owners.get(domain);
  }

  all(): Iterable<readonly [domain: string, owner: DomainOwner]> {
    return this.#owners;
  }

  /** From now on the owner has `now`; `before`: what it had. */
  set(owner: DomainOwner, before: readonly string[], now: readonly string[]): void {
    for (const domain of before) {
      // While catching up, the next owner may have been folded before this one let go.
      if (this.#owners.get(domain)?.id === owner.id) this.#owners.delete(domain);
    }
    for (const domain of now) this.#owners.set(domain, owner);
  }
}
