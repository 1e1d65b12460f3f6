import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:https';
import { type AddressInfo, isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import { type Clock, instant, systemClock } from '../base/clock.ts';
import { systemRandomness } from '../base/randomness.ts';
import { openAuthority } from './authority.ts';
import { AuthorityFault } from './files.ts';

const run = promisify(execFile);
const ports = { clock: systemClock, randomness: systemRandomness };
const dayMs = 86_400_000;

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'warmfront-authority-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function laterBy(days: number): typeof ports {
  const clock: Clock = { ...systemClock, now: () => instant(systemClock.now() + days * dayMs) };
  return { ...ports, clock };
}

/** The program's path, or undefined after the test was skipped for want of it. */
async function needs(t: TestContext, program: string): Promise<boolean> {
  try {
    await run(program, [program === 'openssl' ? 'version' : '--version']);
    return true;
  } catch {
    assert(process.env['CI'] !== 'true', `${program} is needed and not installed`);
    t.skip(`${program} is not installed`);
    return false;
  }
}

async function served(
  t: TestContext,
  names: readonly string[],
): Promise<{ ca: string; port: number }> {
  const authority = await openAuthority(undefined, ports);
  const { certificate, key } = await authority.certificateFor(names);
  const server = createServer({ cert: certificate, key }, (_, answer) => answer.end('hello'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const address: AddressInfo | string | null = server.address();
  assert(typeof address === 'object' && address !== null);
  return { ca: authority.certificate, port: address.port };
}

function tlsError(port: number, ca: string, name: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const servername = isIP(name) === 0 ? { servername: name } : {};
    const socket = connect({ port, host: '127.0.0.1', ca, ...servername });
    socket.once('secureConnect', () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once('error', (error) => resolve(error.message));
  });
}

test('a client that trusts the authority accepts its servers by name, wildcard and address', async (t) => {
  const { ca, port } = await served(t, ['localhost', '127.0.0.1', '*.cloudfront.localhost']);
  assert.equal(await tlsError(port, ca, 'localhost'), undefined);
  assert.equal(await tlsError(port, ca, 'd123.cloudfront.localhost'), undefined);
  assert.equal(await tlsError(port, ca, '127.0.0.1'), undefined);
  assert.match((await tlsError(port, ca, 'other.test')) ?? '', /other\.test/);
  const stranger = await openAuthority(undefined, ports);
  assert.notEqual(await tlsError(port, stranger.certificate, 'localhost'), undefined);
});

test('the certificates stand before strict verification by OpenSSL', async (t) => {
  if (!(await needs(t, 'openssl'))) return;
  const here = folder(t);
  const authority = await openAuthority(here, ports);
  const { certificate } = await authority.certificateFor(['localhost', '*.cdn.test', '::1']);
  const leaf = join(here, 'leaf.pem');
  writeFileSync(leaf, certificate);
  const ca = join(here, 'ca.pem');
  for (const check of [
    ['-verify_hostname', 'localhost'],
    ['-verify_hostname', 'd1.cdn.test'],
    ['-verify_ip', '::1'],
  ]) {
    const purpose = ['-purpose', 'sslserver'];
    await run('openssl', ['verify', '-x509_strict', ...purpose, ...check, '-CAfile', ca, leaf]);
  }
  const { stdout } = await run('openssl', ['x509', '-in', leaf, '-noout', '-text']);
  assert.match(stdout, /Basic Constraints: critical\s+CA:FALSE/);
  assert.match(stdout, /Key Usage: critical\s+Digital Signature\n/);
  assert.match(stdout, /Extended Key Usage:\s+TLS Web Server Authentication\n/);
  assert.match(stdout, /Subject Key Identifier/);
  assert.match(stdout, /Authority Key Identifier/);
  for (const name of ['DNS:localhost', 'DNS:*.cdn.test', 'IP Address:0:0:0:0:0:0:0:1']) {
    assert(stdout.includes(name), name);
  }
  const own = await run('openssl', ['x509', '-in', ca, '-noout', '-text']);
  assert.match(own.stdout, /Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
  assert.match(own.stdout, /Key Usage: critical\s+Certificate Sign, CRL Sign/);
  assert.match(own.stdout, /ASN1 OID: prime256v1/);
});

test('Python accepts them, with the strict flag that it sets from 3.13 on', async (t) => {
  if (!(await needs(t, 'python3'))) return;
  const here = folder(t);
  const { ca, port } = await served(t, ['localhost', '127.0.0.1']);
  const file = join(here, 'ca.pem');
  writeFileSync(file, ca);
  const script = `
import ssl, sys, urllib.request
context = ssl.create_default_context(cafile=sys.argv[1])
context.verify_flags |= getattr(ssl, 'VERIFY_X509_STRICT', 0)
for host in ('localhost', '127.0.0.1'):
    url = 'https://%s:%s/' % (host, sys.argv[2])
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    print(opener.open(url, timeout=20).read().decode())
`;
  const { stdout } = await run('python3', ['-c', script, file, String(port)]);
  assert.equal(stdout, 'hello\nhello\n');
});

test('what is kept is private, but for the certificate that clients trust', async (t) => {
  const here = join(folder(t), 'data');
  const authority = await openAuthority(here, ports);
  await authority.certificateFor(['localhost']);
  const modeOf = (...path: readonly string[]): number => statSync(join(here, ...path)).mode & 0o777;
  assert.equal(modeOf('ca.pem'), 0o644);
  assert.equal(modeOf('ca-key.pem'), 0o600);
  assert.equal(modeOf('certificates'), 0o700);
  const [file, ...more] = readdirSync(join(here, 'certificates'));
  assert(file !== undefined);
  assert.equal(more.length, 0);
  assert.equal(modeOf('certificates', file), 0o600);
  assert.deepEqual(readdirSync(here).sort(), ['ca-key.pem', 'ca.pem', 'certificates']);
});

test('a second start gives the same certificates, without loading the library that makes them', async (t) => {
  const here = folder(t);
  const names = ['localhost', '*.cloudfront.localhost', '*.localhost', '::1', '127.0.0.1'];
  const first = await openAuthority(here, ports);
  const given = await first.certificateFor(names);
  const script = `
    import { openAuthority } from ${JSON.stringify(new URL('./authority.ts', import.meta.url))};
    import { systemClock as clock } from ${JSON.stringify(new URL('../base/clock.ts', import.meta.url))};
    const randomness = { bytes() { throw new Error('nothing is to be drawn'); } };
    const authority = await openAuthority(process.argv[1], { clock, randomness });
    const { certificate } = await authority.certificateFor(${JSON.stringify(names.toReversed())});
    const loaded = typeof Reflect.getMetadata === 'function';
    process.stdout.write(JSON.stringify({ certificate, loaded, own: authority.certificate }));
  `;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script, here]);
  assert.deepEqual(JSON.parse(stdout), {
    certificate: given.certificate,
    loaded: false,
    own: first.certificate,
  });
});

test('the same names are asked for at the same time, and one certificate is made', async (t) => {
  const authority = await openAuthority(folder(t), ports);
  const [one, two] = await Promise.all([
    authority.certificateFor(['localhost', 'LOCALHOST']),
    authority.certificateFor(['localhost']),
  ]);
  assert.equal(one.certificate, two.certificate);
});

test('a server certificate is renewed in time, and made anew when its file is broken', async (t) => {
  const here = folder(t);
  const names = ['localhost'];
  const first = await (await openAuthority(here, ports)).certificateFor(names);
  const again = await (await openAuthority(here, laterBy(360))).certificateFor(names);
  assert.equal(again.certificate, first.certificate);
  const renewed = await (await openAuthority(here, laterBy(370))).certificateFor(names);
  assert.notEqual(renewed.certificate, first.certificate);

  const [name = ''] = readdirSync(join(here, 'certificates'));
  const file = join(here, 'certificates', name);
  const whole = readFileSync(file, 'utf8');
  for (const text of ['', whole.slice(0, whole.length / 2), whole.replaceAll('A', 'B'), 'x\n']) {
    writeFileSync(file, text);
    const { certificate, key } = await (await openAuthority(here, ports)).certificateFor(names);
    assert(
      new X509Certificate(certificate).verify(
        new X509Certificate(readFileSync(join(here, 'ca.pem'))).publicKey,
      ),
    );
    assert.match(key, /BEGIN PRIVATE KEY/);
    assert.equal(readFileSync(file, 'utf8'), `${certificate}${key}`);
  }
});

test('a running server renews too', async (t) => {
  let days = 0;
  const clock: Clock = { ...systemClock, now: () => instant(systemClock.now() + days * dayMs) };
  const authority = await openAuthority(folder(t), { ...ports, clock });
  const first = await authority.certificateFor(['localhost']);
  days = 380;
  const renewed = await authority.certificateFor(['localhost']);
  assert.notEqual(renewed.certificate, first.certificate);
});

test('the authority is renewed with the same key, so clients that trusted it lose nothing', async (t) => {
  const here = folder(t);
  const first = await openAuthority(here, ports);
  const { certificate } = await first.certificateFor(['localhost']);
  const later = await openAuthority(here, laterBy(3_300));
  assert.notEqual(later.certificate, first.certificate);
  const renewed = new X509Certificate(later.certificate);
  assert.equal(renewed.subject, new X509Certificate(first.certificate).subject);
  assert(new X509Certificate(certificate).verify(renewed.publicKey));
});

test('a first start that was cut short between its two files is taken up again', async (t) => {
  const here = folder(t);
  await openAuthority(here, ports);
  const key = readFileSync(join(here, 'ca-key.pem'), 'utf8');
  rmSync(join(here, 'ca.pem'));
  const authority = await openAuthority(here, ports);
  assert.equal(readFileSync(join(here, 'ca-key.pem'), 'utf8'), key);
  await authority.certificateFor(['localhost']);
});

test('a broken authority is never replaced in silence', async (t) => {
  const other = folder(t);
  await openAuthority(other, ports);
  const cases: readonly [string, (here: string) => void, RegExp][] = [
    ['no key', (here) => rmSync(join(here, 'ca-key.pem')), /ca-key\.pem is missing/],
    [
      'half a key',
      (here) => writeFileSync(join(here, 'ca-key.pem'), '-----BEGIN'),
      /no private key/,
    ],
    [
      'half a certificate',
      (here) => writeFileSync(join(here, 'ca.pem'), '---'),
      /no certificate of/,
    ],
    [
      'the key of another',
      (here) =>
        writeFileSync(join(here, 'ca-key.pem'), readFileSync(join(other, 'ca-key.pem'), 'utf8')),
      /is not the key of/,
    ],
    ['too long', (here) => writeFileSync(join(here, 'ca.pem'), 'x'.repeat(70_000)), /more than/],
  ];
  for (const [title, harm, fault] of cases) {
    const here = folder(t);
    await openAuthority(here, ports);
    harm(here);
    const before = existsSync(join(here, 'ca.pem'))
      ? readFileSync(join(here, 'ca.pem'))
      : undefined;
    await assert.rejects(openAuthority(here, ports), (error) => {
      assert(error instanceof AuthorityFault, title);
      assert.match(error.message, fault);
      assert(error.message.includes(here));
      assert.doesNotMatch(error.message, /PRIVATE/);
      return true;
    });
    if (before !== undefined) assert.deepEqual(readFileSync(join(here, 'ca.pem')), before);
  }
});

test('a folder that cannot be written is an error for the operator', async (t) => {
  if (process.getuid?.() === 0) return t.skip('root may write everywhere');
  const here = folder(t);
  chmodSync(here, 0o500);
  await assert.rejects(openAuthority(here, ports), /cannot be written: the permission is missing/);
});

test('names that no certificate can hold are left out, and one has to remain', async () => {
  const authority = await openAuthority(undefined, ports);
  const names = ['0.0.0.0', '::', 'my host', 'ö', 'my_host', '::FFFF', 'a.'.repeat(130)];
  const { certificate } = await authority.certificateFor(names);
  assert.equal(
    new X509Certificate(certificate).subjectAltName,
    'IP Address:0:0:0:0:0:0:0:FFFF, DNS:my_host',
  );
  assert.throws(() => authority.certificateFor(['0.0.0.0']), RangeError);
});

test('many names at once get their certificates, each once', async (t) => {
  const here = folder(t);
  const authority = await openAuthority(here, ports);
  const names = Array.from({ length: 12 }, (_, index) => `www${index % 6}.example.com`);
  const given = await Promise.all(names.map((name) => authority.certificateFor([name])));
  assert.equal(new Set(given.map(({ certificate }) => certificate)).size, 6);
  for (const [index, { certificate }] of given.entries()) {
    assert.equal(new X509Certificate(certificate).subjectAltName, `DNS:${names[index]}`);
  }
  assert.equal(readdirSync(join(here, 'certificates')).length, 6);
});

test('one that cannot be kept fails by itself, and is tried again when it is asked for again', async (t) => {
  const here = folder(t);
  const authority = await openAuthority(here, ports);
  writeFileSync(join(here, 'certificates'), 'a file where a folder has to be');
  await assert.rejects(authority.certificateFor(['www.example.com']), AuthorityFault);
  rmSync(join(here, 'certificates'));
  await authority.certificateFor(['www.example.com']);
});

test('files of certificates that have ended are removed', async (t) => {
  const here = folder(t);
  const authority = await openAuthority(here, ports);
  await authority.forgetOld();
  await authority.certificateFor(['old.example.com']);
  const [old = ''] = readdirSync(join(here, 'certificates'));
  const then = new Date(systemClock.now() - 398 * dayMs);
  utimesSync(join(here, 'certificates', old), then, then);
  await authority.certificateFor(['new.example.com']);
  await authority.forgetOld();
  const left = readdirSync(join(here, 'certificates'));
  assert.equal(left.length, 1);
  assert.notEqual(left[0], old);
});
