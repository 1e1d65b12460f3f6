/**
 * The fields of a structure of API 2020-05-31, down to those that hold a value, as the facts have them.
 * What counts a list is no field of its own here: `Quantity` is held against the items wherever it
 * stands.
 */
import { facts, isPrimitive } from '../../src/wire/facts.ts';

/** Paths of wire names from the root of the structure. Items of lists are under the list's `Items`. */
export function leavesOf(shape: string): readonly string[] {
  return [...leaves(shape, '')];
}

function* leaves(shape: string, path: string): Generator<string> {
  const described = facts().shapes.get(shape);
  if (described === undefined) throw new Error(`there is no shape ${shape}`);
  if (described.kind === 'list') {
    if (isPrimitive(described.type)) yield path;
    else yield* leaves(described.type, path);
    return;
  }
  for (const { name, type } of described.members) {
    if (name === 'Quantity') continue;
    const below = path === '' ? name : `${path}/${name}`;
    if (isPrimitive(type)) yield below;
    else yield* leaves(type, below);
  }
}

/**
 * A behavior of a path pattern has what the default one has, and is read by the same code: it is told
 * of once, but for the pattern.
 */
export function asTold(leaf: string): string {
  const ofPath = 'CacheBehaviors/Items/';
  if (!leaf.startsWith(ofPath) || leaf === `${ofPath}PathPattern`) return leaf;
  return `DefaultCacheBehavior/${leaf.slice(ofPath.length)}`;
}
