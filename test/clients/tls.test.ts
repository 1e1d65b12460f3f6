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
import { objectAt } from '../api-2020-05-31/calling.ts';
import { cliForm } from '../api-2020-05-31/distribution-forms.ts';
import { sdkClient } from '../api-2020-05-31/sdk.ts';
import { browse, needsChromium } from '../harness/chromium.ts';
import { needs, program } from '../harness/programs.ts';
import { greeting, TlsServer } from '../harness/tls-server.ts';
import { until } from '../harness/until.ts';

const run = promisify(execFile);
const runMsMax = 30_000;

/** Resolved by everybody to this machine, as all names below `localhost` are. */
const alias = 'www.shop.localhost';
/** Of a distribution with the policy TLSv1.2_2021. */
const strict = 'strict.shop.localhost';
const unserved = 'nobody.localhost';

suite('TLS with known programs', () => {
  let server: TlsServer;
  let domain: string;

  before(async () => {
    server = await TlsServer.start(['a'], ['--edge-workers', '2']);
    const said = { cnames: [alias] };
    ({ domain } = await server.distribute('programs', said));
    await distributeStrictly(server);
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

    test('T1.23 finds CBC refused by the name whose policy drops it, and there alone', async () => {
      const cbc = ['--tls-max', '1.2', '--ciphers', 'ECDHE-ECDSA-AES128-SHA256'];
      assert.match(await curl(alias, ...cbc), new RegExp(greeting));
      await assert.rejects(curl(strict, ...cbc));
      const gcm = ['--tls-max', '1.2', '--ciphers', 'ECDHE-ECDSA-AES128-GCM-SHA256'];
      assert.match(await curl(strict, ...gcm), new RegExp(greeting));
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
      const cbc = ['-tls1_2', '-cipher', 'ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA384'];
      await assert.rejects(client('-servername', strict, ...cbc), 'T1.23');
      assert.match(
        await client('-servername', alias, ...cbc),
        /Cipher is ECDHE-ECDSA-AES128-SHA256/,
      );
      const old = ['-tls1_1', '-cipher', 'DEFAULT@SECLEVEL=0'];
      await assert.rejects(client('-servername', strict, ...old), 'T1.23');
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

async function distributeStrictly(server: TlsServer): Promise<void> {
  const sdk = sdkClient(server.api);
  const arn = 'arn:aws:acm:us-east-1:000000000000:certificate/a';
  const bucket = { Id: 'www', DomainName: 'pics.s3.amazonaws.com' };
  const created = await sdk.call('CreateDistribution', {
    DistributionConfig: cliForm('strict', {
      Aliases: { Quantity: 1, Items: [strict] },
      DefaultRootObject: 'index.html',
      Origins: {
        Quantity: 1,
        Items: [{ ...bucket, S3OriginConfig: { OriginAccessIdentity: '' } }],
      },
      ViewerCertificate: {
        ACMCertificateArn: arn,
        SSLSupportMethod: 'sni-only',
        MinimumProtocolVersion: 'TLSv1.2_2021',
      },
    }),
  });
  const { Id } = objectAt(created, 'Distribution');
  await until('it is deployed', async () => {
    const found = await sdk.call('GetDistribution', { Id });
    return objectAt(found, 'Distribution')['Status'] === 'Deployed' ? true : undefined;
  });
  sdk.close();
}

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
