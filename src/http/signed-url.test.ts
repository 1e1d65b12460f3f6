/** Signed URLs: the check vectors of API 2010-11-01, section 4.9, and what must not be accepted. */
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  cannedPolicy,
  customPolicy,
  decodeSignedPart,
  encodeSignedPart,
  policySignatureAlgorithm,
  signedUrl,
} from './signed-url.ts';

const vectorKey = createPublicKey(`-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDAVJ0JHcOQ2sl/JirdJF/iEES0
BzQ7EfZwtf0i8RL2cmHN7XkXJpHPzbqQIpIZfB67Tjo2yI5JyoX5ZgtDft25viki
rVE0BCm63rSzr6K/L+DdWShxLcaZx/gmzj3UdLWC+3DUcrxNdfvcVXCYuYP761zz
2BW6demFIqVAshunSQIDAQAB
-----END PUBLIC KEY-----
`);
const cannedSignature =
  'vwi-Mag12VXaDRRVPVHEvFDmJv30DNM6kEDtrZbyPpq9OPe2vPaqlZUduZ8qKJYI2AtHSTrNwbbCIgWNb8~T4fIV~KHDzvYX-7QD5Xu29g3wOKXMW4Zf9fbemMkZl7Gbtfb8hLWiDAQN3O1abyJABRz6ionnjS922YUdXGxFxS4_';
const customPart =
  'eyJTdGF0ZW1lbnQiOlt7IlJlc291cmNlIjoiaHR0cDovL2QxMTExMTFhYmNkZWY4LmNsb3VkZnJvbnQubmV0L3RyYWluaW5nLyoiLCJDb25kaXRpb24iOnsiSXBBZGRyZXNzIjp7IkFXUzpTb3VyY2VJcCI6IjEyNy4wLjAuMC84In0sIkRhdGVHcmVhdGVyVGhhbiI6eyJBV1M6RXBvY2hUaW1lIjoxMjQxMDczNzkwfSwiRGF0ZUxlc3NUaGFuIjp7IkFXUzpFcG9jaFRpbWUiOjIwMDAwMDAwMDB9fX1dfQ__';
const customSignature =
  'A9jl8Ez-o1v5BcTcsvw5iRGxLyiNUYHPBUkUwNaBzfxO6kNf~5-aN~XYsfKUTMd1U0Me0wRWQWtLYIQMAjuMuqKYNaT9Z-eiblQveWD9pD7wbB~wm0TH9iZEGraegbquom3qnicxHgdiJ-vbxNH5tO4hbIQJY8rDu~IGyOm6vmk_';

function verifies(policy: string, signature: string, key = vectorKey): boolean {
  const bytes = decodeSignedPart(signature);
  assert(bytes !== undefined);
  return verify(policySignatureAlgorithm, Buffer.from(policy), key, bytes);
}

test('the canned policy is the text that was signed in the check vector', () => {
  const policy = cannedPolicy(
    'http://d111111abcdef8.cloudfront.net/images/horizon.jpg?large=yes',
    2_000_000_000,
  );
  assert.equal(
    policy,
    '{"Statement":[{"Resource":"http://d111111abcdef8.cloudfront.net/images/horizon.jpg?large=yes","Condition":{"DateLessThan":{"AWS:EpochTime":2000000000}}}]}',
  );
  assert(verifies(policy, cannedSignature));
});

test('the custom policy is the text that was signed in the check vector', () => {
  const policy = customPolicy({
    resource: 'http://d111111abcdef8.cloudfront.net/training/*',
    sourceIp: '127.0.0.0/8',
    starts: 1_241_073_790,
    expires: 2_000_000_000,
  });
  assert.equal(encodeSignedPart(Buffer.from(policy)), customPart);
  assert(verifies(policy, customSignature));
  assert(!verifies(policy, cannedSignature));
});

test('a condition that is not said is not in the policy', () => {
  assert.equal(
    customPolicy({ resource: '*', expires: 7 }),
    '{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":7}}}]}',
  );
});

test('a URL cannot write on in its policy', () => {
  const url = 'http://x/"}]},"Resource":"*';
  const { Statement } = JSON.parse(cannedPolicy(url, 1));
  assert.deepEqual(Statement, [
    { Resource: url, Condition: { DateLessThan: { 'AWS:EpochTime': 1 } } },
  ]);
});

test('parts of a query are read back as they were written', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const text = encodeSignedPart(bytes);
      assert.match(text, /^[A-Za-z0-9\-~_]*$/);
      const read = decodeSignedPart(text);
      assert(read !== undefined);
      assert.deepEqual([...read], [...bytes]);
    }),
  );
});

test('any other spelling of a part is none', () => {
  const wrong = [
    '+',
    'YQ==',
    'YQ',
    'YQ_',
    'YQ___',
    'YR__',
    'Y_Q_',
    'Y',
    'YWJj\n',
    'YWJj ',
    'é',
    '_',
  ];
  for (const text of wrong) assert.equal(decodeSignedPart(text), undefined, JSON.stringify(text));
  assert.deepEqual(decodeSignedPart('YQ__'), Buffer.from('a'));
});

test('a signed URL carries its access, signature and key pair after its own parameters', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const key = { keyPairId: 'APKAEXAMPLEEXAMPLE00', privateKey };
  const url = 'https://d1.cloudfront.localhost/a.jpg?size=2';
  const canned = new URL(signedUrl(url, { kind: 'canned', expires: 99 }, key));
  assert.deepEqual(
    [...canned.searchParams.keys()],
    ['size', 'Expires', 'Signature', 'Key-Pair-Id'],
  );
  const signature = canned.searchParams.get('Signature') ?? '';
  assert(verifies(cannedPolicy(url, 99), signature, publicKey));

  const policy = customPolicy({ resource: 'https://*/a.jpg*', expires: 99 });
  const plain = 'https://d1.cloudfront.localhost/a.jpg';
  const custom = signedUrl(plain, { kind: 'custom', policy }, key);
  assert(custom.startsWith(`${plain}?Policy=`));
  const { searchParams } = new URL(custom);
  assert.equal(searchParams.get('Policy'), encodeSignedPart(Buffer.from(policy)));
  assert.equal(searchParams.get('Key-Pair-Id'), key.keyPairId);
  assert(verifies(policy, searchParams.get('Signature') ?? '', publicKey));
});
