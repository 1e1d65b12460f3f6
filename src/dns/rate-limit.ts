/**
 * Answers over UDP go wherever a packet says that it came from, so they are rationed by network: what
 * is past the ration is not answered, but for every second one, which is told to come by TCP. So a
 * resolver whose network is being used by a forger still gets through.
 */
import { isIPv4 } from 'node:net';
import type { Clock } from '../base/clock.ts';

export type Verdict = 'answer' | 'truncate' | 'drop';

export const answersPerSMax = 200;
/** So many networks are remembered in one second; those that come after share one ration. */
const networksMax = 65_536;
const others = 'others';

export class RateLimit {
  readonly #clock: Clock;
  #second = -1;
  #counts = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  judge(address: string): Verdict {
    const second = Math.floor(this.#clock.monotonicMs() / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#counts = new Map();
    }
    const own = networkOf(address);
    const network = this.#counts.has(own) || this.#counts.size < networksMax ? own : others;
    const count = (this.#counts.get(network) ?? 0) + 1;
    this.#counts.set(network, count);
    if (count <= answersPerSMax) return 'answer';
    return count % 2 === 0 ? 'truncate' : 'drop';
  }
}

/** A /24 of IPv4, a /56 of IPv6. */
function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:/, '').replace(/%.*$/, '');
  if (isIPv4(plain)) return plain.slice(0, plain.lastIndexOf('.'));
  const [head = '', tail = ''] = plain.split('::');
  const first = head.split(':').filter((group) => group !== '');
  const last = tail.split(':').filter((group) => group !== '');
  const zeros = plain.includes('::') ? Math.max(0, 8 - first.length - last.length) : 0;
  const groups = [...first, ...Array.from({ length: zeros }, () => '0'), ...last];
  const fourth = Number.parseInt(groups[3] ?? '0', 16) >> 8;
  return `${groups.slice(0, 3).join(':')}:${fourth}`;
}
