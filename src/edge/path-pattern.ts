/**
 * Path patterns of behaviors (edge contract 3.1): `*` is any run of characters, `?` any one, all else
 * stands for itself; the leading slash may be left out. Most patterns are a beginning or an end, and
 * those cost one comparison.
 */
import { wildcardFits } from '../http/resource-pattern.ts';

/** Does the pattern take this path? */
export type PathTest = (path: string) => boolean;

export function compilePattern(pattern: string): PathTest {
  const isRooted = pattern.startsWith('/') || pattern.startsWith('*');
  const whole = isRooted ? pattern : `/${pattern}`;
  if (/^\*+$/.test(whole)) return () => true;
  const firstWildcard = whole.search(/[*?]/);
  if (firstWildcard < 0) return (path) => path === whole;
  if (firstWildcard === whole.length - 1 && whole.endsWith('*')) {
    const start = whole.slice(0, -1);
    return (path) => path.startsWith(start);
  }
  const end = whole.slice(1);
  if (whole.startsWith('*') && !/[*?]/.test(end)) return (path) => path.endsWith(end);
  return (path) => wildcardFits(whole, path);
}
