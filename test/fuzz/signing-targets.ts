/** What signers and signed requests send: parameters, policies, patterns, headers that authorize. */
import assert from 'node:assert/strict';
import { createKeyring, defaultCredential } from '../../src/api/credentials.ts';
import { readAuthorization } from '../../src/api/signature/authorization-header.ts';
import { checkHeadV4 } from '../../src/api/signature/check-signature-v4.ts';
import type { DistinctHeaders } from '../../src/api/signature/check-signature.ts';
import { policyBytesMax, readPolicy } from '../../src/http/policy.ts';
import { resourceFits, wildcardFits } from '../../src/http/resource-pattern.ts';
import { cannedPolicy, decodeSignedPart, encodeSignedPart } from '../../src/http/signed-url.ts';
import {
  asSignedPart,
  readSignedCookies,
  readSignedQuery,
} from '../../src/http/signing-parameters.ts';
import { hashPayload, objectPath, signV4 } from '../../src/http/sigv4.ts';
import { Refusal } from '../../src/model/refusal.ts';
import { instant } from '../../src/base/clock.ts';
import type { SeededRandomness } from '../harness/seeded-randomness.ts';
import { fitsSlowly } from './slow-wildcards.ts';
import { bytesOf, type Target, unlessRefused } from './target.ts';

const policies = [
  '{"Statement":[{"Resource":"http://d/a*","Condition":{"DateLessThan":{"AWS:EpochTime":1}}}]}',
  '{"Statement":{"Condition":{"IpAddress":{"AWS:SourceIp":"192.0.2.0/24"},"DateGreaterThan":{"AWS:EpochTime":1},"DateLessThan":{"AWS:EpochTime":2}}}}',
  '{"Statement":[{"Resource":"*\\?a=b","Condition":{"DateLessThan":{"AWS:EpochTime":9223372036854775807}}}]}',
];
const ofJson = [
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '"',
  '\\',
  '\\?',
  '\\u0000',
  'null',
  '1e999',
  '"__proto__":{}',
  '\xc3\xbc',
  '\xff',
  '"Statement":',
  '-0',
  '1.5',
];

function patternHolds(given: string, random: SeededRandomness): void {
  const at = given.indexOf('\n');
  const pattern = at < 0 ? given : given.slice(0, at);
  const text = at < 0 ? given : given.slice(at + 1);
  const fits = wildcardFits(pattern, text);
  // No byte is the mark for a `?` that is no wildcard, so none is in here.
  if (pattern.length * text.length < 20_000) assert.equal(fits, fitsSlowly(pattern, text));
  assert(wildcardFits('*', text) && wildcardFits(text.replaceAll(/[*?]/g, '?'), text));
  const url = {
    scheme: 'http',
    host: 'd.example.com',
    path: `/${text}`,
    query: random.chance(0.5) ? text : undefined,
  };
  resourceFits(pattern, url);
  resourceFits(`http://d.example.com/${pattern}`, url);
}

const keyring = createKeyring([defaultCredential]);
const [, , , authorizationV4 = ''] = signV4({
  method: 'GET',
  path: '/a',
  headers: ['Host', 'h'],
  payloadHash: hashPayload(bytesOf('')),
  at: instant(0),
  region: 'us-east-1',
  service: 'cloudfront',
  keys: defaultCredential,
});
const derInHex = `3045022100${'ab'.repeat(32)}0220${'12'.repeat(32)}`;

/** A line for each field, the first one for the way in. */
function versionFourHolds(text: string): void {
  const [path = '', ...lines] = text.split('\n').slice(0, 100);
  const headers: Record<string, string[]> = {};
  for (const line of lines) {
    const [name = '', ...rest] = line.split(':');
    (headers[name.toLowerCase()] ??= []).push(rest.join(':'));
  }
  const distinct: DistinctHeaders = headers;
  const head = { method: 'GET', path, query: path.slice(2), headers: distinct };
  const signed = unlessRefused([Refusal], () =>
    checkHeadV4(head, keyring, 'cloudfront', instant(0)),
  );
  if (signed === undefined) return;
  assert.equal(signed.credential, defaultCredential);
  const isTaken = unlessRefused([Refusal], () => {
    signed.checkBody(bytesOf(''));
    return true;
  });
  // Whoever has no key changes nothing that was signed.
  if (isTaken === true) {
    assert(headers['authorization']?.[0]?.trim().endsWith(authorizationV4.slice(-64)));
    assert.equal(path.split('/').join(''), 'a');
    assert.equal(headers['host']?.join(',').trim(), 'h');
  }
}

export const signingTargets: readonly Target[] = [
  {
    name: 'policies',
    seeds: policies,
    tokens: ofJson,
    holds(text) {
      const bytes = bytesOf(text);
      const policy = readPolicy(bytes);
      if (policy === undefined) return;
      assert(bytes.length <= policyBytesMax && Number.isInteger(policy.endsBefore));
      assert(policy.startsAfter === undefined || Number.isInteger(policy.startsAfter));
      if (policy.resource === undefined || policy.viewers !== undefined) return;
      // A policy of these facts, written anew, says the same.
      if (policy.startsAfter !== undefined || !Number.isSafeInteger(policy.endsBefore)) return;
      const resource = Buffer.from(policy.resource, 'latin1').toString('utf8');
      const again = readPolicy(Buffer.from(cannedPolicy(resource, policy.endsBefore)));
      assert(again === undefined || again.resource === policy.resource);
    },
  },
  {
    name: 'patterns of resources',
    seeds: ['a*b?c\naxxbyc', '*\nanything', 'http://*/a/*\nhttp://d/a/b', 'a***b\nab', '?*\n'],
    tokens: ['*', '?', '\\?', '\n', 'a', 'ab', '/', '/../', '%2f', '://', '\xff'],
    holds: patternHolds,
    // A pattern that was made to take long ends after a million steps.
    msMax: 80,
  },
  {
    name: 'parameters of signed URLs',
    seeds: [
      'a=1&Expires=1&Signature=abc_&Key-Pair-Id=K',
      'Policy=x%3D&Signature=y&b',
      'Hash-Algorithm=SHA256',
    ],
    tokens: [
      '&',
      '=',
      '%',
      '%3D',
      '%ff',
      'Expires=',
      'Policy=',
      'Signature=',
      'Key-Pair-Id=',
      '+',
      '/',
      '_',
      '~',
    ],
    holds(text) {
      const { given, rest } = readSignedQuery(text);
      if (rest !== undefined) assert.deepEqual(readSignedQuery(rest), { given: undefined, rest });
      if (given === undefined)
        assert(!/(?:^|&)(?:Expires|Policy|Signature|Key-Pair-Id)(?:=|&|$)/.test(text));
      readSignedCookies(['Cookie', text.replaceAll('&', '; CloudFront-')]);
    },
  },
  {
    name: 'signed parts',
    seeds: ['abcd', 'ab__', 'a-~_', 'YWJj'],
    tokens: ['_', '-', '~', '+', '/', '=', 'A', ' '],
    holds(text) {
      assert.deepEqual(decodeSignedPart(encodeSignedPart(bytesOf(text))), bytesOf(text));
      const spelt = asSignedPart(text);
      assert.equal(asSignedPart(spelt), spelt);
      const decoded = decodeSignedPart(text);
      if (decoded !== undefined) assert.equal(encodeSignedPart(decoded), text);
    },
  },
  {
    name: 'headers that authorize',
    seeds: ['AWS key:c2lnbmF0dXJl', 'AWS  a:b', 'AWS4-HMAC-SHA256 Credential=a/b'],
    tokens: ['AWS', ' ', ':', '=', ',', '\t', '\xff'],
    holds(text) {
      const read = unlessRefused([Refusal], () => readAuthorization([text]));
      if (read === undefined) return;
      const { accessKeyId, signature } = read;
      assert.deepEqual(readAuthorization([`AWS ${accessKeyId}:${signature}`]), read);
    },
  },
  {
    name: 'signatures of Version 4',
    seeds: [
      `/a\nhost:h\nx-amz-date:19700101T000000Z\nauthorization:${authorizationV4}`,
      `/a\nhost:h\nx-amz-date:19700101T000000Z\nauthorization:AWS4-ECDSA-P256-SHA256 Credential=${defaultCredential.accessKeyId}/19700101/cloudfront/aws4_request, SignedHeaders=host;x-amz-date, Signature=${derInHex}`,
    ],
    tokens: [
      '\n',
      ':',
      ';',
      ',',
      '=',
      '/',
      ' ',
      'host:',
      'x-amz-date:19700101T000100Z\n',
      'x-amz-content-sha256:UNSIGNED-PAYLOAD\n',
      'x-amz-a:b\n',
      'SignedHeaders=',
      'Signature=',
      '..',
      '%2e',
      '0',
      '\xff',
    ],
    holds: versionFourHolds,
  },
  {
    name: 'requests that are signed',
    seeds: ['a/b c.txt\nx=1&y', 'a//../b%20\n', 'ü\n&&='],
    tokens: ['/', '%', '%2F', '&', '=', '+', ' ', '\n', '..', '\xff', '~', '*'],
    holds(text) {
      const [name = '', query = ''] = text.split('\n');
      const path = objectPath(name);
      assert.match(path, /^[A-Za-z0-9\-._~/%]*$/);
      assert.equal(decodeURIComponent(path), name);
      const sign = () =>
        signV4({
          method: 'GET',
          path: `/${path}`,
          query: query.replaceAll(/[^!-~]/g, ''),
          headers: ['Host', 'b.s3.amazonaws.com', 'X-A', text.replaceAll(/[^ -~]/g, '')],
          payloadHash: hashPayload(bytesOf(text)),
          at: instant(0),
          region: 'us-east-1',
          service: 's3',
          keys: { accessKeyId: 'A', secretAccessKey: 'B' },
        });
      assert.deepEqual(sign(), sign());
    },
  },
];
