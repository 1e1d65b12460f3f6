/** Parts of a query (edge contract 4.2, rule 6): split at `&` alone, never decoded, order kept. */

/** Undefined where nothing is left; an empty query, all of it selected, stays empty. */
export function selectQuery(
  query: string | undefined,
  keep: (name: string) => boolean,
): string | undefined {
  if (query === undefined) return undefined;
  const kept = query.split('&').filter((part) => keep(part.split('=', 1)[0] ?? ''));
  return kept.length === 0 ? undefined : kept.join('&');
}
