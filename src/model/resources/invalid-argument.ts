/** The most common no about a member of a request. */
import { Refusal } from '../refusal.ts';

/** `member` begins a sentence: `The parameter Name`. */
export function invalidArgument(member: string, why: string): never {
  throw new Refusal('InvalidArgument', { member, why });
}

const name = /^[A-Za-z0-9_-]{1,64}$/;

/** Names that are part of addresses. */
export function checkPlainName(given: string): void {
  if (name.test(given)) return;
  invalidArgument('The parameter Name', 'it takes 1 to 64 letters, digits, _ and -');
}
