import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readStoreCredentials } from './store-credentials.ts';

test('keys are read, and the region where it is given', () => {
  assert.deepEqual(
    readStoreCredentials('{"accessKeyId":"key","secretAccessKey":"secret","region":"eu-west-3"}'),
    {
      keys: { accessKeyId: 'key', secretAccessKey: 'secret', sessionToken: undefined },
      region: 'eu-west-3',
    },
  );
  const temporary = '{"accessKeyId":"k","secretAccessKey":"s","sessionToken":"t/+="}';
  assert.deepEqual(readStoreCredentials(temporary), {
    keys: { accessKeyId: 'k', secretAccessKey: 's', sessionToken: 't/+=' },
    region: 'us-east-1',
  });
});

test('a fault is told without repeating a secret', () => {
  const cases: readonly [string, RegExp][] = [
    ['', /^it is not JSON$/],
    ['{"secretAccessKey":"hidden"', /^it is not JSON$/],
    ['[]', /not one JSON object/],
    ['null', /not one JSON object/],
    ['{}', /accessKeyId is missing/],
    ['{"accessKeyId":"k"}', /secretAccessKey is missing/],
    ['{"accessKeyId":"k","secretAccessKey":7}', /secretAccessKey is not a text/],
    ['{"accessKeyId":"k/1","secretAccessKey":"s"}', /accessKeyId has another form/],
    ['{"accessKeyId":"k","secretAccessKey":"hidden\\n"}', /secretAccessKey has another form/],
    ['{"accessKeyId":"k","secretAccessKey":"s","region":"a/b"}', /region has another form/],
    ['{"accessKeyID":"k","secretAccessKey":"s"}', /"accessKeyID" is not known in it/],
  ];
  for (const [text, fault] of cases) {
    assert.throws(
      () => readStoreCredentials(text),
      (error) => {
        assert(error instanceof Error && error.name === 'StoreCredentialsFault');
        assert.match(error.message, fault);
        assert.doesNotMatch(error.message, /hidden/);
        return true;
      },
      text,
    );
  }
});
