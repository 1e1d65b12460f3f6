/**
 * Credentials: the keys that may sign requests, each of one account. They come from a JSON list
 * that the operator writes, so every fault in it is told with its place; a secret is never
 * repeated in a message.
 */
import { accountId, type AccountId } from '../model/ids.ts';

export type Credential = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly accountId: AccountId;
};

/** Well known, so it is good for loopback addresses only. */
export const defaultCredential: Credential = {
  accessKeyId: 'warmfront',
  secretAccessKey: 'warmfront-secret',
  accountId: accountId('000000000000'),
};

export interface Keyring {
  find(accessKeyId: string): Credential | undefined;
  /** Every account that has a key. */
  readonly accounts: ReadonlySet<AccountId>;
  readonly size: number;
}

/** What is wrong with the list, and in which entry of it, counted from 1. */
export class CredentialsFault extends Error {
  override readonly name = 'CredentialsFault';
}

const textCharactersMax = 1_048_576;
const credentialsMax = 1_000;
const accessKeyIdForm = /^[A-Za-z0-9_+=.@-]{1,128}$/;
const accountForm = /^\d{12}$/;
const secretCharactersMin = 8;
const secretCharactersMax = 256;
const members = ['accessKeyId', 'secretAccessKey', 'accountId'] as const;

/** A JSON list of `{accessKeyId, secretAccessKey, accountId}`; throws a CredentialsFault. */
export function readCredentials(text: string): readonly Credential[] {
  if (text.length > textCharactersMax) {
    throw new CredentialsFault(`the list has more than ${textCharactersMax} characters`);
  }
  const list = parseJson(text);
  if (!Array.isArray(list)) {
    throw new CredentialsFault(`it must be a JSON list of {${members.join(', ')}}`);
  }
  if (list.length === 0) throw new CredentialsFault('the list is empty; it needs at least one key');
  if (list.length > credentialsMax) {
    throw new CredentialsFault(`the list has more than ${credentialsMax} keys`);
  }
  return list.map((entry: unknown, index) => readCredential(entry, `entry ${index + 1}`));
}

/** Throws a CredentialsFault when two credentials have one access key id. */
export function createKeyring(credentials: readonly Credential[]): Keyring {
  const byId = new Map<string, Credential>();
  for (const credential of credentials) {
    const { accessKeyId } = credential;
    if (byId.has(accessKeyId)) {
      throw new CredentialsFault(`access key id ${accessKeyId} stands in it twice`);
    }
    byId.set(accessKeyId, credential);
  }
  return {
    find: (accessKeyId) => byId.get(accessKeyId),
    accounts: new Set(credentials.map((credential) => credential.accountId)),
    size: byId.size,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message repeats the text, secrets included.
    throw new CredentialsFault('it is not JSON');
  }
}

function readCredential(entry: unknown, place: string): Credential {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    throw new CredentialsFault(`${place} is not an object with ${members.join(', ')}`);
  }
  const given = new Map<string, unknown>(Object.entries(entry));
  for (const member of given.keys()) {
    if (!members.some((known) => known === member)) {
      const known = members.join(', ');
      throw new CredentialsFault(
        `${place} has a member ${member.slice(0, 64)}; known are ${known}`,
      );
    }
  }
  const [accessKeyId, secretAccessKey, account] = members.map((member) => {
    const value = given.get(member);
    if (typeof value === 'string') return value;
    throw new CredentialsFault(`${place} needs ${member}, and it must be text`);
  });
  if (accessKeyId === undefined || !accessKeyIdForm.test(accessKeyId)) {
    throw new CredentialsFault(`${place}: accessKeyId must be 1 to 128 of A-Z a-z 0-9 _ + = . @ -`);
  }
  if (secretAccessKey === undefined || !isSecret(secretAccessKey)) {
    const bounds = `${secretCharactersMin} to ${secretCharactersMax}`;
    throw new CredentialsFault(
      `${place}: secretAccessKey must be ${bounds} visible characters of ASCII`,
    );
  }
  if (account === undefined || !accountForm.test(account)) {
    throw new CredentialsFault(`${place}: accountId must be a text of 12 digits`);
  }
  return { accessKeyId, secretAccessKey, accountId: accountId(account) };
}

function isSecret(text: string): boolean {
  const fits = text.length >= secretCharactersMin && text.length <= secretCharactersMax;
  return fits && /^[\x21-\x7e]+$/.test(text);
}
