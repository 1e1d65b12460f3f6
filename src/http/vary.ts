/**
 * Vary, as viewers see it (edge contract 5.4, rule 18): the key alone decides about variants, so
 * only the names that may still matter to a viewer's own cache are left.
 */
import { eachHeader, type HeaderList, headerValues, listMembers } from './header-list.ts';

const keptNames = new Set(['accept-encoding', 'cookie']);

export function variesOnEverything(headers: HeaderList): boolean {
  return headerValues(headers, 'vary').some((value) => listMembers(value).includes('*'));
}

/** Of the names in lower case, each once and sorted. */
export function varyNames(headers: HeaderList): readonly string[] {
  const names = headerValues(headers, 'vary').flatMap(listMembers);
  return [...new Set(names.map((name) => name.toLowerCase()))].toSorted();
}

/** `isForwarded` is told names in lower case. */
export function withVaryForViewers(
  headers: HeaderList,
  isForwarded: (name: string) => boolean = () => false,
): HeaderList {
  if (headerValues(headers, 'vary').length === 0) return headers;
  const changed: string[] = [];
  for (const [name, value] of eachHeader(headers)) {
    if (name.toLowerCase() !== 'vary') {
      changed.push(name, value);
      continue;
    }
    const kept = listMembers(value).filter((member) => {
      const lower = member.toLowerCase();
      return keptNames.has(lower) || isForwarded(lower);
    });
    if (kept.length > 0) changed.push(name, kept.join(', '));
  }
  return changed;
}
