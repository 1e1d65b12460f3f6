/**
 * Custom policies of signed URLs and cookies (edge contract 9.4): one statement of what is opened,
 * from when until when, and to whom. The text comes from whoever asks; only its signature makes it
 * mean something, so reading it is bounded, total, and as strict as a promise needs: what could be
 * read in two ways, or says more than is understood here, is no policy.
 */
import { type Ipv4Range, parseIpv4Range } from './ipv4-range.ts';

export type Policy = {
  /** A pattern (9.5), one character a byte as in a request; undefined: everything. */
  readonly resource: string | undefined;
  /** Seconds since 1970: good only after it. */
  readonly startsAfter: number | undefined;
  /** Seconds since 1970: good only before it. */
  readonly endsBefore: number;
  /** Undefined: any viewer. */
  readonly viewers: Ipv4Range | undefined;
};

export const policyBytesMax = 4_096;

/** Undefined for what is no policy. */
export function readPolicy(bytes: Uint8Array): Policy | undefined {
  if (bytes.length > policyBytesMax) return undefined;
  const text = decodeText(bytes);
  const document = text === undefined ? undefined : parseJson(text);
  if (text === undefined || document === undefined || saysTwice(text, document)) return undefined;

  const statements = membersOf(document, ['Statement'])?.Statement;
  const one: unknown =
    Array.isArray(statements) && statements.length === 1 ? statements[0] : statements;
  const statement = membersOf(one, ['Resource', 'Condition']);
  const condition = membersOf(statement?.Condition, [
    'DateLessThan',
    'DateGreaterThan',
    'IpAddress',
  ]);
  if (statement === undefined || condition === undefined) return undefined;

  const resource = optional(statement.Resource, readResource);
  const endsBefore = readTime(condition.DateLessThan);
  const startsAfter = optional(condition.DateGreaterThan, readTime);
  const viewers = optional(condition.IpAddress, readViewers);
  if (resource === none || startsAfter === none || viewers === none) return undefined;
  return endsBefore === undefined ? undefined : { resource, startsAfter, endsBefore, viewers };
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** `\?` is no escape of JSON, but stands in policies that are written by hand after the guide. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(
      text.replace(/\\(.)/gs, (pair, escaped) => (escaped === '?' ? '\\\\?' : pair)),
    );
  } catch {
    return undefined;
  }
}

/**
 * Of two members of one name, some readers take the first and others the last. Every colon outside
 * of a text stands behind the name of a member.
 */
function saysTwice(text: string, document: unknown): boolean {
  const written = text.replace(/"(?:[^"\\]|\\.)*"/gs, '').split(':').length - 1;
  return written !== countMembers(document);
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const inside: readonly unknown[] = Object.values(value);
  const own = Array.isArray(value) ? 0 : inside.length;
  return inside.reduce((sum: number, one) => sum + countMembers(one), own);
}

/** Undefined for anything but an object with no other members than these. */
function membersOf<Name extends string>(
  value: unknown,
  names: readonly Name[],
): { readonly [Each in Name]?: unknown } | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const known: readonly string[] = names;
  return Object.keys(value).every((name) => known.includes(name)) ? value : undefined;
}

const none = Symbol('what was said is not understood');

function optional<Read>(
  value: unknown,
  read: (value: unknown) => Read | undefined,
): Read | undefined | typeof none {
  return value === undefined ? undefined : (read(value) ?? none);
}

function readResource(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  return Buffer.from(value, 'utf8').toString('latin1');
}

/** A whole number of at most 64 bits, and never a text. */
function readTime(value: unknown): number | undefined {
  const time = membersOf(value, ['AWS:EpochTime'])?.['AWS:EpochTime'];
  const isTime = typeof time === 'number' && Number.isInteger(time) && Math.abs(time) <= 2 ** 63;
  return isTime ? time : undefined;
}

function readViewers(value: unknown): Ipv4Range | undefined {
  const source = membersOf(value, ['AWS:SourceIp'])?.['AWS:SourceIp'];
  return typeof source === 'string' ? parseIpv4Range(source) : undefined;
}
