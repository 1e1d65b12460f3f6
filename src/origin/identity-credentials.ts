/**
 * The keys that requests to private buckets are signed with: an S3-compatible store knows users of
 * its own, so the operator says which of them each origin access identity stands for, as a JSON list
 * of `{identity, accessKeyId, secretAccessKey}`, with `sessionToken` and `region` where they are
 * needed. Every fault is told with its place, and no value is ever repeated in a message.
 */
import type { SigningKeys } from '../http/sigv4.ts';

export type IdentityCredentials = {
  /** Id of an origin access identity. */
  readonly identity: string;
  readonly keys: SigningKeys;
  /** Of buckets whose host name says none. */
  readonly region: string | undefined;
};

/** What is wrong with the list, and in which entry of it, counted from 1. */
export class IdentityCredentialsFault extends Error {
  override readonly name = 'IdentityCredentialsFault';
}

const textCharactersMax = 1_048_576;
const entriesMax = 1_000;

const forms = {
  identity: /^E[0-9A-Z]{12,14}$/,
  // What stands in an Authorization field must not end where it stands.
  accessKeyId: /^[A-Za-z0-9_+=.@-]{1,128}$/,
  secretAccessKey: /^[\x20-\x7e]{1,256}$/,
  sessionToken: /^[\x21-\x7e]{1,8192}$/,
  region: /^[A-Za-z0-9-]{1,64}$/,
} as const;

type Member = keyof typeof forms;

/** Throws an IdentityCredentialsFault. */
export function readIdentityCredentials(text: string): readonly IdentityCredentials[] {
  if (text.length > textCharactersMax) fail(`it has more than ${textCharactersMax} characters`);
  const list = parseJson(text);
  if (!Array.isArray(list)) fail('it must be a JSON list');
  if (list.length > entriesMax) fail(`it has more than ${entriesMax} entries`);
  const read = list.map((entry: unknown, index) => readEntry(entry, `entry ${index + 1}`));
  const identities = read.map(({ identity }) => identity);
  const twice = identities.find((one, index) => identities.indexOf(one) !== index);
  if (twice !== undefined) fail(`identity ${twice} stands in it twice`);
  return read;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return fail('it is not JSON');
  }
}

function readEntry(entry: unknown, place: string): IdentityCredentials {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    return fail(`${place} is not an object`);
  }
  const given = new Map<string, unknown>(Object.entries(entry));
  for (const name of given.keys()) {
    if (!Object.hasOwn(forms, name)) {
      const known = Object.keys(forms).join(', ');
      fail(`${place} has a member ${JSON.stringify(name.slice(0, 64))}; known are ${known}`);
    }
  }
  const optional = (name: Member): string | undefined => {
    const value = given.get(name);
    if (value === undefined) return undefined;
    if (typeof value !== 'string') return fail(`${place}: ${name} must be text`);
    return forms[name].test(value) ? value : fail(`${place}: ${name} has another form`);
  };
  const needed = (name: Member): string => optional(name) ?? fail(`${place} needs ${name}`);
  return {
    identity: needed('identity'),
    keys: {
      accessKeyId: needed('accessKeyId'),
      secretAccessKey: needed('secretAccessKey'),
      sessionToken: optional('sessionToken'),
    },
    region: optional('region'),
  };
}

function fail(why: string): never {
  throw new IdentityCredentialsFault(why);
}
