/** Verified signatures are remembered, bounded, and for the key they were made with. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import { encodeSignedPart, signPolicy } from '../../http/signed-url.ts';
import { SignatureChecks, type SignatureBounds, type SignatureClaim } from './signature-checks.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1_024 });

const bounds: SignatureBounds = {
  signaturesAtOnceMax: 2,
  signaturesWaitingMax: 100,
  goodSignaturesMax: 10,
  badSignaturesMax: 3,
};

function claim(policy: string, changed: Partial<SignatureClaim> = {}): SignatureClaim {
  const signature = encodeSignedPart(signPolicy(policy, privateKey));
  return { keyPairId: 'K', publicKey, algorithm: 'SHA1', policy, signature, ...changed };
}

function another(): KeyObject {
  return generateKeyPairSync('rsa', { modulusLength: 1_024 }).publicKey;
}

/** The answer, and whether it was known at once. */
async function asked(checks: SignatureChecks, one: SignatureClaim): Promise<[string, boolean]> {
  const verdict = checks.check(one);
  return [await verdict, !(verdict instanceof Promise)];
}

async function verdictOf(checks: SignatureChecks, policy: string): Promise<string> {
  return await checks.check(claim(policy));
}

test('a signature is verified once, and known from then on', async () => {
  const checks = new SignatureChecks(bounds);
  assert.deepEqual(await asked(checks, claim('a')), ['good', false]);
  assert.deepEqual(await asked(checks, claim('a')), ['good', true]);
  const bad = claim('b', { signature: claim('a').signature });
  assert.deepEqual(await asked(checks, bad), ['bad', false]);
  assert.deepEqual(await asked(checks, bad), ['bad', true]);
});

test('what is known counts for the same key, id, algorithm, text and signature only', async () => {
  const checks = new SignatureChecks(bounds);
  assert.equal(await checks.check(claim('a')), 'good');
  const others: readonly [SignatureClaim, string][] = [
    [claim('a', { publicKey: another() }), 'bad'],
    [claim('a', { algorithm: 'SHA256' }), 'bad'],
    [claim('a', { policy: 'a ' }), 'bad'],
    [claim('a', { keyPairId: 'L' }), 'good'],
  ];
  for (const [one, verdict] of others) {
    assert.deepEqual(await asked(checks, one), [verdict, false]);
  }
});

test('a signature of another length than its key is bad without being looked at', () => {
  const checks = new SignatureChecks({
    ...bounds,
    signaturesAtOnceMax: 0,
    signaturesWaitingMax: 0,
  });
  for (const signature of ['', 'YQ__', encodeSignedPart(new Uint8Array(127)), '!'.repeat(172)]) {
    assert.equal(checks.check(claim('a', { signature })), 'bad');
  }
  assert.equal(
    checks.check(claim('a', { signature: encodeSignedPart(new Uint8Array(128)) })),
    'busy',
  );
});

test('equal signatures that come at one time are verified once', async () => {
  const checks = new SignatureChecks(bounds);
  const first = checks.check(claim('a'));
  assert(first instanceof Promise);
  assert.equal(checks.check(claim('a')), first);
  assert.notEqual(checks.check(claim('a', { publicKey: another() })), first);
  assert.equal(await first, 'good');
});

test('those that find no room wait their turn, and past the bound are turned away', async () => {
  const checks = new SignatureChecks({
    ...bounds,
    signaturesAtOnceMax: 1,
    signaturesWaitingMax: 2,
  });
  const verdicts = ['a', 'b', 'c', 'd', 'e'].map((policy) => verdictOf(checks, policy));
  assert.deepEqual(await Promise.all(verdicts), ['good', 'good', 'good', 'busy', 'busy']);
  assert.deepEqual(await asked(checks, claim('d')), ['good', false]);
  const again = ['f', 'g', 'h'].map((policy) => verdictOf(checks, policy));
  assert.deepEqual(await Promise.all(again), ['good', 'good', 'good']);
});

test('so many are remembered, and bad ones never push out good ones', async () => {
  const checks = new SignatureChecks(bounds);
  for (let index = 0; index < bounds.goodSignaturesMax; index += 1) {
    assert.equal(await checks.check(claim(`good ${index}`)), 'good');
  }
  const bad = (index: number): SignatureClaim =>
    claim(`bad ${index}`, { signature: encodeSignedPart(new Uint8Array(128).fill(index + 1)) });
  for (let index = 0; index < 50; index += 1) assert.equal(await checks.check(bad(index)), 'bad');
  for (let index = 0; index < bounds.goodSignaturesMax; index += 1) {
    assert.deepEqual(await asked(checks, claim(`good ${index}`)), ['good', true]);
  }
  assert.deepEqual(await asked(checks, bad(49)), ['bad', true]);
  assert.deepEqual(await asked(checks, bad(46)), ['bad', false]);
  assert.equal(await checks.check(claim('one more')), 'good');
  assert.deepEqual(await asked(checks, claim('good 0')), ['good', false]);
});
