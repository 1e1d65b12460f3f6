/**
 * Cache-Control as it is meant for a cache on the origin's side of the network: CDN-Cache-Control
 * (RFC 9213), else Surrogate-Control (W3C Note "Edge Architecture Specification", 2001), else
 * Cache-Control itself. A field that cannot be read, or says nothing to this cache, is passed over.
 */
import { type CacheControl, parseCacheControl } from './cache-control.ts';
import { type HeaderList, joinedValue } from './header-list.ts';

export type TargetedControl = {
  readonly said: CacheControl;
  /** Then Expires counts for nothing. */
  readonly isTargeted: boolean;
};

/** By which Surrogate-Capability names this cache, and origins may address it. */
export const surrogateToken = 'warmfront';
export const surrogateCapability = `${surrogateToken}="Surrogate/1.0"`;

export function targetedControl(headers: HeaderList): TargetedControl {
  const targeted =
    readCdnControl(joinedValue(headers, 'cdn-cache-control')) ??
    readSurrogateControl(joinedValue(headers, 'surrogate-control'));
  return targeted === undefined
    ? { said: parseCacheControl(headers), isTargeted: false }
    : { said: parseCacheControl(['Cache-Control', targeted]), isTargeted: true };
}

const key = '[a-z*][a-z0-9_.*-]*';
const bareItem = [
  String.raw`-?\d{1,12}\.\d{1,3}`,
  String.raw`-?\d{1,15}`,
  String.raw`"(?:[ !#-[\]-~]|\\["\\])*"`,
  String.raw`[A-Za-z*][\w!#$%&'*+.^\x60|~:/-]*`,
  ':[A-Za-z0-9+/=]*:',
  String.raw`\?[01]`,
].join('|');
const parameters = `(?:; *${key}(?:=(?:${bareItem}))?)*`;
const innerItem = `(?:${bareItem})${parameters}`;
const innerList = String.raw`\( *(?:${innerItem}(?: +${innerItem})* *)?\)`;
/** A member of a dictionary (RFC 9651 §3.2), and the comma or the end after it. */
const memberForm = new RegExp(
  String.raw`(${key})(?:=(${bareItem}|${innerList}))?${parameters}[ \t]*(,[ \t]*|$)`,
  'y',
);
const numericDirectives = new Set([
  'max-age',
  's-maxage',
  'stale-if-error',
  'stale-while-revalidate',
]);

/** The directives as Cache-Control would write them; undefined for a field to be passed over. */
function readCdnControl(value: string | undefined): string | undefined {
  const text = value?.trim() ?? '';
  if (text === '') return undefined;
  const members = new Map<string, string | undefined>();
  memberForm.lastIndex = 0;
  for (let separator = ','; separator !== ''; ) {
    const match = memberForm.exec(text);
    if (match === null) return undefined;
    const [, name = '', argument, after = ''] = match;
    if (numericDirectives.has(name) && !/^\d+$/.test(argument ?? '')) return undefined;
    // Of two members of one name the later one counts.
    members.set(name, argument);
    separator = after;
  }
  const directives: string[] = [];
  for (const [name, argument] of members) {
    if (argument === undefined || argument === '?1') directives.push(name);
    else if (argument !== '?0') directives.push(`${name}=${argument}`);
  }
  return directives.join(', ');
}

/** A directive, and the surrogate it is for. */
const surrogateForm = /^([a-z-]+)(?:=("[^"]*"|[^";\s]*))?(?:;([!#$%&'*+.^`|~\w-]+))?$/i;

function readSurrogateControl(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const forAll = new Map<string, string>();
  const forUs = new Map<string, string>();
  for (const member of value.split(',')) {
    const [, name = '', argument = '', target] = surrogateForm.exec(member.trim()) ?? [];
    const directive = surrogateDirective(name.toLowerCase(), argument);
    if (directive === undefined) continue;
    if (target === undefined) forAll.set(name.toLowerCase(), directive);
    else if (target === surrogateToken) forUs.set(name.toLowerCase(), directive);
  }
  // What is said to one surrogate goes before what is said to all.
  const chosen = forUs.size > 0 ? forUs : forAll;
  return chosen.size === 0 ? undefined : [...chosen.values()].join(', ');
}

/** `max-age=N+M` gives M seconds more for which it may be served while it is renewed. */
function surrogateDirective(name: string, argument: string): string | undefined {
  if (name === 'no-store' || name === 'no-store-remote') return 'no-store';
  const [, seconds, more] = /^(\d+)(?:\+(\d+))?$/.exec(argument) ?? [];
  if (name !== 'max-age' || seconds === undefined) return undefined;
  return more === undefined
    ? `max-age=${seconds}`
    : `max-age=${seconds}, stale-while-revalidate=${more}`;
}
