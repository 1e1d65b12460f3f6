import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createKeyring,
  CredentialsFault,
  defaultCredential,
  readCredentials,
} from './credentials.ts';

const good = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'a-secret-of-one',
  accountId: '111122223333',
};

function refuses(list: unknown, message: RegExp): void {
  const text = typeof list === 'string' ? list : JSON.stringify(list);
  assert.throws(
    () => createKeyring(readCredentials(text)),
    (fault) => fault instanceof CredentialsFault && message.test(fault.message),
  );
}

test('a list of keys is found by access key id, and tells its accounts', () => {
  const other = { ...good, accessKeyId: 'AKIDOTHER' };
  const keyring = createKeyring(readCredentials(JSON.stringify([good, other])));
  assert.deepEqual(keyring.find('AKIDOTHER'), other);
  assert.equal(keyring.find('toString'), undefined);
  assert.deepEqual([...keyring.accounts], ['111122223333']);
  assert.equal(keyring.size, 2);
});

test('the default credential passes its own rules', () => {
  assert.deepEqual(readCredentials(JSON.stringify([defaultCredential])), [defaultCredential]);
});

test('every fault is told with its place', () => {
  refuses('{', /not JSON/);
  refuses({}, /JSON list/);
  refuses([], /empty/);
  refuses([good, 'x'], /entry 2 is not an object/);
  refuses([good, null], /entry 2/);
  refuses([{ ...good, secret: 'x' }], /entry 1 has a member secret/);
  refuses([{ ...good, accessKeyId: undefined }], /entry 1 needs accessKeyId/);
  refuses([{ ...good, accountId: 111122223333 }], /entry 1 needs accountId, and it must be text/);
  refuses([{ ...good, accountId: '1111-2222-3333' }], /12 digits/);
  refuses([{ ...good, accountId: '11112222333' }], /12 digits/);
  refuses([{ ...good, accessKeyId: 'a:b' }], /accessKeyId must be/);
  refuses([{ ...good, accessKeyId: '' }], /accessKeyId must be/);
  refuses([{ ...good, accessKeyId: 'A'.repeat(129) }], /accessKeyId must be/);
  refuses([{ ...good, secretAccessKey: 'short' }], /secretAccessKey must be 8 to 256/);
  refuses([{ ...good, secretAccessKey: 'with a space in it' }], /secretAccessKey must be/);
  refuses([good, good], /AKIDEXAMPLE stands in it twice/);
  refuses(
    Array.from({ length: 1_001 }, () => good),
    /more than 1000 keys/,
  );
  refuses(`[${' '.repeat(1_048_576)}]`, /more than 1048576 characters/);
});

test('a message never repeats a secret', () => {
  assert.throws(
    () => readCredentials('[{"secretAccessKey": "very-secret-text" oops'),
    (fault) => fault instanceof CredentialsFault && !fault.message.includes('very-secret'),
  );
  assert.throws(
    () => readCredentials(JSON.stringify([{ ...good, secretAccessKey: 'very secret text' }])),
    (fault) => fault instanceof CredentialsFault && !fault.message.includes('very secret'),
  );
});
