/**
 * Who may hold a connection: so many in all, so many from one address, so many new ones in a second
 * from one address. For IPv6 an address is its /64, which is what one household or one machine has.
 *
 * What is remembered is bounded by what is admitted: an address is known while it holds a connection,
 * and those of the current second up to `ratedAddressesMax`; beyond that many at once, single ones
 * are no longer the danger, and the bound on all connections holds.
 */
import { isIPv6 } from 'node:net';
import type { Clock } from '../base/clock.ts';
import type { Recorder } from '../base/recorder.ts';
import type { EdgeBounds } from './bounds.ts';

export type AdmissionParts = {
  readonly bounds: Pick<
    EdgeBounds,
    'connectionsMax' | 'connectionsPerAddressMax' | 'connectionsPerAddressSMax'
  >;
  readonly clock: Clock;
  readonly recorder: Recorder;
};

/** Gives the place back; called once, when the connection is over. */
export type Release = () => void;

const ratedAddressesMax = 65_536;
const secondMs = 1_000;
const quietMs = 10_000;

export class Admission {
  readonly #parts: AdmissionParts;
  #open = 0;
  readonly #openOf = new Map<string, number>();
  readonly #newOf = new Map<string, number>();
  #secondEndsMs = 0;
  #quietUntilMs = Number.NEGATIVE_INFINITY;
  #refused = 0;

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
  }

  get open(): number {
    return this.#open;
  }

  /** Undefined: there is no room for it. */
  admit(remoteAddress: string | undefined): Release | undefined {
    const { connectionsMax, connectionsPerAddressMax, connectionsPerAddressSMax } =
      this.#parts.bounds;
    if (this.#open >= connectionsMax) return this.#refuse('all', remoteAddress);
    const key = addressKey(remoteAddress);
    if (key === undefined) return this.#take(undefined);
    const open = this.#openOf.get(key) ?? 0;
    if (connectionsPerAddressMax > 0 && open >= connectionsPerAddressMax) {
      return this.#refuse('of its address', remoteAddress);
    }
    if (connectionsPerAddressSMax > 0 && !this.#isSlowEnough(key, connectionsPerAddressSMax)) {
      return this.#refuse('of its address in a second', remoteAddress);
    }
    return this.#take(key);
  }

  #take(key: string | undefined): Release {
    this.#open += 1;
    if (key !== undefined) this.#openOf.set(key, (this.#openOf.get(key) ?? 0) + 1);
    return () => {
      this.#open -= 1;
      if (key === undefined) return;
      const left = (this.#openOf.get(key) ?? 1) - 1;
      if (left > 0) this.#openOf.set(key, left);
      else this.#openOf.delete(key);
    };
  }

  #isSlowEnough(key: string, max: number): boolean {
    const nowMs = this.#parts.clock.monotonicMs();
    if (nowMs >= this.#secondEndsMs) {
      this.#newOf.clear();
      this.#secondEndsMs = nowMs + secondMs;
    }
    const begun = this.#newOf.get(key) ?? 0;
    if (begun >= max) return false;
    if (begun > 0 || this.#newOf.size < ratedAddressesMax) this.#newOf.set(key, begun + 1);
    return true;
  }

  /** A flood is told once in ten seconds, with how much more of it there was. */
  #refuse(bound: string, address: string | undefined): undefined {
    const { clock, recorder } = this.#parts;
    const nowMs = clock.monotonicMs();
    this.#refused += 1;
    if (nowMs < this.#quietUntilMs) return;
    this.#quietUntilMs = nowMs + quietMs;
    const refused = this.#refused;
    this.#refused = 0;
    recorder.warn({ bound, address, refused }, 'connections of viewers were closed at a bound');
  }
}

/**
 * Undefined for `127.0.0.1` and `::1`, which are the operator's own: a proxy before the edge, a
 * benchmark. Other addresses of loopback are addresses like any.
 */
export function addressKey(remoteAddress: string | undefined): string | undefined {
  const address = (remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (address === '::1' || address === '127.0.0.1') return undefined;
  return isIPv6(address) ? network64(address) : address;
}

/** The first four groups, written in one way. */
function network64(address: string): string {
  const [before = '', after] = address.toLowerCase().split('::');
  const left = before === '' ? [] : before.split(':');
  const right = after === undefined || after === '' ? [] : after.split(':');
  const missing = after === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array.from({ length: Math.max(0, missing) }, () => '0'), ...right];
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
