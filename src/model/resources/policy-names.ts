/** What the kinds of policies have in common: their names, and lists of names inside them. */
import type { NameSelection } from '../behavior-rules.ts';
import { Refusal, type RefusalCode } from '../refusal.ts';
import { invalidArgument } from './invalid-argument.ts';

/** All names of one list together. */
const namesCharactersMax = 1_024;
const nameCharactersMax = 128;

/** Letters, digits, `-` and `_`; throws `InvalidArgument`. */
export function checkPolicyName(name: string): void {
  if (/^[A-Za-z0-9_-]{1,128}$/.test(name)) return;
  const why = name === '' ? 'it must be non-null.' : 'it takes 1 to 128 letters, digits, - and _.';
  invalidArgument('The parameter name', why);
}

export function checkNames(
  member: string,
  names: readonly string[],
  max: number,
  tooMany: RefusalCode,
): void {
  if (names.length > max) throw new Refusal(tooMany, { given: names.length, max });
  const seen = new Set<string>();
  let characters = 0;
  for (const name of names) {
    if (!/^[\x21-\x7e]+$/.test(name) || name.length > nameCharactersMax) {
      invalidArgument(member, `a name has 1 to ${nameCharactersMax} visible characters of ASCII.`);
    }
    if (seen.has(name)) invalidArgument(member, `${name} stands in it twice.`);
    seen.add(name);
    characters += name.length;
  }
  if (characters > namesCharactersMax) {
    invalidArgument(member, `its names have more than ${namesCharactersMax} characters together.`);
  }
}

/** Lists have at least one name. */
export function checkSelection(
  member: string,
  selection: NameSelection,
  max: number,
  tooMany: RefusalCode,
): void {
  if (selection.kind === 'none' || selection.kind === 'all') return;
  if (selection.names.length === 0) invalidArgument(member, 'a list of names has at least one.');
  checkNames(member, selection.names, max, tooMany);
}
