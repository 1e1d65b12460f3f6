import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IdentityCredentialsFault, readIdentityCredentials } from './identity-credentials.ts';

const entry = {
  identity: 'E2QWRUHAPOMQZL',
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'a secret',
};

test('each entry gives an identity its keys', () => {
  const other = {
    identity: 'E74FTE3AEXAMPLE',
    accessKeyId: 'minio',
    secretAccessKey: 's',
    sessionToken: 'token==',
    region: 'eu-west-1',
  };
  assert.deepEqual(readIdentityCredentials(JSON.stringify([entry, other])), [
    {
      identity: 'E2QWRUHAPOMQZL',
      keys: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'a secret', sessionToken: undefined },
      region: undefined,
    },
    {
      identity: 'E74FTE3AEXAMPLE',
      keys: { accessKeyId: 'minio', secretAccessKey: 's', sessionToken: 'token==' },
      region: 'eu-west-1',
    },
  ]);
  assert.deepEqual(readIdentityCredentials('[]'), []);
});

test('every fault is told with its place, and no value is repeated', () => {
  const rows: readonly [unknown, RegExp][] = [
    [{}, /must be a JSON list/],
    [[1], /entry 1 is not an object/],
    [[entry, null], /entry 2 is not an object/],
    [[entry, []], /entry 2 is not an object/],
    [[{ ...entry, secret: 'hush' }], /entry 1 has a member "secret"; known are identity, acc/],
    [[{ ...entry, identity: undefined }], /entry 1 needs identity/],
    [[{ ...entry, accessKeyId: undefined }], /entry 1 needs accessKeyId/],
    [[{ ...entry, secretAccessKey: undefined }], /entry 1 needs secretAccessKey/],
    [[{ ...entry, secretAccessKey: 5 }], /entry 1: secretAccessKey must be text/],
    [[{ ...entry, identity: 'hush' }], /entry 1: identity has another form/],
    [[{ ...entry, identity: 'origin-access-identity/hush' }], /identity has another form/],
    [[{ ...entry, accessKeyId: 'hush, Signature=' }], /accessKeyId has another form/],
    [[{ ...entry, accessKeyId: 'hush/a' }], /accessKeyId has another form/],
    [[{ ...entry, secretAccessKey: '' }], /secretAccessKey has another form/],
    [[{ ...entry, secretAccessKey: 'hush\n' }], /secretAccessKey has another form/],
    [[{ ...entry, sessionToken: 'hush\r\nX: y' }], /sessionToken has another form/],
    [[{ ...entry, region: 'hush/s3' }], /region has another form/],
    [[{ ...entry, region: null }], /region must be text/],
    [[entry, entry], /identity E2QWRUHAPOMQZL stands in it twice/],
    [Array.from({ length: 1_001 }, () => entry), /more than 1000 entries/],
  ];
  for (const [list, fault] of rows) {
    const text = JSON.stringify(list);
    assert.throws(
      () => readIdentityCredentials(text),
      (error) => {
        assert(error instanceof IdentityCredentialsFault, text);
        assert.match(error.message, fault);
        assert.doesNotMatch(error.message, /hush/);
        return true;
      },
    );
  }
  assert.throws(
    () => readIdentityCredentials('["hush"'),
    /^IdentityCredentialsFault: it is not JSON$/,
  );
  assert.throws(
    () => readIdentityCredentials(' '.repeat(1_048_577)),
    /more than 1048576 characters/,
  );
});
