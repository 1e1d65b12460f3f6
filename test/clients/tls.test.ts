/**
 * TLS as known programs speak it with the edges of a real server, by a distribution's own name and
 * by an alias, each trusting the local authority as a person would have it do.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { promisify } from 'node:util';
import { browse, needsChromium } from '../harness/chromium.ts';
import { needs, program } from '../harness/programs.ts';
import { greeting, TlsServer } from '../harness/tls-server.ts';

const run = promisify(execFile);
const runMsMax = 30_000;

/** Resolved by everybody to this machine, as all names below `localhost` are. */
const alias = 'www.shop.localhost';
const unserved = 'nobody.localhost';

suite('TLS with known programs', () => {
  let server: TlsServer;
  let domain: string;

  before(async () => {
    server = await TlsServer.start(['a'], ['--edge-workers', '2']);
    const said = { cnames: [alias] };
    ({ domain } = await server.distribute('programs', said));
  });
  after(() => server.stop());

  const curl = (name: string, ...more: readonly string[]) => asksByCurl(server, name, more);
  const client = (...args: readonly string[]) => asksByOpenssl(server, args);

  suite('curl', needs('curl'), () => {
    test('reads the site by both names, over TLS 1.2 and 1.3', async () => {
      for (const name of [domain, alias]) {
        for (const version of ['1.2', '1.3']) {
          const page = await curl(name, `--tlsv${version}`, '--tls-max', version);
          assert.match(page, new RegExp(greeting), `${name} over ${version}`);
        }
      }
    });

    test('does not trust the default certificate for a name that nobody serves', async () => {
      await assert.rejects(curl(unserved), /no alternative certificate subject name matches|SSL/);
      const status = await curl(unserved, '--insecure', '--write-out', '%{http_code}');
      assert.match(status, /403$/);
    });

    test('finds older versions refused', async () => {
      await assert.rejects(curl(domain, '--tls-max', '1.1', '--ciphers', 'DEFAULT@SECLEVEL=0'));
    });
  });

  suite('openssl', needs('openssl'), () => {
    test('verifies each certificate, its name too, by the strict rules', async () => {
      for (const name of [domain, alias]) {
        const strict = ['-x509_strict', '-verify_return_error', '-verify_hostname', name];
        const said = await client('-servername', name, ...strict);
        assert.match(said, /Verification: OK/, name);
        assert.match(said, /Verified peername: /, name);
      }
    });

    test('is shown the default certificate without a name, and by an unknown one', async () => {
      for (const args of [['-noservername'], ['-servername', unserved]]) {
        const said = await client(...args);
        assert.match(said, /subject=CN ?= ?\*\.cloudfront\.localhost/);
        assert.match(said, /Verification: OK/);
      }
    });

    test('takes its session up again at whichever worker it meets', async () => {
      const said = await client('-servername', alias, '-tls1_2', '-reconnect');
      assert.equal(said.match(/^Reused, TLSv1\.2/gm)?.length, 5, said);
    });

    test('gets the cipher that the server prefers, and none that is weak', async () => {
      const ciphers = 'ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256';
      const said = await client('-servername', domain, '-tls1_2', '-cipher', ciphers);
      assert.match(said, /Cipher is ECDHE-ECDSA-AES128-GCM-SHA256/);
      for (const weak of [
        'aNULL@SECLEVEL=0',
        'DHE-RSA-AES256-SHA',
        'ECDHE-ECDSA-CAMELLIA128-SHA256',
      ]) {
        await assert.rejects(client('-servername', domain, '-tls1_2', '-cipher', weak), weak);
      }
    });
  });

  suite('Python', needs('python3'), () => {
    test('reads the site by both names with its strict flag, and refuses the rest', async () => {
      const script = join(server.folder, 'reads.py');
      await writeFile(script, reader);
      const args = [script, server.caFile, String(server.port()), domain, alias, unserved];
      const { stdout } = await run(program('python3'), args, { timeout: runMsMax });
      assert.deepEqual(JSON.parse(stdout), {
        [domain]: ['TLSv1.3', 200],
        [alias]: ['TLSv1.3', 200],
        [unserved]: ['not trusted', 62],
      });
    });
  });

  suite('Chromium', needsChromium(), () => {
    test('opens the site by both names without a warning, where the authority is trusted', async () => {
      for (const name of [domain, alias]) {
        const seen = await browse(`https://${name}:${server.port()}/`, server.authority);
        assert.equal(seen.failure, '', name);
        assert.equal(seen.security, 'secure', name);
        assert.match(seen.text, new RegExp(`${greeting}\\s+https://${name}:`));
        assert.match(seen.issuer, /^Warmfront local authority/);
        assert.equal(seen.protocol, 'TLS 1.3');
        assert.equal(seen.hop, 'http/1.1');
        const kept = process.env['WARMFRONT_SCREENSHOTS'];
        if (kept !== undefined) await writeFile(join(kept, `${name}.png`), seen.screenshot);
      }
    });

    test('warns where it is not', async () => {
      const { failure, security } = await browse(`https://${domain}:${server.port()}/`, undefined);
      assert.equal(failure, 'net::ERR_CERT_AUTHORITY_INVALID');
      assert.equal(security, 'insecure-broken');
    });
  });
});

/** The page, and what `more` has curl write besides. */
async function asksByCurl(
  server: TlsServer,
  name: string,
  more: readonly string[],
): Promise<string> {
  const trusting = ['--silent', '--show-error', '--cacert', server.caFile, '--noproxy', '*'];
  const port = server.port();
  const at = ['--resolve', `${name}:${port}:127.0.0.1`, `https://${name}:${port}/`];
  const args = [...trusting, ...more, ...at];
  const { stdout } = await run(program('curl'), args, { timeout: runMsMax });
  return stdout;
}

/** What `s_client` tells of a handshake. */
async function asksByOpenssl(server: TlsServer, args: readonly string[]): Promise<string> {
  const at = ['-connect', `127.0.0.1:${server.port()}`, '-CAfile', server.caFile];
  const running = run(program('openssl'), ['s_client', ...at, ...args], { timeout: runMsMax });
  running.child.stdin?.end('Q\n');
  const { stderr, stdout } = await running;
  return stdout + stderr;
}

const reader = `
import json, socket, ssl, sys
ca, port, *names = sys.argv[1:]
context = ssl.create_default_context(cafile=ca)
context.verify_flags |= getattr(ssl, 'VERIFY_X509_STRICT', 0)
seen = {}
for name in names:
    try:
        with socket.create_connection(('127.0.0.1', int(port)), timeout=20) as plain:
            with context.wrap_socket(plain, server_hostname=name) as secure:
                request = 'GET / HTTP/1.1\\r\\nHost: %s\\r\\nConnection: close\\r\\n\\r\\n' % name
                secure.sendall(request.encode())
                status = int(secure.recv(4096).split()[1])
                seen[name] = [secure.version(), status]
    except ssl.SSLCertVerificationError as error:
        seen[name] = ['not trusted', error.verify_code]
print(json.dumps(seen))
`;
