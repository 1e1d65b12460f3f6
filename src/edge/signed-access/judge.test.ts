/** Judging signed requests: what cannot be tried over a loopback of IPv4, and hostile bytes. */
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { instant } from '../../base/clock.ts';
import { customPolicy, encodeSignedPart, signedUrl } from '../../http/signed-url.ts';
import { edgeBounds } from '../bounds.ts';
import { judgeSignedRequest, type SignedRequest, type SignedVerdict } from './judge.ts';
import { SignatureChecks } from './signature-checks.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 1_024 });
const checks = new SignatureChecks(edgeBounds);
const now = instant(1_000_000_000_000);
const expires = 1_000_000_100;

function judge(
  changed: Partial<SignedRequest>,
  publicKey: KeyObject = rsa.publicKey,
): SignedVerdict | Promise<SignedVerdict> {
  const request: SignedRequest = {
    address: '192.0.2.1',
    headers: [],
    hostText: 'h',
    path: '/a',
    query: undefined,
    scheme: 'http',
    ...changed,
  };
  const trust = {
    owner: '000000000000',
    signers: { self: true, accounts: [] },
    findInGroups: () => undefined,
    find: (id: string) => (id === 'K' ? { account: '000000000000', publicKey } : undefined),
  };
  return judgeSignedRequest(request, trust, { checks, now });
}

function queryFor(sourceIp: string | undefined): string {
  const policy = customPolicy({ resource: '*', expires, sourceIp });
  const url = signedUrl('http://h/a', { kind: 'custom', policy }, { keyPairId: 'K', ...rsa });
  return url.slice(url.indexOf('?') + 1);
}

test('T9.04 a viewer of IPv6 satisfies no address but 0.0.0.0/0', async () => {
  const address = '2001:db8::1';
  for (const [sourceIp, kind] of [
    [undefined, 'allowed'],
    ['0.0.0.0/0', 'allowed'],
    ['192.0.2.1', 'refused'],
    ['128.0.0.0/1', 'refused'],
  ] as const) {
    assert.equal((await judge({ address, query: queryFor(sourceIp) })).kind, kind, sourceIp);
    const other = await judge({ address: '192.0.2.1', query: queryFor(sourceIp) });
    assert.equal(other.kind, 'allowed', sourceIp);
  }
});

test('a key that is not RSA signs nothing', async () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const verdict = await judge(
    { query: queryFor(undefined) },
    createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })),
  );
  assert(verdict.kind === 'refused');
  assert.equal(verdict.code, 'InvalidKey');
});

test('what fails without a signature is refused without verifying one', () => {
  const policy = encodeSignedPart(Buffer.from(customPolicy({ resource: '*', expires: 1 })));
  const signature = encodeSignedPart(new Uint8Array(128).fill(7));
  const verdict = judge({ query: `Policy=${policy}&Signature=${signature}&Key-Pair-Id=K` });
  assert(!(verdict instanceof Promise));
  assert.equal(verdict.kind, 'refused');
});

test('no query and no cookie opens anything or brings the judge down', async () => {
  const value = fc.oneof(
    fc.string(),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => encodeSignedPart(bytes)),
    fc.json().map((text) => encodeSignedPart(Buffer.from(text))),
    fc.constantFrom('K', '0', '99999999999', 'SHA256', queryFor(undefined)),
  );
  const name = fc.constantFrom('Expires', 'Policy', 'Signature', 'Key-Pair-Id', 'Hash-Algorithm');
  const parts = fc.array(fc.tuple(name, value), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(parts, fc.boolean(), fc.string(), async (said, asCookies, path) => {
      const one = asCookies ? 'CloudFront-' : '';
      const text = said.map(([key, given]) => `${one}${key}=${given}`).join(asCookies ? '; ' : '&');
      const verdict = await judge(
        asCookies ? { path, headers: ['Cookie', text] } : { path, query: text },
      );
      assert.equal(verdict.kind, 'refused');
    }),
    { numRuns: 1_000 },
  );
});
