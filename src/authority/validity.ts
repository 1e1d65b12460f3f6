/** From when to when certificates are valid, and what is left of that. */
import type { X509Certificate } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import type { Randomness } from '../base/randomness.ts';
import type { Validity } from './issue.ts';

export type AuthorityPorts = { readonly clock: Clock; readonly randomness: Randomness };

export const dayMs = 86_400_000;
/** The clocks of clients may be behind ours. */
const backdatedDays = 1;
const serialBytes = 16;

/** From now on for so many days, those that lie before now included. */
export function validity(days: number, { clock, randomness }: AuthorityPorts): Validity {
  const now = clock.now();
  return {
    notBefore: new Date(now - backdatedDays * dayMs),
    notAfter: new Date(now + (days - backdatedDays) * dayMs),
    serial: randomness.bytes(serialBytes),
  };
}

export function daysLeft({ validToDate }: X509Certificate, clock: Clock): number {
  return (validToDate.getTime() - clock.now()) / dayMs;
}
