/**
 * The path that patterns are compared with (edge contract 1.9, rules 34 and 37): escapes of unreserved
 * characters decoded, dot segments removed, repeated slashes merged (RFC 3986 §6.2.2). A wrong escape
 * is text like any other. What is keyed and sent to the origin is the path as the viewer sent it.
 */

const unreserved = /^[A-Za-z0-9\-._~]$/;
const needsWork = /%|\/\/|\/\.\.?(?:\/|$)/;

export function normalPath(path: string): string {
  if (!needsWork.test(path)) return path;
  const decoded = path.replace(/%([0-9A-Fa-f]{2})/g, (escape: string, digits: string) => {
    const character = String.fromCharCode(Number.parseInt(digits, 16));
    return unreserved.test(character) ? character : escape;
  });
  const kept: string[] = [];
  const segments = decoded.split('/').slice(1);
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    if (segment === '..') kept.pop();
    // What a dot segment leaves at the end is a folder.
    if (segment === '.' || segment === '..') {
      if (isLast) kept.push('');
    } else kept.push(segment);
  }
  return `/${kept.join('/')}`.replaceAll(/\/{2,}/g, '/');
}
