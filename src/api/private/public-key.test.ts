/** Public keys as people send them: each way to send something else is told in its own words. */
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { Refusal } from '../../model/refusal.ts';
import { readPublicKey } from './public-key.ts';

const pair = generateKeyPairSync('rsa', { modulusLength: 1_024 });
const pem = spki(pair.publicKey);

function spki(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

function rsa(modulusLength: number, publicExponent = 65_537): string {
  return spki(generateKeyPairSync('rsa', { modulusLength, publicExponent }).publicKey);
}

function refuses(text: string, message: RegExp): void {
  assert.throws(
    () => readPublicKey(text),
    (error) => {
      assert(error instanceof Refusal && error.code === 'InvalidArgument');
      assert.match(error.message, message);
      return true;
    },
    text.slice(0, 60),
  );
}

suite('a public key', () => {
  test('is read in both forms of PEM, and comes out as one text', () => {
    const pkcs1 = pair.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString();
    assert.match(pkcs1, /BEGIN RSA PUBLIC KEY/);
    for (const text of [pem, pkcs1, ` \n${pem}\n `, pem.replaceAll('\n', '\r\n'), pem.trim()]) {
      assert.equal(readPublicKey(text), pem);
    }
    assert(createPublicKey(pem).equals(pair.publicKey));
  });

  test('has 1024 to 4096 bits', () => {
    for (const bits of [1_024, 2_048, 4_096]) readPublicKey(rsa(bits));
    refuses(rsa(1_016), /it has 1016 bits; 1024 to 4096/);
    // The modulus alone makes the size; making a real key of 8192 bits takes seconds.
    const big = Buffer.alloc(1_024, 255).toString('base64url');
    const large = createPublicKey({ key: { kty: 'RSA', n: big, e: 'AQAB' }, format: 'jwk' });
    refuses(spki(large), /it has 8192 bits/);
  });

  test('has an exponent that makes a signature worth something, and cheap to check', () => {
    readPublicKey(rsa(1_024, 3));
    const { n } = pair.publicKey.export({ format: 'jwk' });
    const withExponent = (bytes: readonly number[]): string => {
      const e = Buffer.from(bytes).toString('base64url');
      return spki(createPublicKey({ key: { kty: 'RSA', n: n ?? '', e }, format: 'jwk' }));
    };
    for (const bytes of [[1], [2], [1, 0, 0], [1, 0, 0, 0, 1]]) {
      refuses(withExponent(bytes), /exponent is not an odd number from 3/);
    }
  });

  test('is RSA', () => {
    refuses(spki(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey), /of the type ec;/);
    refuses(spki(generateKeyPairSync('ed25519').publicKey), /of the type ed25519;/);
    const pss = generateKeyPairSync('rsa-pss', { modulusLength: 1_024 });
    refuses(spki(pss.publicKey), /of the type rsa-pss;/);
  });
});

suite('what is no public key', () => {
  test('a private key is told as one in every form, and no part of it is repeated', () => {
    const { privateKey } = pair;
    const forms = [
      privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
      privateKey
        .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'secret' })
        .toString(),
      generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    ];
    for (const form of [...forms, `${pem}${forms[0] ?? ''}`, forms[0]?.toLowerCase() ?? '']) {
      refuses(form, /it is a private key, .* It was not kept/);
      assert.throws(
        () => readPublicKey(form),
        (error) => !String(error).includes(form.split('\n')[1] ?? 'M'),
      );
    }
  });

  test('a private key under the label of a public one is no key', () => {
    const inside = pair.privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
    refuses(
      `-----BEGIN PUBLIC KEY-----\n${inside}\n-----END PUBLIC KEY-----`,
      /is not a public key/,
    );
  });

  test('a certificate is told as one', () => {
    const label = 'CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';
    refuses(`-----BEGIN ${label}`, /it is a certificate/);
  });

  test('two keys, half a key and other texts are not one key in PEM', () => {
    const lines = pem.trim().split('\n');
    for (const text of [
      '',
      ' ',
      'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ== me@host',
      `${pem}${pem}`,
      lines.slice(1).join('\n'),
      lines.slice(0, -1).join('\n'),
      lines.join(' '),
      `note\n${pem}`,
      pem.replace('PUBLIC KEY', 'PUBLIC-KEY'),
      pem.replace('-----END PUBLIC', '-----END RSA PUBLIC'),
      pem.replace('M', '\u{0}'),
    ]) {
      refuses(text, /not one public key in PEM/);
    }
  });

  test('a key of the right form with damage inside is no key, or another one', () => {
    const body = pem.trim().split('\n').slice(1, -1).join('\n');
    fc.assert(
      fc.property(
        fc.nat(body.length - 1),
        fc.constantFrom('A', 'z', '=', '\n', ''),
        (at, other) => {
          const damaged = `${body.slice(0, at)}${other}${body.slice(at + 1)}`;
          try {
            readPublicKey(`-----BEGIN PUBLIC KEY-----\n${damaged}\n-----END PUBLIC KEY-----`);
          } catch (error) {
            assert(error instanceof Refusal, String(error));
          }
        },
      ),
    );
  });

  test('a text of any size is judged in little time', () => {
    refuses('k'.repeat(8_193), /it has 8193 characters/);
    const started = process.hrtime.bigint();
    refuses(`-----BEGIN PUBLIC KEY-----\n${'A'.repeat(8_000)}\n-----END`, /not one public key/);
    refuses(`-----BEGIN PUBLIC KEY-----\n${'\n'.repeat(8_000)}x`, /not one public key/);
    assert(process.hrtime.bigint() - started < 100_000_000n);
  });
});
