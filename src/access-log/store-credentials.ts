/**
 * The keys that log buckets of a store are written with, as an operator gives them: one JSON object
 * `{"accessKeyId": …, "secretAccessKey": …}`, and if they differ from what is usual, `"region"` and
 * `"sessionToken"`.
 */
import type { SigningKeys } from '../http/sigv4.ts';

export type StoreCredentials = { readonly keys: SigningKeys; readonly region: string };

/** What is wrong with the file, as the end of a sentence. */
export class StoreCredentialsFault extends Error {
  override readonly name = 'StoreCredentialsFault';
}

/** What stores that know no regions call theirs. */
const usualRegion = 'us-east-1';

const known = new Set(['accessKeyId', 'secretAccessKey', 'region', 'sessionToken']);

export function readStoreCredentials(text: string): StoreCredentials {
  const members = readObject(text);
  const stranger = Object.keys(members).find((name) => !known.has(name));
  if (stranger !== undefined) fail(`${JSON.stringify(stranger).slice(0, 80)} is not known in it`);
  const accessKeyId = word(members, 'accessKeyId', /^[A-Za-z0-9_+=.@-]{1,128}$/);
  const secretAccessKey = word(members, 'secretAccessKey', /^[\x20-\x7e]{1,256}$/);
  if (accessKeyId === undefined) return fail('accessKeyId is missing');
  if (secretAccessKey === undefined) return fail('secretAccessKey is missing');
  const sessionToken = word(members, 'sessionToken', /^[\x21-\x7e]{1,8192}$/);
  const region = word(members, 'region', /^[A-Za-z0-9-]{1,64}$/) ?? usualRegion;
  return { keys: { accessKeyId, secretAccessKey, sessionToken }, region };
}

function readObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fail('it is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return fail('it is not one JSON object');
  }
  return { ...value };
}

/** The value is never repeated: it may be a secret. */
function word(
  members: Readonly<Record<string, unknown>>,
  name: string,
  form: RegExp,
): string | undefined {
  const value = members[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string') return fail(`${name} is not a text`);
  return form.test(value) ? value : fail(`${name} has another form`);
}

function fail(why: string): never {
  throw new StoreCredentialsFault(why);
}
