/** Selections of names: `whitelist` on the wire is `only` in the model. */
import type { NameSelection } from '../../../model/behavior-rules.ts';
import { Refusal } from '../../../model/refusal.ts';
import { type Counted, counted, itemsOf } from '../../../wire/counted.ts';

type Behavior = 'none' | 'whitelist' | 'allExcept' | 'all';

/** `member` names the list in a refusal. */
export function readSelection(
  member: string,
  behavior: Behavior,
  list: Counted<string> | undefined,
): NameSelection {
  const names = itemsOf(list);
  if (behavior === 'none' || behavior === 'all') {
    if (names.length === 0) return { kind: behavior };
    const why = `it must be empty where the behavior is ${behavior}.`;
    throw new Refusal('InvalidArgument', { member, why });
  }
  return { kind: behavior === 'whitelist' ? 'only' : 'except', names };
}

export type WrittenSelection = {
  readonly behavior: Behavior;
  readonly names: Counted<string> | undefined;
};

export function writeSelection(selection: NameSelection): WrittenSelection {
  switch (selection.kind) {
    case 'none':
    case 'all':
      return { behavior: selection.kind, names: undefined };
    case 'only':
      return { behavior: 'whitelist', names: counted(selection.names) };
    case 'except':
      return { behavior: 'allExcept', names: counted(selection.names) };
    default:
      return selection satisfies never;
  }
}
