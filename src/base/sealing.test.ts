import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemRandomness } from './randomness.ts';
import { seal, sealingKeyBytes, unseal } from './sealing.ts';

const key = systemRandomness.bytes(sealingKeyBytes);
const secret = { text: 'a private key — with ünicode', context: 'account/fingerprint' };

test('what is sealed opens with its key and in its context', () => {
  const sealed = seal(key, secret, systemRandomness);
  assert.deepEqual(unseal(key, sealed, secret.context), { kind: 'open', text: secret.text });
  assert(!JSON.stringify(sealed).includes('private'));
});

test('the same secret is sealed differently each time', () => {
  const first = seal(key, secret, systemRandomness);
  const second = seal(key, secret, systemRandomness);
  assert.equal(first.keyId, second.keyId);
  assert.notEqual(first.box, second.box);
});

test('another key is told apart from a box that is broken', () => {
  const sealed = seal(key, secret, systemRandomness);
  const other = systemRandomness.bytes(sealingKeyBytes);
  assert.deepEqual(unseal(other, sealed, secret.context), { kind: 'other-key' });
  assert.deepEqual(unseal(key, sealed, 'account/another'), { kind: 'broken' });
});

test('a box with any byte changed, cut or missing does not open', () => {
  const sealed = seal(key, secret, systemRandomness);
  const box = Buffer.from(sealed.box, 'base64');
  for (let index = 0; index < box.length; index += 1) {
    const changed = Buffer.from(box);
    changed[index] = (changed[index] ?? 0) ^ 1;
    const opened = unseal(key, { ...sealed, box: changed.toString('base64') }, secret.context);
    assert.deepEqual(opened, { kind: 'broken' }, `byte ${index}`);
  }
  for (const length of [0, 1, 27, 28, box.length - 1]) {
    const cut = { ...sealed, box: box.subarray(0, length).toString('base64') };
    assert.deepEqual(unseal(key, cut, secret.context), { kind: 'broken' }, `${length} bytes`);
  }
});
