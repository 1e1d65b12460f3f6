/**
 * What the lane does with a field of a request. The pipeline looks at few fields on the way of a
 * fresh hit, and each of them stands here; a field that does not stand here changes nothing.
 */

export type FieldUse =
  /** The lane keeps where its value stands. */
  | 'host'
  | 'encoding'
  | 'ifNoneMatch'
  | 'ifModifiedSince'
  | 'referer'
  | 'userAgent'
  | 'forwardedFor'
  | 'cookie'
  /** Only `keep-alive`. */
  | 'connection'
  /** A request that has it is the pipeline's. */
  | 'leave';

const uses: Readonly<Record<string, FieldUse>> = {
  host: 'host',
  'accept-encoding': 'encoding',
  'if-none-match': 'ifNoneMatch',
  'if-modified-since': 'ifModifiedSince',
  referer: 'referer',
  'user-agent': 'userAgent',
  'x-forwarded-for': 'forwardedFor',
  cookie: 'cookie',
  connection: 'connection',
  authorization: 'leave',
  'cdn-loop': 'leave',
  'content-length': 'leave',
  expect: 'leave',
  'if-match': 'leave',
  'if-range': 'leave',
  'if-unmodified-since': 'leave',
  range: 'leave',
  te: 'leave',
  trailer: 'leave',
  'transfer-encoding': 'leave',
  upgrade: 'leave',
  'warmfront-explain': 'leave',
  'warmfront-shield': 'leave',
};

/** `name` in lower case. */
export function useOfField(name: string): FieldUse | undefined {
  return Object.hasOwn(uses, name) ? uses[name] : undefined;
}

type NamedUse = { readonly name: string; readonly use: FieldUse };

/** By `nameHash`, as the lane has no string of a name. */
export const usesByHash: ReadonlyMap<number, NamedUse> = new Map(
  Object.entries(uses).map(([name, use]) => [hashOfName(name), { name, use }]),
);

/** Each character of a name, in lower case, makes the next hash out of the one before. */
export function nameHash(hash: number, character: number): number {
  return (Math.imul(hash, 31) + character) | 0;
}

function hashOfName(name: string): number {
  let hash = 0;
  for (let index = 0; index < name.length; index += 1) {
    hash = nameHash(hash, name.charCodeAt(index));
  }
  return hash;
}
