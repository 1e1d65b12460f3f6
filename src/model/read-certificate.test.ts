import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { test } from 'node:test';
import {
  daysFromNow,
  makeCertificate,
  makeChain,
  type Wanted,
} from '../../test/harness/test-certificates.ts';
import { instant } from '../base/clock.ts';
import {
  certificateBytesMax,
  certificateKeyBytesMax,
  readCertificate,
} from './read-certificate.ts';
import { Refusal, type RefusalCode } from './refusal.ts';

const now = instant(Date.now());
const names = ['www.example.com'];

function refuses(
  given: { readonly certificate: string; readonly key: string },
  code: RefusalCode,
  message: RegExp,
): void {
  assert.throws(
    () => readCertificate(given, now),
    (error) => {
      assert(error instanceof Refusal);
      assert.equal(error.code, code);
      assert.match(error.message, message);
      // The second line of PEM is a secret already.
      for (const line of given.key.split('\n')) {
        assert(line.length < 16 || line.startsWith('-----') || !error.message.includes(line));
      }
      return true;
    },
  );
}

test('a certificate with its chain is read: names, dates, kind of key, fingerprint', async () => {
  const { chain, leaf } = await makeChain({
    names: ['WWW.Example.com', '*.example.com', 'www.example.com'],
    addresses: ['192.0.2.1'],
    notBefore: daysFromNow(-3),
    notAfter: daysFromNow(30),
  });
  const { facts, key } = readCertificate({ certificate: chain, key: leaf.key }, now);
  assert.deepEqual(facts.names, ['www.example.com', '*.example.com']);
  assert.equal(facts.chain, chain);
  assert.equal(facts.keyKind, 'ec');
  assert.match(facts.fingerprint, /^[0-9a-f]{64}$/);
  assert.equal(key, leaf.key);
  // The chain is valid where all of it is: its authority began yesterday, the leaf ends first.
  assert(Math.abs(facts.notBefore - daysFromNow(-1).getTime()) < 60_000);
  assert(Math.abs(facts.notAfter - daysFromNow(30).getTime()) < 60_000);
});

test('each kind of key that is taken: P-256, P-384, RSA from 2048 bits, in any PEM form', async () => {
  const kinds: readonly (readonly [NonNullable<Wanted['key']>, 'ec' | 'rsa'])[] = [
    ['P-256', 'ec'],
    ['P-384', 'ec'],
    [{ rsaBits: 2_048 }, 'rsa'],
  ];
  for (const [kind, said] of kinds) {
    const made = await makeCertificate({ names, key: kind });
    assert.equal(readCertificate(made, now).facts.keyKind, said);
    const old = createPrivateKey(made.key).export({
      type: said === 'ec' ? 'sec1' : 'pkcs1',
      format: 'pem',
    });
    const parameters =
      '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';
    const { key } = readCertificate(
      { certificate: made.certificate, key: (said === 'ec' ? parameters : '') + String(old) },
      now,
    );
    assert.equal(key, made.key);
  }
});

test('text around blocks and line ends of Windows are passed over', async () => {
  const made = await makeCertificate({ names });
  const certificate = `subject=CN = www\n\n${made.certificate}trailing\n`.replaceAll('\n', '\r\n');
  const { facts } = readCertificate({ certificate, key: made.key.replaceAll('\n', '\r\n') }, now);
  assert.equal(facts.chain, made.certificate);
});

test('a key of another certificate is refused', async () => {
  const one = await makeCertificate({ names });
  const other = await makeCertificate({ names });
  const rsa = await makeCertificate({ names, key: { rsaBits: 2_048 } });
  refuses({ certificate: one.certificate, key: other.key }, 'CertificateKeyMismatch', /differ/);
  refuses({ certificate: one.certificate, key: rsa.key }, 'CertificateKeyMismatch', /differ/);
});

test('keys of other kinds and sizes are refused, and told what is taken', async () => {
  const taken = /RSA of 2048 to 4096 bits, and ECDSA on P-256 or P-384/;
  for (const key of ['P-521', 'ed25519', { rsaBits: 1_024 }] as const) {
    const made = await makeCertificate({ names, key });
    refuses(made, 'InvalidCertificateKey', taken);
  }
});

test('a key that is protected, broken, missing or doubled is refused', async () => {
  const made = await makeCertificate({ names });
  const { certificate } = made;
  const locked = createPrivateKey(made.key).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'x',
  });
  const lockedOld = createPrivateKey(made.key).export({
    type: 'sec1',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'x',
  });
  const code = 'InvalidCertificateKey';
  refuses({ certificate, key: String(locked) }, code, /passphrase/);
  refuses({ certificate, key: String(lockedOld) }, code, /passphrase/);
  refuses({ certificate, key: '' }, code, /no block of PRIVATE KEY/);
  refuses({ certificate, key: certificate }, code, /no block of PRIVATE KEY/);
  refuses({ certificate, key: made.key + made.key }, code, /more than one/);
  refuses({ certificate, key: made.key.replace(/-----END[^]*/, '') }, code, /no end/);
  const broken = made.key.replace(/\n[^\n]{20}/, '\nAAAAAAAAAAAAAAAAAAAA');
  refuses({ certificate, key: broken }, code, /cannot be read/);
  const long = `${made.key}${'x'.repeat(certificateKeyBytesMax)}`;
  refuses({ certificate, key: long }, code, /at most 16384/);
});

test('a certificate that is no certificate is refused', async () => {
  const made = await makeCertificate({ names });
  const { key } = made;
  const code = 'InvalidCertificate';
  refuses({ certificate: '', key }, code, /no block of CERTIFICATE/);
  refuses({ certificate: 'hello', key }, code, /no block of CERTIFICATE/);
  refuses({ certificate: made.certificate + key, key }, code, /The key is given by itself/);
  const cut = made.certificate.split('\n').slice(0, 4).join('\n');
  refuses({ certificate: cut, key }, code, /no end/);
  const other = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
  refuses({ certificate: other, key }, code, /block 1 of it is no X\.509/);
  refuses({ certificate: made.certificate + other, key }, code, /block 2 of it is no X\.509/);
  const long = `${made.certificate}${' '.repeat(certificateBytesMax)}`;
  refuses({ certificate: long, key }, code, /at most 32768/);
  const many = made.certificate.repeat(11);
  refuses({ certificate: many, key }, code, /11 certificates; at most 10/);
});

test('a chain out of order, or with a gap, is refused', async () => {
  const { intermediate, leaf, root } = await makeChain({ names });
  const all = leaf.certificate + intermediate.certificate + root.certificate;
  assert.equal(readCertificate({ certificate: all, key: leaf.key }, now).facts.chain, all);
  const { key } = leaf;
  const code = 'InvalidCertificate';
  refuses(
    { certificate: intermediate.certificate + leaf.certificate, key },
    code,
    /begins with an authority's/,
  );
  refuses(
    { certificate: leaf.certificate + root.certificate, key },
    code,
    /certificate 2 did not issue certificate 1/,
  );
  refuses(
    { certificate: leaf.certificate + intermediate.certificate + leaf.certificate, key },
    code,
    /certificate 3 did not issue certificate 2/,
  );
  // The right name, but another key: it did not sign.
  const namesake = await makeCertificate({ commonName: 'Test intermediate', isAuthority: true });
  refuses({ certificate: leaf.certificate + namesake.certificate, key }, code, /did not issue/);
});

test('one that has expired, anywhere in the chain, or is not valid yet is refused', async () => {
  const past = { notBefore: daysFromNow(-9), notAfter: daysFromNow(-2) };
  refuses(await makeCertificate({ names, ...past }), 'InvalidCertificate', /it has expired, on 2/);
  const future = { notBefore: daysFromNow(2), notAfter: daysFromNow(9) };
  refuses(await makeCertificate({ names, ...future }), 'InvalidCertificate', /not valid before 2/);
  const issuer = await makeCertificate({ commonName: 'Old', isAuthority: true, ...past });
  const leaf = await makeCertificate({ names, issuer });
  const certificate = leaf.certificate + issuer.certificate;
  refuses(
    { certificate, key: leaf.key },
    'InvalidCertificate',
    /certificate 2 of its chain has expired/,
  );
});

test('one without a DNS name among its alternative names is refused', async () => {
  const code = 'InvalidCertificate';
  refuses(await makeCertificate({ commonName: 'www.example.com' }), code, /names no host/);
  refuses(await makeCertificate({ addresses: ['192.0.2.1'] }), code, /names no host/);
  refuses(await makeCertificate({ names: ['*', 'a.*.example.com'] }), code, /names no host/);
  const many = Array.from({ length: 101 }, (_, index) => `n${index}.example.com`);
  refuses(await makeCertificate({ names: many }), code, /101 hosts; at most 100/);
});

test('a name that hides another one in its text does not claim it', async () => {
  const made = await makeCertificate({ names: ['a, DNS:evil.example.com, DNS:b', ...names] });
  assert.deepEqual(readCertificate(made, now).facts.names, names);
});

test("an authority's certificate, and one that is not for servers, are refused", async () => {
  const root = await makeCertificate({ commonName: 'Root', isAuthority: true });
  const below = await makeCertificate({ names, isAuthority: true, issuer: root });
  refuses(below, 'InvalidCertificate', /an authority's, and no server's/);
  const clientOnly = await makeCertificate({ names, uses: ['1.3.6.1.5.5.7.3.2'] });
  refuses(clientOnly, 'InvalidCertificate', /serverAuth/);
  // What `openssl req -x509` makes calls itself an authority.
  const selfSigned = await makeCertificate({ names, isAuthority: true });
  assert.deepEqual(readCertificate(selfSigned, now).facts.names, names);
});

test('a signature with a hash that viewers refuse is refused here', async () => {
  const issuer = await makeCertificate({ commonName: 'Weak', isAuthority: true });
  const weak = await makeCertificate({ names, issuer, hash: 'SHA-1' });
  refuses(weak, 'InvalidCertificate', /too weak: .*SHA1/);
});

test('hostile text is read in a time that grows with its length', () => {
  const begins = '-----BEGIN CERTIFICATE-----\n'.repeat(1_100);
  refuses({ certificate: begins, key: '' }, 'InvalidCertificate', /no end/);
  const dashes = '-'.repeat(certificateBytesMax);
  refuses({ certificate: dashes, key: '' }, 'InvalidCertificate', /no block/);
});
