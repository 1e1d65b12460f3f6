/**
 * Cookies of a request (edge contract 4.2, rule 7): pairs sorted by name, equal names in the order
 * they came. A line that is not made of pairs is not used at all.
 */
import { type HeaderList, headerValues } from './header-list.ts';

/** Undefined where nothing is left. */
export function selectCookies(
  headers: HeaderList,
  keep: (name: string) => boolean,
): string | undefined {
  const pairs: { readonly name: string; readonly text: string }[] = [];
  for (const line of headerValues(headers, 'cookie')) {
    const ofLine = line
      .split(';')
      .map((text) => text.trim())
      .filter((text) => text !== '')
      .map((text) => ({ name: text.split('=', 1)[0] ?? '', text }));
    if (ofLine.some(({ name, text }) => name === '' || !text.includes('='))) continue;
    pairs.push(...ofLine.filter(({ name }) => !name.startsWith('$') && keep(name)));
  }
  if (pairs.length === 0) return undefined;
  const sorted = pairs.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return sorted.map(({ text }) => text).join('; ');
}
