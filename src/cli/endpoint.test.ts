import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEndpoint } from './endpoint.ts';
import { UsageFault } from './failure.ts';

const files: Readonly<Record<string, string>> = {
  'ca.pem': '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n',
  'empty.pem': '',
};

function read(environment: Readonly<Record<string, string>>) {
  return readEndpoint({
    environment,
    async readText(path) {
      const text = files[path];
      if (text === undefined) throw new Error('no such file');
      return text;
    },
  });
}

test('without anything set, the default key asks the default address', async () => {
  const endpoint = await read({ WARMFRONT_ENDPOINT: '', AWS_SESSION_TOKEN: 'of no key' });
  assert.equal(endpoint.url.origin, 'http://127.0.0.1:4400');
  assert.equal(endpoint.accessKeyId, 'warmfront');
  assert.equal(endpoint.secretAccessKey, 'warmfront-secret');
  assert.equal(endpoint.sessionToken, undefined);
  assert.equal(endpoint.authorities, undefined);
});

test('address, key and trust come from the environment', async () => {
  const endpoint = await read({
    WARMFRONT_ENDPOINT: 'https://[::1]:4443/',
    AWS_ACCESS_KEY_ID: 'AKID',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_SESSION_TOKEN: 'token',
    WARMFRONT_CA: 'ca.pem',
  });
  assert.equal(endpoint.url.origin, 'https://[::1]:4443');
  assert.equal(endpoint.accessKeyId, 'AKID');
  assert.equal(endpoint.sessionToken, 'token');
  assert.match(endpoint.authorities ?? '', /BEGIN CERTIFICATE/);
});

test('what is wrong with a variable is said by its name', async () => {
  const cases: readonly [Readonly<Record<string, string>>, RegExp][] = [
    [{ WARMFRONT_ENDPOINT: '127.0.0.1:4400' }, /WARMFRONT_ENDPOINT: .* is no http/],
    [{ WARMFRONT_ENDPOINT: 'ftp://host' }, /is no http/],
    [{ WARMFRONT_ENDPOINT: 'http://host/2010-11-01' }, /http:\/\/host is enough/],
    [{ WARMFRONT_ENDPOINT: 'http://me:pass@host' }, /is enough/],
    [{ AWS_ACCESS_KEY_ID: 'AKID' }, /AWS_SECRET_ACCESS_KEY is not set/],
    [{ AWS_SECRET_ACCESS_KEY: 'secret' }, /AWS_ACCESS_KEY_ID is not set/],
    [{ AWS_ACCESS_KEY_ID: 'A\r\nX: y', AWS_SECRET_ACCESS_KEY: 's' }, /AWS_ACCESS_KEY_ID holds/],
    [{ WARMFRONT_CA: 'none.pem' }, /WARMFRONT_CA: none\.pem cannot be read/],
    [{ WARMFRONT_CA: 'empty.pem' }, /holds no certificate/],
  ];
  for (const [environment, fault] of cases) {
    await assert.rejects(read(environment), (error) => {
      assert(error instanceof UsageFault);
      assert.match(error.message, fault);
      assert.doesNotMatch(error.message, /pass|secret\b/);
      return true;
    });
  }
});
