/**
 * Vary, as viewers see it (edge contract 5.4, rule 18): the key alone decides about variants, so
 * only the names that may still matter to a viewer's own cache are left.
 */
import { eachHeader, type HeaderList, headerValues, listMembers } from './header-list.ts';

const keptNames = new Set(['accept-encoding', 'cookie']);

export function variesOnEverything(headers: HeaderList): boolean {
  return headerValues(headers, 'vary').some((value) => listMembers(value).includes('*'));
}

export function withVaryForViewers(headers: HeaderList): HeaderList {
  if (headerValues(headers, 'vary').length === 0) return headers;
  const changed: string[] = [];
  for (const [name, value] of eachHeader(headers)) {
    if (name.toLowerCase() !== 'vary') {
      changed.push(name, value);
      continue;
    }
    const kept = listMembers(value).filter((member) => keptNames.has(member.toLowerCase()));
    if (kept.length > 0) changed.push(name, kept.join(', '));
  }
  return changed;
}
