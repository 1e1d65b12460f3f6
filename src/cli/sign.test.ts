/** sign: what is signed is what is printed, and what could not open anything is said beforehand. */
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { suite, test } from 'node:test';
import { runLine } from '../../test/harness/cli-world.ts';
import { ManualClock } from '../../test/harness/manual-clock.ts';
import { cannedPolicy, decodeSignedPart } from '../http/signed-url.ts';
import { readTime } from './given-time.ts';

const nowhere = 'http://127.0.0.1:1';
const keys = generateKeyPairSync('rsa', { modulusLength: 1_024 });
const pem = keys.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const locked = keys.privateKey.export({
  type: 'pkcs8',
  format: 'pem',
  cipher: 'aes-128-cbc',
  passphrase: 'x',
});
const files = new Map([
  ['k.pem', pem],
  ['ec.pem', ec.export({ type: 'pkcs8', format: 'pem' }).toString()],
  ['locked.pem', locked.toString()],
  [
    'public.pem',
    createPublicKey(keys.privateKey).export({ type: 'spki', format: 'pem' }).toString(),
  ],
]);
const now = Date.UTC(2026, 10, 22, 21, 22, 35, 87);
const given = ['--key-pair-id', 'APKA1', '--private-key', 'k.pem'];

function sign(url: string, ...options: readonly string[]) {
  return runLine(nowhere, ['sign', url, ...options], { files, clock: new ManualClock(now) });
}

/** The parameters of the URL, after its signature was checked over the policy. */
function checked(text: string, policy?: string): URLSearchParams {
  const { searchParams } = new URL(text.trim());
  const part = (name: string): Uint8Array => {
    const bytes = decodeSignedPart(searchParams.get(name) ?? '');
    assert(bytes !== undefined, name);
    return bytes;
  };
  const signed = policy === undefined ? part('Policy') : Buffer.from(policy);
  assert(verify('RSA-SHA1', signed, keys.publicKey, part('Signature')));
  assert.equal(searchParams.get('Key-Pair-Id'), 'APKA1');
  return searchParams;
}

function policyIn(parameters: URLSearchParams) {
  const bytes = decodeSignedPart(parameters.get('Policy') ?? '');
  return JSON.parse(Buffer.from(bytes ?? []).toString()).Statement[0];
}

suite('a signed URL', () => {
  test('has a canned policy where a time is all that is said', async () => {
    const url = 'https://d1.cloudfront.localhost:8443/a.jpg?size=2';
    const { code, err, out } = await sign(url, ...given, '--expires-in', '1h');
    assert.deepEqual([code, err], [0, '']);
    const expires = Math.floor(now / 1_000) + 3_600;
    const parameters = checked(out, cannedPolicy(url, expires));
    assert.equal(parameters.get('Expires'), String(expires));
    assert.equal(parameters.get('size'), '2');
    assert.equal(parameters.has('Policy'), false);
  });

  test('has a custom policy where more is said', async () => {
    const url = 'http://d1.cloudfront.localhost/film.mp4';
    const options = ['--expires', '2027-01-31T12:00:00+01:00', '--starts', '2027-01-31'];
    const { code, out } = await sign(url, ...given, ...options, '--ip', '192.0.2.0/24');
    assert.equal(code, 0);
    const parameters = checked(out);
    assert.equal(parameters.has('Expires'), false);
    assert.deepEqual(policyIn(parameters), {
      Resource: url,
      Condition: {
        IpAddress: { 'AWS:SourceIp': '192.0.2.0/24' },
        DateGreaterThan: { 'AWS:EpochTime': Date.UTC(2027, 0, 31) / 1_000 },
        DateLessThan: { 'AWS:EpochTime': Date.UTC(2027, 0, 31, 11) / 1_000 },
      },
    });
    const wide = ['--expires-in', '1h', '--resource', 'http*://*/film*'];
    const opened = await sign(url, ...given, ...wide);
    assert.equal(opened.err, '');
    assert.equal(policyIn(checked(opened.out)).Resource, 'http*://*/film*');
  });

  test('is signed as a browser asks for it', async () => {
    const { out } = await sign(
      'HTTP://D1.Example:80/a b/../ü?q=ä#part',
      ...given,
      '--expires',
      '99',
    );
    const asked = 'http://d1.example/%C3%BC?q=%C3%A4';
    assert(out.startsWith(`${asked}&Expires=99&`), out);
    checked(out, cannedPolicy(asked, 99));
  });

  test('is told as JSON with its policy', async () => {
    const { out } = await sign('http://h/a', ...given, '--expires', '2000000000', '--json');
    const { url, ...rest } = JSON.parse(out);
    assert.deepEqual(rest, {
      kind: 'canned',
      keyPairId: 'APKA1',
      expires: '2033-05-18T03:33:20.000Z',
      policy: cannedPolicy('http://h/a', 2_000_000_000),
    });
    checked(url, rest.policy);
  });

  test('that opens nothing is made all the same, with a note', async () => {
    const late = await sign('http://h/a', ...given, '--expires', '2020-01-01');
    assert.deepEqual([late.code, late.err], [0, 'Note: this URL has expired already.\n']);
    const other = await sign(
      'http://h/a',
      ...given,
      '--expires-in',
      '1h',
      '--resource',
      'http://x/*',
    );
    assert.equal(other.code, 0);
    assert.match(other.err, /^Note: --resource does not fit this URL/);
  });
});

suite('what cannot be signed', () => {
  test('is wrong usage', async () => {
    const in1h = ['--expires-in', '1h'];
    const cases: readonly [readonly string[], RegExp][] = [
      [[], /URL is missing/],
      [['ftp://h/a', ...given, ...in1h], /no http:\/\/ or https:\/\/ URL/],
      [['/a', ...given, ...in1h], /no http:\/\/ or https:\/\/ URL/],
      [['http://me:secret@h/a', ...given, ...in1h], /user name or a password/],
      [['http://h/a?Expires=1', ...given, ...in1h], /parameter Expires, as if/],
      [['http://h/a?Key-Pair-Id=', ...given, ...in1h], /parameter Key-Pair-Id, as if/],
      [['http://h/a', '--private-key', 'k.pem', ...in1h], /--key-pair-id ID is missing/],
      [['http://h/a', '--key-pair-id', 'APKA1', ...in1h], /--private-key FILE is missing/],
      [
        ['http://h/a', '--key-pair-id', 'a&b', '--private-key', 'k', ...in1h],
        /no id of a key pair/,
      ],
      [['http://h/a', ...given], /--expires TIME or --expires-in DURATION is missing/],
      [['http://h/a', ...given, ...in1h, '--expires', '99'], /give one/],
      [['http://h/a', ...given, '--expires-in', 'soon'], /no duration/],
      [['http://h/a', ...given, '--expires', 'tomorrow'], /--expires: "tomorrow" is no time/],
      [['http://h/a', ...given, ...in1h, '--starts', '2099-01-01'], /not before the time/],
      [['http://h/a', ...given, ...in1h, '--ip', '::1'], /no IPv4 address or range/],
      [['http://h/a', ...given, ...in1h, '--ip', '10.0.0.0/33'], /no IPv4 address or range/],
      [['http://h/a', ...given, ...in1h, '--resource', '/a*'], /no pattern of URLs/],
      [
        ['http://h/a', ...given, ...in1h, '--resource', `http://h/${'a'.repeat(5_000)}`],
        /at most 4096/,
      ],
    ];
    for (const [argv, fault] of cases) {
      const { code, err, out } = await sign(argv[0] ?? '--json', ...argv.slice(1));
      assert.equal(code, 2, argv.join(' '));
      assert.match(err, fault);
      assert.equal(out, '');
    }
  });

  test('fails where the private key is none', async () => {
    const cases: readonly [string, RegExp][] = [
      ['none.pem', /none\.pem cannot be read: no such file/],
      ['public.pem', /public\.pem holds no private key in PEM/],
      ['ec.pem', /ec\.pem holds a key of the type ec; RSA alone/],
      ['locked.pem', /locked\.pem holds a private key under a passphrase/],
    ];
    for (const [path, fault] of cases) {
      const options = ['--key-pair-id', 'APKA1', '--private-key', path, '--expires-in', '1h'];
      const { code, err, out } = await sign('http://h/a', ...options);
      assert.equal(code, 1, path);
      assert.match(err, fault);
      assert.equal(out, '');
      assert.doesNotMatch(err, /-----/);
    }
  });
});

test('times are seconds, or dates with their zone', () => {
  const cases: readonly [string, number][] = [
    ['0', 0],
    ['2000000000', 2_000_000_000],
    ['1970-01-02', 86_400],
    ['2027-01-31T12:00Z', Date.UTC(2027, 0, 31, 12) / 1_000],
    ['2027-01-31T12:00:01.999Z', Date.UTC(2027, 0, 31, 12, 0, 1) / 1_000],
    ['2027-01-31T12:00:00-05:00', Date.UTC(2027, 0, 31, 17) / 1_000],
  ];
  for (const [text, seconds] of cases) assert.equal(readTime('expires', text), seconds, text);
  const wrong = ['', '-1', '1e9', '2027-01-31T12:00:00', '2027-13-01', '2027-01-31 12:00Z'];
  for (const text of [...wrong, '1969-12-31', '123456789012', 'Sun, 22 Nov 2026 21:22:35 GMT']) {
    assert.throws(() => readTime('starts', text), /--starts: .* is no time/, text);
  }
});
