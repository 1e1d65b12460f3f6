/**
 * The contract of the log as one suite, to be run on every home. It sees a home only through
 * `ChangeLog`, opens and closes it, and knows nothing of how it keeps what it keeps.
 */
import { appendingContract } from './appending.ts';
import { forgettingContract } from './forgetting.ts';
import type { MakeHome } from './home.ts';
import { lifetimeContract } from './lifetime.ts';
import { limitsContract } from './limits.ts';
import { closingContract, readingContract } from './reading.ts';

export function logContract(name: string, makeHome: MakeHome): void {
  appendingContract(name, makeHome);
  limitsContract(name, makeHome);
  readerContract(name, makeHome);
  lifetimeContract(name, makeHome);
}

/** The part that a reader at a distance keeps too; `Home.reader` says how the log is reached. */
export function readerContract(name: string, makeHome: MakeHome): void {
  readingContract(name, makeHome);
  closingContract(name, makeHome);
  forgettingContract(name, makeHome);
}
