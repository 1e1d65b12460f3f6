/** What a process is, and how an edge machine reaches the API. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { makeCertificate } from '../../test/harness/test-certificates.ts';
import { readSettings } from '../config.ts';

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'warmfront-join-'));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

function read(argv: readonly string[]) {
  const outcome = readSettings(argv, {});
  assert(outcome.kind === 'settings', JSON.stringify(outcome));
  return outcome.settings;
}

function wrong(argv: readonly string[]): string {
  const outcome = readSettings(argv, {});
  assert.equal(outcome.kind, 'wrong', argv.join(' '));
  return outcome.kind === 'wrong' ? outcome.message : '';
}

test('an edge machine has one edge, a token and URLs, and listens for health alone', async (t) => {
  const here = folder(t);
  const token = join(here, 'token');
  const ca = join(here, 'ca.pem');
  const { certificate } = await makeCertificate({ isAuthority: true });
  writeFileSync(token, 'x');
  writeFileSync(ca, certificate);
  const urls = ['https://a.example:4443', 'https://b.example:4443'];
  const given = [
    ['--role', 'edge'],
    ['--token-file', token],
    ['--join-ca', ca],
    ['--detached', 'drain'],
    ...urls.map((url) => ['--join', url]),
  ].flat();
  const settings = read([...given, '--edge', 'paris1=0.0.0.0:80', '--api', '0.0.0.0:4400']);
  assert.equal(settings.role, 'edge');
  assert.deepEqual(settings.join, {
    urls,
    by: { kind: 'token', file: token },
    authorities: certificate,
  });
  assert.equal(settings.detached, 'drain');
  assert.equal(settings.apiTls, undefined);
  assert.match(wrong(given), /--edge .*has one/);
  assert.match(
    wrong([...given, '--edge', 'a=127.0.0.1:1', '--edge', 'b=127.0.0.1:2']),
    /--edge .*has one/,
  );
  const whole = [...given, '--edge', 'paris1=127.0.0.1:0'];
  for (const [name, value] of [
    ['api-tls', '127.0.0.1:0'],
    ['public-endpoint', 'https://a.example'],
    ['credentials', token],
    ['limit', 'aliases=1'],
    ['legacy-minimum-ttl', '1s'],
  ] as const) {
    assert.match(wrong([...whole, `--${name}`, value]), /no API/, name);
  }
  assert.match(wrong([...whole, '--join', urls[0] ?? '']), /given twice/);
  const shielded = [...whole, '--origin-shield', 'eu-west-3=paris1,http://10.0.0.1'];
  assert.match(wrong(shielded), /needs --origin-shield-key/);
});

test('what an edge machine needs is asked for', (t) => {
  const token = join(folder(t), 'token');
  writeFileSync(token, 'x');
  const edge = ['--role', 'edge', '--edge', 'paris1=127.0.0.1:0'];
  assert.match(wrong(edge), /--join .*needs 1 to 16/);
  assert.match(wrong([...edge, '--join', 'https://a.example']), /--token-file .*needs a token/);
  const joined = [...edge, '--token-file', token, '--join'];
  assert.match(wrong([...joined, 'http://a.example']), /in the open/);
  assert.match(wrong([...joined, 'https://a.example/path']), /more than scheme/);
  assert.deepEqual(read([...joined, 'http://127.0.0.1:4400']).join?.urls, [
    'http://127.0.0.1:4400',
  ]);
});

test('an edge machine joins by a token or by a certificate and its key', (t) => {
  const here = folder(t);
  const [token, cert, key] = ['token', 'cert', 'key'].map((name) => join(here, name));
  assert(token && cert && key);
  for (const file of [token, cert, key]) writeFileSync(file, 'x');
  const edge = ['--role', 'edge', '--edge', 'paris1=127.0.0.1:0', '--join', 'https://a.example'];
  const both = ['--join-cert', cert, '--join-key', key];
  assert.deepEqual(read([...edge, ...both]).join?.by, {
    kind: 'certificate',
    file: cert,
    keyFile: key,
  });
  assert.match(wrong([...edge, ...both, '--token-file', token]), /not by both/);
  assert.match(wrong([...edge, '--join-cert', cert]), /--join-cert .*needs --join-key/);
  assert.match(wrong([...edge, '--join-key', key]), /--join-key .*no --join-cert/);
  const open = [...edge, ...both, '--join', 'http://127.0.0.1:4400'];
  assert.match(wrong(open), /over TLS alone, and http:\/\/127/);
  assert.match(wrong(['--join-cert', cert]), /for --role edge alone/);
});

test('a control machine has no edges, and neither it nor a whole one joins', () => {
  assert.deepEqual(read(['--role', 'api']).edges, []);
  assert.match(wrong(['--role', 'api', '--edge', 'a=127.0.0.1:1']), /no edges here/);
  assert.match(wrong(['--join', 'https://a.example']), /for --role edge alone/);
  assert.match(wrong(['--detached', 'drain']), /for --role edge alone/);
  assert.match(wrong(['--role', 'edges']), /did you mean edge/);
});
