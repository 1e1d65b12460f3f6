import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { test } from 'node:test';
import { SignatureV4 } from '@smithy/signature-v4';
import * as fc from 'fast-check';
import { instant } from '../base/clock.ts';
import { headerValue } from './header-list.ts';
import {
  emptyPayloadHash,
  hashPayload,
  objectPath,
  type RequestToSign,
  signV4,
  unsignedPayload,
} from './sigv4.ts';

const keys = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const request: RequestToSign = {
  method: 'GET',
  path: '/test.txt',
  headers: ['Host', 'examplebucket.s3.amazonaws.com'],
  payloadHash: emptyPayloadHash,
  region: 'us-east-1',
  service: 's3',
  keys,
  at: instant(Date.UTC(2013, 4, 24)),
};

function signatureOf(given: RequestToSign): string | undefined {
  const authorization = headerValue(signV4(given), 'authorization');
  return authorization?.slice(authorization.indexOf('Signature=') + 'Signature='.length);
}

test("the examples of S3's own documentation come out as printed there", () => {
  const range = { ...request, headers: [...request.headers, 'Range', 'bytes=0-9'] };
  assert.deepEqual(signV4(range), [
    'X-Amz-Date',
    '20130524T000000Z',
    'X-Amz-Content-Sha256',
    emptyPayloadHash,
    'Authorization',
    'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, ' +
      'SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, ' +
      'Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  ]);
  const put: RequestToSign = {
    ...request,
    method: 'PUT',
    path: '/test$file.text',
    headers: [
      ...request.headers,
      'Date',
      'Fri, 24 May 2013 00:00:00 GMT',
      'x-amz-storage-class',
      'REDUCED_REDUNDANCY',
    ],
    payloadHash: hashPayload(Buffer.from('Welcome to Amazon S3.')),
  };
  const printed = '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd';
  assert.equal(signatureOf(put), printed);
  assert.equal(signatureOf({ ...put, path: '/test%24file.text' }), printed);
  assert.equal(
    signatureOf({ ...request, path: '/', query: 'lifecycle' }),
    'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  );
  assert.equal(
    signatureOf({ ...request, path: '/', query: 'prefix=J&max-keys=2' }),
    '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  );
});

test('the plainest case of the general test suite comes out as published', () => {
  const vanilla: RequestToSign = {
    ...request,
    path: '/',
    headers: ['Host', 'example.amazonaws.com'],
    service: 'service',
    keys: {
      accessKeyId: 'AKIDEXAMPLE',
      secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
    },
    at: instant(Date.UTC(2015, 7, 30, 12, 36)),
  };
  const added = signV4(vanilla);
  assert.equal(headerValue(added, 'x-amz-content-sha256'), undefined);
  assert.match(
    headerValue(added, 'authorization') ?? '',
    /SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31$/,
  );
});

test('a path has one signature however it is spelled, but for its slashes', () => {
  const signature = signatureOf({ ...request, path: '/a-b~%20c' });
  assert.equal(signatureOf({ ...request, path: '/a%2db%7E c' }), signature);
  assert.notEqual(signatureOf({ ...request, path: '//a-b~%20c' }), signature);
  assert.equal(
    signatureOf({ ...request, path: '/100%' }),
    signatureOf({ ...request, path: '/100%25' }),
  );
});

test('the name of an object becomes a path in which nothing has a meaning of its own', () => {
  assert.equal(objectPath('logs/a b+ü?#%/..'), 'logs/a%20b%2B%C3%BC%3F%23%25/..');
});

/** What the SDK's signer hashes with. */
class Sha256 {
  readonly #hash;
  constructor(secret?: unknown) {
    this.#hash =
      typeof secret === 'string' || secret instanceof Uint8Array
        ? createHmac('sha256', secret)
        : createHash('sha256');
  }
  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }
  reset(): void {}
}

/** As SDKs encode: all but letters, digits and `-._~`. */
function encoded(text: string): string {
  return objectPath(text).replaceAll('/', '%2F');
}

test("signatures are those of the SDK's own signer", async () => {
  // The other signer takes the query as an object, in which this one name means something else.
  const name = fc
    .stringMatching(/^[ -~]{0,12}$/)
    .filter((one) => !/^\.*$/.test(one) && one !== '__proto__');
  const given = fc.record({
    method: fc.constantFrom('GET', 'HEAD', 'PUT', 'DELETE'),
    names: fc.array(name, { maxLength: 4 }),
    query: fc.dictionary(name, name, { maxKeys: 4, noNullPrototype: true }),
    metadata: fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/),
    payloadHash: fc.constantFrom(emptyPayloadHash, unsignedPayload),
    region: fc.constantFrom('us-east-1', 'eu-west-3'),
    service: fc.constantFrom('s3', 'mediastore'),
    sessionToken: fc.option(fc.stringMatching(/^[A-Za-z0-9+/=]{1,20}$/), { nil: undefined }),
    at: fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
  });
  await fc.assert(
    fc.asyncProperty(given, async (one) => {
      const path = `/${one.names.map(objectPath).join('/')}`;
      const host = 'store.test:9000';
      const headers = ['Host', host, 'X-Amz-Meta-Note', one.metadata];
      // Other services than S3 do not ask for the hash in a field of its own.
      if (one.service !== 's3') headers.push('X-Amz-Content-Sha256', one.payloadHash);
      const { at, metadata, names: _, query, ...same } = one;
      const own = signV4({
        ...same,
        path,
        query: Object.entries(query)
          .map((pair) => pair.map(encoded).join('='))
          .join('&'),
        headers,
        keys: { ...keys, sessionToken: one.sessionToken },
        at: instant(at.getTime()),
      });
      const { sessionToken } = one;
      const signer = new SignatureV4({
        credentials: { ...keys, ...(sessionToken === undefined ? {} : { sessionToken }) },
        region: one.region,
        service: one.service,
        sha256: Sha256,
        uriEscapePath: one.service !== 's3',
      });
      const signed = await signer.sign(
        {
          method: one.method,
          protocol: 'http:',
          hostname: 'store.test',
          path,
          query,
          headers: { host, 'x-amz-meta-note': metadata, 'x-amz-content-sha256': one.payloadHash },
        },
        { signingDate: at },
      );
      assert.equal(headerValue(own, 'authorization'), signed.headers['authorization']);
    }),
    { numRuns: 200 },
  );
});
