/** Characters of Unicode, as people and the API count them, not the halves of which JavaScript counts two. */
export function charactersOf(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
