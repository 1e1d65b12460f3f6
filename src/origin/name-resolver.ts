/**
 * The addresses of origin names (edge contract 10.2, rule 5). The machine's own resolver is asked,
 * so that its hosts file and search rules hold. It does not tell how long an answer may be kept;
 * each is kept for the shortest time the contract knows. A name that can no longer be looked up keeps
 * its last good addresses for a while. A failure is remembered for a moment, so that a resolver that
 * is down or slow is not asked for each request.
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

type Known = {
  readonly askedMs: number;
  /** The last good answer, and when it came. */
  readonly good: { readonly addresses: readonly Address[]; readonly atMs: number } | undefined;
  /** Of the latest look-up, where it failed. */
  readonly failure: unknown;
};

const keptMs = 5_000;
const keptAfterFailureMs = 60_000;
const failureKeptMs = 1_000;
const namesMax = 1_000;

export class NameResolver {
  readonly #clock: Clock;
  readonly #ask: (name: string) => Promise<readonly Address[]>;
  readonly #known = new Map<string, Known>();
  readonly #asking = new Map<string, Promise<Known>>();

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
    const earlier = this.#known.get(name);
    const known = isCurrent(earlier, this.#clock.monotonicMs())
      ? earlier
      : await this.#askTogether(name);
    const { failure, good } = known;
    if (good !== undefined) {
      const agedMs = this.#clock.monotonicMs() - good.atMs;
      if (failure === undefined || agedMs < keptAfterFailureMs) return good.addresses;
    }
    throw new OriginFailure('dns', 'no-address', { retryable: false, cause: failure });
  }

  /** Whoever asks for a name that is being asked for shares the answer. */
  #askTogether(name: string): Promise<Known> {
    const under = this.#asking.get(name);
    if (under !== undefined) return under;
    const asked = this.#askAndRemember(name).finally(() => this.#asking.delete(name));
    this.#asking.set(name, asked);
    return asked;
  }

  async #askAndRemember(name: string): Promise<Known> {
    let known: Known;
    try {
      const addresses = await this.#ask(name);
      const atMs = this.#clock.monotonicMs();
      known = { askedMs: atMs, good: { addresses, atMs }, failure: undefined };
    } catch (failure) {
      const askedMs = this.#clock.monotonicMs();
      known = { askedMs, good: this.#known.get(name)?.good, failure };
    }
    this.#known.delete(name);
    this.#known.set(name, known);
    const [oldest] = this.#known.keys();
    if (this.#known.size > namesMax && oldest !== undefined) this.#known.delete(oldest);
    return known;
  }
}

function isCurrent(known: Known | undefined, nowMs: number): known is Known {
  if (known === undefined) return false;
  return nowMs - known.askedMs < (known.failure === undefined ? keptMs : failureKeptMs);
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
