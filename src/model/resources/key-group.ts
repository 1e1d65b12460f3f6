/** A key group: the public keys that may have signed what a behavior serves. */
import { checkComment } from '../check-config.ts';
import type { Limits } from '../limits.ts';
import { Refusal } from '../refusal.ts';
import { invalidArgument } from './invalid-argument.ts';

export type KeyGroupConfig = {
  readonly name: string;
  readonly comment: string;
  /** Ids. */
  readonly publicKeys: readonly string[];
};

/** `isKey`: is this the id of a public key of the account? Throws a Refusal. */
export function checkKeyGroup(
  { comment, name, publicKeys }: KeyGroupConfig,
  limits: Limits,
  isKey: (id: string) => boolean,
): void {
  checkComment(comment, limits);
  if (!/^[\w .-]{1,128}$/.test(name)) {
    invalidArgument('The parameter Name', 'it takes 1 to 128 letters, digits, blanks and . _ -');
  }
  const max = limits['public-keys-of-group'];
  if (publicKeys.length > max) {
    throw new Refusal('TooManyPublicKeysInKeyGroup', { given: publicKeys.length, max });
  }
  if (publicKeys.length === 0)
    invalidArgument('The parameter Items', 'a key group has at least one public key.');
  if (new Set(publicKeys).size < publicKeys.length) {
    invalidArgument('The parameter Items', 'a public key stands in it twice.');
  }
  const unknown = publicKeys.find((id) => !isKey(id));
  if (unknown !== undefined)
    invalidArgument('The parameter Items', `there is no public key ${unknown}.`);
}
