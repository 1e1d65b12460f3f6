/**
 * The addresses of origin names (edge contract 10.2, rule 5). The machine's own resolver is asked,
 * so that its hosts file and search rules hold. It does not tell how long an answer may be kept;
 * each is kept for the shortest time the contract knows, and a name that can no longer be looked up
 * keeps its last good addresses for a while.
 *
 * Addresses are judged here, after the look-up and for the very connection they are used for: a
 * name that changes its address between a check and its use gains nothing.
 */
import { lookup as lookUpOnce } from 'node:dns';
import { isIP } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { OriginFailure } from './origin-failure.ts';
import { isPublicAddress } from './public-address.ts';

export type Address = { readonly address: string; readonly family: number };

export type ResolverParts = {
  readonly clock: Clock;
  /** Asks the machine; for tests. */
  readonly ask?: (name: string) => Promise<readonly Address[]>;
};

type Known = { readonly addresses: readonly Address[]; readonly askedMs: number };

const keptMs = 5_000;
const keptAfterFailureMs = 60_000;
const namesMax = 1_000;

export class NameResolver {
  readonly #clock: Clock;
  readonly #ask: (name: string) => Promise<readonly Address[]>;
  readonly #known = new Map<string, Known>();
  readonly #asking = new Map<string, Promise<readonly Address[]>>();

  constructor({ ask = askMachine, clock }: ResolverParts) {
    this.#clock = clock;
    this.#ask = ask;
  }

  /** At least one address: all there are, or the public ones. Rejects with an `OriginFailure`. */
  async resolve(name: string, allowed: 'all' | 'public'): Promise<readonly Address[]> {
    const family = isIP(name);
    const addresses = family === 0 ? await this.#addresses(name) : [{ address: name, family }];
    if (addresses.length === 0) throw noAddress();
    if (allowed === 'all') return addresses;
    const safe = addresses.filter(({ address }) => isPublicAddress(address));
    if (safe.length === 0) {
      throw new OriginFailure('connect', 'private-address', { retryable: false });
    }
    return safe;
  }

  async #addresses(name: string): Promise<readonly Address[]> {
    const known = this.#known.get(name);
    const agedMs = known === undefined ? Infinity : this.#clock.monotonicMs() - known.askedMs;
    if (known !== undefined && agedMs < keptMs) return known.addresses;
    try {
      return await this.#askTogether(name);
    } catch (cause) {
      if (known !== undefined && agedMs < keptAfterFailureMs) return known.addresses;
      throw new OriginFailure('dns', 'no-address', { retryable: false, cause });
    }
  }

  /** Whoever asks for a name that is being asked for shares the answer. */
  #askTogether(name: string): Promise<readonly Address[]> {
    const under = this.#asking.get(name);
    if (under !== undefined) return under;
    const asked = this.#ask(name)
      .then((addresses) => {
        this.#remember(name, addresses);
        return addresses;
      })
      .finally(() => this.#asking.delete(name));
    this.#asking.set(name, asked);
    return asked;
  }

  #remember(name: string, addresses: readonly Address[]): void {
    this.#known.delete(name);
    this.#known.set(name, { addresses, askedMs: this.#clock.monotonicMs() });
    const [oldest] = this.#known.keys();
    if (this.#known.size > namesMax && oldest !== undefined) this.#known.delete(oldest);
  }
}

function noAddress(): OriginFailure {
  return new OriginFailure('dns', 'no-address', { retryable: false });
}

function askMachine(name: string): Promise<readonly Address[]> {
  return new Promise((resolve, reject) => {
    lookUpOnce(name, { all: true }, (error, addresses) => {
      if (error === null) resolve(addresses);
      else reject(error);
    });
  });
}
